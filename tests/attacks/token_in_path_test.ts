import { thwarted } from "./misplaced.ts";

Deno.test("a token in a path, which hosts keep in logs and file names, is refused", () =>
  thwarted({
    request: (token) => ({ method: "PUT", path: `/pages/${token}`, body: "x" }),
    shows: "secret",
    place: /the path/,
  }));

Deno.test("a token in the place of a method is refused", () =>
  thwarted({
    request: (token) => ({ method: token }),
    shows: "secret",
    place: /the method/,
  }));
