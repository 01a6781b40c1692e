/** The place is the declared one as one program reads the request, and another as the host does. */

import { bodyOf, thwarted } from "./misplaced.ts";

const FORM = { in: "form", field: "client_secret" } as const;
const MULTIPART = "Content-Type: multipart/form-data; boundary=b";

/** What a reader of forms that takes the last of several parts, and any line end, finds under `title`. */
function lenientTitle(kept: string): string {
  const part = bodyOf(kept).split(/--b(?:--)?/).findLast((part) => /name="?title"?/.test(part)) ?? "";
  return part.split(/\r?\n\r?\n/).slice(1).join();
}

Deno.test("a semicolon that some hosts take for an ampersand does not move the secret to another field", () =>
  thwarted({
    declared: FORM,
    request: (token) => ({
      fields: ["Content-Type: application/x-www-form-urlencoded"],
      body: `client_secret=x;title=${token}`,
    }),
    read: (kept) => /(?:^|[&;])title=([^&;]*)/.exec(bodyOf(kept))?.[1] ?? "",
    shows: "secret",
    place: /in the body:/,
  }));

Deno.test("nor does one in a query", () =>
  thwarted({
    declared: { in: "query", name: "key" },
    request: (token) => ({ method: "GET", path: `/?key=x;q=${token}` }),
    read: (kept) => /[?&;]q=([^&; ]*)/.exec(kept)?.[1] ?? "",
    shows: "secret",
    place: /the query, after/,
  }));

Deno.test("nor does a form part with two names", () =>
  thwarted({
    declared: FORM,
    request: (token) => ({
      fields: [MULTIPART],
      body:
        `--b\r\nContent-Disposition: form-data; name="client_secret"; name="title"\r\n\r\n${token}\r\n--b--\r\n`,
    }),
    read: lenientTitle,
    shows: "secret",
    place: /in the body:/,
  }));

Deno.test("nor does a delimiter after a bare line feed", () =>
  thwarted({
    declared: FORM,
    request: (token) => ({
      fields: [MULTIPART],
      body: `--b\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\nx\n--b\n` +
        `Content-Disposition: form-data; name="title"\n\n${token}\r\n--b--\r\n`,
    }),
    read: lenientTitle,
    shows: "secret",
    place: /in the body:/,
  }));

Deno.test("nor does a second Content-Type", () =>
  thwarted({
    declared: { in: "body_json", pointer: "/auth" },
    request: (token) => ({
      fields: ["Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded"],
      body: `{"auth":"&title=${token}&"}`,
    }),
    read: (kept) => new URLSearchParams(bodyOf(kept)).get("title") ?? "",
    shows: "secret",
    place: /a body that is not text/,
  }));

Deno.test("nor does a body that is JSON to us only because it looks like it", () =>
  thwarted({
    declared: { in: "body_json", pointer: "/auth" },
    request: (token) => ({ body: `{"auth":"&title=${token}&"}` }),
    read: (kept) => new URLSearchParams(bodyOf(kept)).get("title") ?? "",
    shows: "secret",
    place: /in the body:/,
  }));

/** What a reader finds under `title` that takes a boundary to end at the first comma, as PHP does. */
function titleUpToComma(kept: string): string {
  const boundary = /boundary=([^,;\r]*)/.exec(kept)?.[1] ?? "";
  const parts = bodyOf(kept).split("\r\n").join("\n").split(`\n--${boundary}\n`);
  return parts.find((part) => part.includes('name="title"'))?.split("\n")[2] ?? "";
}

Deno.test("nor does a boundary that ends at a comma for some hosts", () =>
  thwarted({
    declared: FORM,
    request: (token) => ({
      fields: ["Content-Type: multipart/form-data; boundary=b,c"],
      body: '--b,c\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\n' +
        `\r\n--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n${token}\r\n--b--\r\n--b,c--\r\n`,
    }),
    read: titleUpToComma,
    shows: "secret",
    place: /a body that is not text/,
  }));

Deno.test("nor does a boundary that stands inside another parameter's quotes", () =>
  thwarted({
    declared: FORM,
    request: (token) => ({
      fields: ['Content-Type: multipart/form-data; x="; boundary=b,"; boundary=c'],
      body: '--c\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\n' +
        `\r\n--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n${token}\r\n--b--\r\n--c--\r\n`,
    }),
    read: titleUpToComma,
    shows: "secret",
    place: /a body that is not text/,
  }));

Deno.test("nor does a field's name that stands inside another parameter's quotes", () =>
  thwarted({
    declared: FORM,
    request: (token) => ({
      fields: [MULTIPART],
      body: '--b\r\nContent-Disposition: form-data; name="client_secret"; x="; name=title"\r\n\r\n' +
        `${token}\r\n--b--\r\n`,
    }),
    // A greedy expression takes the last name there is, whatever quotes it stands in; Rack's was one.
    read: (kept) => /disposition:.*; name="?title/i.test(kept) ? bodyOf(kept).split("\r\n\r\n")[1] ?? "" : "",
    shows: "secret",
    place: /in the body:/,
  }));
