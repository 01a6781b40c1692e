import { plain, sentSecret, thwarted } from "./echoed.ts";

Deno.test("a host that prints the request it got does not print the secret", () =>
  thwarted({ respond: (request) => plain(`{"headers":{"authorization":"Bearer ${sentSecret(request)}"}}`) }));
