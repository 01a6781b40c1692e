import { plain, sentSecret, thwarted } from "./echoed.ts";

for (const before of ["", "x", "xy"]) {
  Deno.test(`Base64 inside JSON does not carry the secret out, after ${before.length} other bytes`, () =>
    thwarted({
      respond: (request) => plain(JSON.stringify({ data: btoa(`${before}${sentSecret(request)} and more`) })),
      read: ({ body }) => atob(JSON.parse(body).data),
    }));
}
