/**
 * Real clients on every way, with what this machine has. All of them, with what has to be installed: `deno task clients`.
 */

import assert from "node:assert/strict";
import { attempt } from "./attempt.ts";
import type { Client } from "./client.ts";
import { CLIENTS } from "./clients.ts";
import { SDK_PACKAGES } from "./packages.ts";
import { KEY, Stage } from "./stage.ts";
import { findTools, installTools, type Tools } from "./tools.ts";
import { lineOf, surprises, tryClient } from "./try_clients.ts";

async function tryAll(stage: Stage, tools: Tools, clients: readonly Client[]): Promise<number> {
  let present = 0;
  const found: string[] = [];
  for (const client of clients) {
    const row = await tryClient(stage, tools, client);
    if (row.version === null) console.log(`skipped: ${lineOf(row)}`);
    else present++;
    found.push(...surprises([row]));
  }
  assert.deepEqual(found, []);
  return present;
}

Deno.test("the common clients that are here do what the table says", async () => {
  const tools = await findTools();
  await using stage = await Stage.create();
  const present = await tryAll(stage, tools, CLIENTS.filter(({ usual }) => usual));
  assert.ok(present >= 2, "curl and Deno at least");
});

Deno.test("SDKs of providers are used unchanged, through the proxy variables and with a base URL", async () => {
  const directory = await Deno.makeTempDir({ prefix: "wk-clients-" });
  try {
    const tools = await installTools(directory, { npm: SDK_PACKAGES });
    for (const failure of tools.failed) {
      console.log(`skipped: the SDKs, which cannot be installed: ${failure}`);
    }
    if (tools.failed.length > 0) return;
    const names = SDK_PACKAGES.map((specifier) => specifier.replace(/@[^@]*$/, ""));
    await using stage = await Stage.create();
    const present = await tryAll(stage, tools, CLIENTS.filter(({ name }) => names.includes(name)));
    assert.equal(present, SDK_PACKAGES.length);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a client that sends no token, or has the key, is found out", async () => {
  const tools = await findTools();
  await using stage = await Stage.create();
  const curl = (header: string): Client => ({
    name: "curl",
    source: "curl",
    version: () => Promise.resolve("1.0"),
    command: () => ["sh", "-c", `curl -sS -H "${header}" "$BASE/"`],
  });
  const nobody = await attempt(stage, tools, curl("X-Nothing: x"), "base");
  assert.equal(nobody.verdict, "fails");
  assert.deepEqual(nobody.violations, []);
  const knowing: Client = {
    ...curl(""),
    command: () => ["sh", "-c", `echo ${KEY}; curl -sS -H "Authorization: Bearer $KEY" "$BASE/"`],
  };
  const outcome = await attempt(stage, tools, knowing, "base");
  assert.equal(outcome.verdict, "works");
  assert.equal(outcome.violations.length, 1);
  const elsewhere = await attempt(stage, tools, curl("X-Other: $KEY"), "base");
  assert.equal(elsewhere.verdict, "fails", "a token in a place of no kind arrives nowhere");
});
