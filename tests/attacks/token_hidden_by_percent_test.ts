import { thwarted } from "./misplaced.ts";

Deno.test("a token in percent-encoding is seen in a query", () =>
  thwarted({
    request: (token) => ({ method: "GET", path: `/search?q=${token.replace("w", "%77")}` }),
    read: decodeURIComponent,
    shows: "token",
    place: /the query, hidden by percent-encoding/,
  }));

Deno.test("a token in percent-encoding is seen in a path, also under another", () =>
  thwarted({
    request: (token) => ({ method: "GET", path: `/pages/${token.replaceAll("_", "%255f")}` }),
    read: (kept) => decodeURIComponent(decodeURIComponent(kept)),
    shows: "token",
    place: /the path, hidden by percent-encoding/,
  }));

Deno.test("a token in percent-encoding is seen in a form", () =>
  thwarted({
    request: (token) => ({
      fields: ["Content-Type: application/x-www-form-urlencoded"],
      body: `comment=${token.replace("k", "%6B")}`,
    }),
    read: decodeURIComponent,
    shows: "token",
    place: /the body, hidden by percent-encoding/,
  }));
