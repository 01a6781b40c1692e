/**
 * A secret is longer or shorter than its token. A proxy that leaves `Content-Length` as it was cuts the body off, or lets the
 * rest of it be read as the next request: one of the attacker's making, with the owner's rights.
 */

import assert from "node:assert/strict";
import { parse, send, withProxy } from "../proxy/harness.ts";
import { field, naiveProxy } from "./naive_proxy.ts";

for (const value of ["short", "a-secret-that-is-much-longer-than-any-token-".repeat(4)]) {
  Deno.test(`the length is that of what is sent, with a secret of ${value.length} bytes`, () =>
    withProxy(async ({ keyring, port, upstream }) => {
      const host = `127.0.0.1:${upstream.port}`;
      const { token } = keyring.add({
        type: "api_key",
        place: { in: "form", field: "key" },
        hosts: host,
        value,
      });
      const body = `key=${token}&after=this`;
      const whole = `key=${value}&after=this`;
      const request = (target: string, at: string) =>
        `POST ${target} HTTP/1.1\r\nHost: ${at}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
        `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;

      let passed = "";
      const naive = naiveProxy({
        target: (text) => {
          passed = text.replace(token, value);
          return "HTTP/1.1 204 No Content\r\n\r\n";
        },
      });
      await send(naive.port, request("/", host));
      await naive.close();
      assert.notEqual(
        Number(field(passed, "content-length")),
        whole.length,
        "a naive proxy's length is wrong",
      );

      const answer = parse(await send(port, request(`/to/http/${host}/`, `127.0.0.1:${port}`)));
      assert.equal(answer.status, 200, answer.body);
      const [sent = ""] = upstream.received;
      assert.equal(Number(field(sent, "content-length")), whole.length);
      assert.ok(sent.endsWith(`\r\n\r\n${whole}`), sent);
      assert.equal(upstream.received.length, 1, "no second request came of it");
    }));
}
