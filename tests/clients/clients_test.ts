/**
 * Real clients on every way, with what this machine has. All of them, with what has to be installed: `deno task clients`.
 */

import assert from "node:assert/strict";
import { attempt } from "./attempt.ts";
import type { Client } from "./client.ts";
import { CLIENTS } from "./clients.ts";
import { KEY, Stage } from "./stage.ts";
import { findTools } from "./tools.ts";
import { surprises, tryClient } from "./try_clients.ts";

const tools = await findTools();
const present: Client[] = [];
for (const client of CLIENTS.filter(({ usual }) => usual)) {
  if (await client.version(tools) !== null) present.push(client);
  else Deno.test({ name: `${client.name} is absent (${client.source})`, ignore: true, fn: () => {} });
}

Deno.test("the common clients that are here do what the table says", async () => {
  await using stage = await Stage.create();
  const found: string[] = [];
  for (const client of present) found.push(...surprises([await tryClient(stage, tools, client)]));
  assert.deepEqual(found, []);
  assert.ok(present.length >= 2, "curl and Deno at least");
});

Deno.test("a client that sends no token, or has the key, is found out", async () => {
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
