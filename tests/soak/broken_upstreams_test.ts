/**
 * Upstreams that end in the middle of a body, again and again: clients are told, and nothing stays open.
 */

import assert from "node:assert/strict";
import { Api, Home } from "../e2e/harness.ts";
import { exchange, filesBack, openFiles, repeat, resident, stressed } from "./support.ts";

const ROUNDS = Number(Deno.env.get("WISPKEY_SOAK_BROKEN") ?? 120);
/** Growth that is warming up, MiB. */
const WARM_UP = 96;

const utf8 = (text: string) => new TextEncoder().encode(text);

/** How an upstream breaks: the beginning it still sends, and whether it resets the connection or ends it. */
const BREAKS: readonly { text: string; resets: boolean }[] = [
  { text: `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${"x".repeat(40_000)}`, resets: false },
  { text: `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${"x".repeat(40_000)}`, resets: true },
  { text: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, resets: false },
  { text: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\nhello`, resets: true },
  { text: "HTTP/1.1 200 OK\r\nContent-Le", resets: false },
  { text: "", resets: false },
];

/** Answers each connection with one of the breaks, in turn. */
function breakingServer(): { host: string; close: () => Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let next = 0;
  const serving = (async () => {
    for await (const connection of listener) {
      const { text, resets } = BREAKS[next++ % BREAKS.length] ?? { text: "", resets: false };
      void (async () => {
        // Closing with unread bytes resets a connection.
        if (!resets) await connection.read(new Uint8Array(4096));
        await connection.write(utf8(text));
        if (!resets) await connection.closeWrite();
      })().catch(() => {
        // The proxy went first, which is as good.
      }).finally(() => connection.close());
    }
  })();
  return {
    host: `127.0.0.1:${listener.addr.port}`,
    close: async () => {
      listener.close();
      await serving.catch(() => {});
    },
  };
}

/** Whether an answer claims to be a whole success. */
function looksWhole(answer: string): boolean {
  if (!answer.startsWith("HTTP/1.1 200 ")) return false;
  const [head = "", body = ""] = answer.split("\r\n\r\n", 2);
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  return length === undefined ? answer.endsWith("0\r\n\r\n") : body.length >= Number(length);
}

Deno.test({
  name: "upstreams that end in the middle of their answers leave no socket and no memory behind (Linux only)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const upstream = breakingServer();
    await using home = await Home.withVault();
    await using api = new Api();
    try {
      const daemon = await stressed(home, upstream.host);
      const { pid, port, head } = daemon;
      const free = head.replace(/^Authorization: .*\r\n/m, "").replace(upstream.host, api.host);
      assert.match(await exchange(port, free), /^HTTP\/1\.1 200 /);
      const files = openFiles(pid);
      const memory = resident(pid);
      await repeat(ROUNDS, 8, async () => {
        const answer = await exchange(port, head);
        assert.ok(!looksWhole(answer), `a broken answer was passed on as whole: ${answer.slice(0, 200)}`);
      });
      assert.match(await exchange(port, free), /^HTTP\/1\.1 200 /);
      await filesBack(pid, files + 16);
      const growth = resident(pid) - memory;
      assert.ok(growth < WARM_UP, `${growth} MiB more after ${ROUNDS} broken answers`);
    } finally {
      await upstream.close();
    }
  },
});
