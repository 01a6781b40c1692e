import { thwarted } from "./misplaced.ts";

Deno.test("a token in a query parameter that is no credential is refused", () =>
  thwarted({
    request: (token) => ({ method: "GET", path: `/search?page=1&q=${token}` }),
    shows: "secret",
    place: /the query parameter q/,
  }));

Deno.test("a token in the name of a parameter is refused", () =>
  thwarted({
    request: (token) => ({ method: "GET", path: `/search?${token}=1` }),
    shows: "secret",
    place: /a query parameter's name/,
  }));
