import { bodyOf, thwarted } from "./misplaced.ts";

Deno.test("a token in JSON escapes is seen", () =>
  thwarted({
    request: (token) => ({
      fields: ["Content-Type: application/json"],
      body: `{"body":"${token.replace("w", "\\u0077").replace("k", "\\u006B")}"}`,
    }),
    read: (kept) => JSON.parse(bodyOf(kept)).body,
    shows: "token",
    place: /the body, hidden by JSON escapes/,
  }));

Deno.test("a token in JSON inside of JSON is seen", () =>
  thwarted({
    request: (token) => ({
      fields: ["Content-Type: application/json"],
      body: JSON.stringify({ body: `{"x":"${token.replace("_", "\\u005f")}"}` }),
    }),
    read: (kept) => JSON.parse(JSON.parse(bodyOf(kept)).body).x,
    shows: "token",
    place: /the body, hidden by JSON escapes/,
  }));
