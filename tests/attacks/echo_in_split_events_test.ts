import { chunked, sentSecret, thwarted } from "./echoed.ts";

Deno.test("an event that is sent in two pieces, cut within the secret, does not bring it through", () =>
  thwarted({
    respond: (request) => {
      const secret = sentSecret(request);
      return chunked(
        [`event: a\ndata: {"k":"${secret.slice(0, 7)}`, `${secret.slice(7)}"}\n\n`, "data: end\n\n"],
        "Content-Type: text/event-stream",
      );
    },
  }));
