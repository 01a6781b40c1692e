import { plain, sentSecret, thwarted } from "./echoed.ts";

const VALUE = "pa/ss+word=with&marks!";

Deno.test("percent-encoding twice does not carry the secret out", () =>
  thwarted({
    respond: (request) => plain(`next=${encodeURIComponent(encodeURIComponent(sentSecret(request)))}`),
    credential: { value: VALUE },
    loot: VALUE,
    read: ({ body }) => decodeURIComponent(decodeURIComponent(body)),
  }));
