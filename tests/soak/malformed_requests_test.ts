/**
 * Random and mutated bytes instead of requests: each costs only itself.
 */

import assert from "node:assert/strict";
import { Api, Home, isAlive } from "../e2e/harness.ts";
import { exchange, filesBack, openFiles, repeat, resident, serves, stressed } from "./support.ts";

const REQUESTS = Number(Deno.env.get("WISPKEY_SOAK_MALFORMED") ?? 1_500);
const SEED = Number(Deno.env.get("WISPKEY_FUZZ_SEED") ?? 20_260);
/** Growth from the first third of the requests on, MiB: the collector's slack, and none of theirs. */
const SLACK = 64;

/** A small generator that a failing run can be repeated with (mulberry32). */
function randomness(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PARTS = [
  "GET ",
  "POST ",
  "CONNECT ",
  "/to/http/127.0.0.1:1/",
  "http://[::1",
  "*",
  " HTTP/1.1\r\n",
  " HTTP/9.9\r\n",
  "\r\n",
  "\n",
  "\r",
  "\0",
  "Host: 127.0.0.1\r\n",
  "Host:\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: -1\r\n",
  "Transfer-Encoding: chunked\r\n",
  "transfer-encoding:\tchunked , chunked\r\n",
  "Expect: 100-continue\r\n",
  "Upgrade: h2c\r\nConnection: upgrade\r\n",
  " folded\r\n",
  "X-Target-Url: http://127.0.0.1:1/\r\n",
  "Authorization: Bearer wk_x_0123456789abcdef\r\n",
  "0\r\n\r\n",
  "ffffffffffffffff\r\n",
  "5\r\nhello\r\n",
  "\xff\xfe\x80",
  "A".repeat(9_000),
  ": ".repeat(50),
];

/** Bytes that are seldom a request. */
function malformed(random: () => number, good: string): string {
  const pick = () => PARTS[Math.floor(random() * PARTS.length)] ?? "";
  const byte = () => String.fromCharCode(Math.floor(random() * 256));
  switch (Math.floor(random() * 3)) {
    case 0:
      return Array.from({ length: Math.floor(random() * 300) }, byte).join("");
    case 1:
      return Array.from({ length: 1 + Math.floor(random() * 12) }, pick).join("");
    default: {
      let text = good;
      for (let i = Math.floor(random() * 6); i >= 0; i--) {
        const at = Math.floor(random() * text.length);
        const cut = Math.floor(random() * 4);
        text = text.slice(0, at) + (random() < 0.5 ? byte() : pick()) + text.slice(at + cut);
      }
      return text;
    }
  }
}

Deno.test({
  name: "malformed requests in thousands neither end the daemon nor make it grow (Linux only)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using home = await Home.withVault();
    await using api = new Api();
    const daemon = await stressed(home, api.host);
    const { pid, port, head } = daemon;
    await serves(daemon);
    const files = openFiles(pid);
    let memory = 0;
    const random = randomness(SEED);

    await repeat(REQUESTS, 16, async (index) => {
      if (index === Math.floor(REQUESTS / 3)) memory = resident(pid);
      const bytes = malformed(random, head);
      const answer = await exchange(port, bytes, 30);
      assert.match(answer, /^(?:HTTP\/1\.1 [1-5]\d\d |$)/, JSON.stringify(bytes));
      assert.doesNotMatch(answer, /^HTTP\/1\.1 500 /, `a defect, seed ${SEED}: ${JSON.stringify(bytes)}`);
    });

    assert.ok(isAlive(pid), `the daemon has ended, seed ${SEED}`);
    await serves(daemon);
    await filesBack(pid, files + 32);
    const growth = resident(pid) - memory;
    assert.ok(growth < SLACK, `${growth} MiB more after two thirds of ${REQUESTS} malformed requests`);
  },
});
