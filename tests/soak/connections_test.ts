/**
 * Many short connections leave nothing open in the daemon.
 */

import assert from "node:assert/strict";
import { Api, Home } from "../e2e/harness.ts";

const CONNECTIONS = Number(Deno.env.get("WISPKEY_SOAK_CONNECTIONS") ?? 300);
const AT_ONCE = 16;
/** Kept connections to the upstream and whatever the runtime opens for itself. */
const SLACK = 2 * AT_ONCE;

/** One request on a connection of its own, ended in one of the ways clients end. */
async function visit(port: number, head: string, ending: "whole" | "early" | "silent"): Promise<void> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    if (ending === "silent") return;
    await socket.write(new TextEncoder().encode(head));
    if (ending === "early") return;
    const buffer = new Uint8Array(4096);
    let text = "";
    for (let read = await socket.read(buffer); read !== null; read = await socket.read(buffer)) {
      text += new TextDecoder().decode(buffer.subarray(0, read));
    }
    assert.match(text, /^HTTP\/1\.1 200 /);
  } finally {
    socket.close();
  }
}

function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

Deno.test({
  name:
    "thousands of short connections, some cut off, leave no file open in the daemon (Linux only: reads /proc)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using home = await Home.withVault();
    await using api = new Api();
    const { credential } = await home.json("add", "many", "--value", "sk-many", "--hosts", api.host);
    const { port, pid } = await home.json("serve", "--random-port", "--daemon");
    const head = `GET /to/http/${api.host}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      `Authorization: Bearer ${credential.wisp_token}\r\nConnection: close\r\n\r\n`;
    await visit(port, head, "whole");
    const before = openFiles(pid);

    let next = 0;
    const endings = ["whole", "whole", "early", "silent"] as const;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let index = next++; index < CONNECTIONS; index = next++) {
        await visit(port, head, endings[index % endings.length] ?? "whole");
      }
    }));

    let status = await home.json("status");
    const deadline = Date.now() + 10_000;
    while (status.daemon.connections > 0 && Date.now() < deadline) status = await home.json("status");
    assert.equal(status.daemon.connections, 0);
    const after = openFiles(pid);
    assert.ok(
      after <= before + SLACK,
      `${after} files open after ${CONNECTIONS} connections, ${before} before`,
    );
  },
});
