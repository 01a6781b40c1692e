import type { Scene } from "../proxy/scrub/support.ts";
import { plain, thwarted } from "./echoed.ts";

const pair = (request: string) => /^authorization: basic (.*)$/im.exec(request)?.[1] ?? "";
const credential = { type: "basic_auth" as const, value: "svc-user:corr3ct-h0rse-batt3ry" };
const basic = {
  credential,
  loot: "corr3ct-h0rse-batt3ry",
  act: ({ ask, token }: Scene) => ask({ withToken: false, fields: [`Authorization: Basic ${token}`] }),
};

Deno.test("a Basic password that comes back decoded is not there", () =>
  thwarted({
    ...basic,
    respond: (request) => plain(JSON.stringify({ password: atob(pair(request)).split(":")[1] })),
  }));

Deno.test("a Basic pair that comes back as it was sent is not there", () =>
  thwarted({
    ...basic,
    respond: (request) => plain(`you sent ${pair(request)}`),
    read: ({ body }) => {
      try {
        return atob(body.slice("you sent ".length));
      } catch {
        return body;
      }
    },
  }));
