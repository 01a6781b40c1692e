import { plain, sentSecret, thwarted } from "./echoed.ts";

Deno.test("a secret that comes back in a response header is not there", () =>
  thwarted({
    respond: (request) => plain("", `X-Debug-Auth: Bearer ${sentSecret(request)}`),
    read: ({ field }) => field("x-debug-auth") ?? "",
  }));
