import { plain, sentSecret, thwarted } from "./echoed.ts";

Deno.test("an error page that quotes the request, escaped for HTML, does not quote the secret", () =>
  thwarted({
    respond: (request) =>
      plain(`<pre>401 for ${sentSecret(request).replaceAll("&", "&amp;").replaceAll('"', "&quot;")}</pre>`)
        .replace("200 OK", "401 Unauthorized"),
    credential: { value: 'a"quoted"&-secret-value' },
    loot: 'a"quoted"&-secret-value',
    read: ({ body }) => body.replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
  }));
