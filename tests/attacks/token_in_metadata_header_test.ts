import { thwarted } from "./misplaced.ts";

Deno.test("a token in a header that the host keeps as metadata is refused", () =>
  thwarted({
    request: (token) => ({
      method: "PUT",
      path: "/bucket/object",
      fields: [`X-Amz-Meta-Note: ${token}`],
      body: "x",
    }),
    shows: "secret",
    place: /the header x-amz-meta-note/,
  }));

Deno.test("so is one in a header that ends up in every log", () =>
  thwarted({
    request: (token) => ({ method: "GET", fields: [`User-Agent: tool/1 (${token})`] }),
    shows: "secret",
    place: /the header user-agent/,
  }));

Deno.test("and one in the name of a header, in whatever case", () =>
  thwarted({
    request: (token) => ({ method: "GET", fields: [`X-${token.toUpperCase()}: 1`] }),
    read: (kept) => kept.toLowerCase(),
    shows: "token",
    place: /a header name/,
  }));
