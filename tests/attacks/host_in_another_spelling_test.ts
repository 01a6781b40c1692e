/**
 * One host in many spellings: a rule that compares text lets the forbidden one through under another name, and a look-alike
 * through as the allowed one.
 */

import assert from "node:assert/strict";
import { matchesHost, parseHostList } from "../../src/core/host_pattern.ts";
import { parseTarget } from "../../src/core/target.ts";
import { parse, recordingServer, send, withProxy } from "../proxy/harness.ts";
import { naiveProxy } from "./naive_proxy.ts";

const SECRET = "sk-live-the-real-value-0042";

Deno.test("a forbidden host in another spelling is the same host", () =>
  withProxy(async ({ keyring, port }) => {
    const forbidden = recordingServer();
    const { token } = keyring.add({ hosts: "localhost:9", value: SECRET });
    const naive = naiveProxy({
      target: (request) => {
        const { 1: url = "" } = request.split(" ");
        const host = /^http:\/\/([^/:]+)/.exec(url)?.[1];
        return host === "127.0.0.1" ? null : { port: forbidden.port };
      },
      rewrite: (request) => request.replace(token, SECRET),
    });
    try {
      const spellings = ["127.1", "0x7f.1", "2130706433", "127.0.0.1.", "0177.0.0.1", "１２７.0.0.1"];
      for (const host of spellings) {
        const bytes = Array.from(new TextEncoder().encode(host), (byte) => String.fromCharCode(byte)).join(
          "",
        );
        const request =
          `GET http://${bytes}:${forbidden.port}/ HTTP/1.1\r\nHost: ${bytes}:${forbidden.port}\r\n` +
          `Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;
        forbidden.received.length = 0;
        await send(naive.port, request);
        assert.ok(forbidden.received.join().includes(SECRET), `naive, ${host}`);
        forbidden.received.length = 0;
        const { status } = parse(await send(port, request));
        assert.ok([400, 403].includes(status), `${status} for ${host}`);
        assert.deepEqual(forbidden.received, [], host);
      }
    } finally {
      await naive.close();
      await forbidden.close();
    }
  }));

Deno.test("letter case and a trailing dot make no other host, look-alikes do", () => {
  const [pattern] = parseHostList("api.openai.com");
  assert.ok(pattern !== undefined);
  const naive = (host: string) => host.endsWith("openai.com");
  for (const same of ["API.OpenAI.com", "api.openai.com.", "api.openai.com:443"]) {
    assert.ok(matchesHost(pattern, parseTarget(`https://${same}/`)), same);
  }
  const others = [
    "evilopenai.com",
    "api.openai.com.evil.test",
    "api.openai.com:8443",
    "xn--pi-6kc.openai.com",
  ];
  assert.ok(naive("evilopenai.com") && naive("аpi.openai.com"), "a comparison of ends takes look-alikes");
  for (const other of others) assert.ok(!matchesHost(pattern, parseTarget(`https://${other}/`)), other);
  for (const unicode of ["аpi.openai.com", "ａpi.openai.com", "api。openai.com"]) {
    assert.throws(() => parseTarget(`https://${unicode}/`), /ASCII/, unicode);
  }
  assert.ok(!matchesHost(pattern, parseTarget("http://api.openai.com/")), "nor does the key go in clear");
});
