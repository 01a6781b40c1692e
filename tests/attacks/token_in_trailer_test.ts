import { thwarted } from "./misplaced.ts";

Deno.test("a token in a trailer is refused before the host is spoken to", () =>
  thwarted({
    request: (token) => ({ body: "hello", trailers: [`X-Checksum: ${token}`] }),
    shows: "secret",
    place: /a trailer/,
  }));
