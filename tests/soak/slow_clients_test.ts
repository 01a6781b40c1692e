/**
 * Very many clients that do not finish their requests: everybody else is served as if they were not there.
 */

import assert from "node:assert/strict";
import { Api, Home } from "../e2e/harness.ts";
import { filesBack, openFiles, repeat, resident, serves, stressed } from "./support.ts";

const CLIENTS = Number(Deno.env.get("WISPKEY_SOAK_SLOW_CLIENTS") ?? 400);
/** What the daemon may hold for each of them, KiB. */
const MEMORY_EACH = 40;
/** A request among them, or right after them, takes no longer than this, milliseconds. */
const SERVED_MS = 1_000;

/** Beginnings of requests that never end. */
const BEGINNINGS = [
  "G",
  "GET /to/http/127.0.0.1:9/ HTTP/1.1\r\nHos",
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + "a".repeat(200),
  "",
];

Deno.test({
  name:
    "slow clients in thousands do not keep others from being served, and leave nothing behind (Linux only)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using home = await Home.withVault();
    await using api = new Api();
    const daemon = await stressed(home, api.host);
    const { pid, port } = daemon;
    await serves(daemon);
    const files = openFiles(pid);
    const memory = resident(pid);

    const slow: Deno.TcpConn[] = [];
    try {
      await repeat(CLIENTS, 64, async (index) => {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        slow.push(connection);
        const beginning = BEGINNINGS[index % BEGINNINGS.length] ?? "";
        if (beginning !== "") await connection.write(new TextEncoder().encode(beginning));
      });
      const among = performance.now();
      await serves(daemon);
      assert.ok(performance.now() - among < SERVED_MS, "a request among them was slow");
      assert.ok(openFiles(pid) >= files + CLIENTS / 2, "they are all connected");
      const growth = resident(pid) - memory;
      assert.ok(growth < 32 + CLIENTS * MEMORY_EACH / 1024, `${growth} MiB for ${CLIENTS} slow clients`);
    } finally {
      for (const connection of slow) connection.close();
    }
    const after = performance.now();
    await serves(daemon);
    assert.ok(performance.now() - after < SERVED_MS, "a request after them was slow");
    await filesBack(pid, files + 32);
  },
});
