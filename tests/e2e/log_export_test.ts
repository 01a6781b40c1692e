/**
 * Exports of the log, with the real program.
 */

import assert from "node:assert/strict";
import { Home } from "./harness.ts";

Deno.test("an exported log is its owner's alone, is whole, and is itself a row that verifies", async () => {
  await using home = await Home.withVault();
  await home.ok("unlock");
  await home.ok("add", "openai", "--value", "sk-export-0123456789abcdef", "--hosts", "api.example.com");
  const path = `${home.directory}/out.ndjson`;
  const { rows } = await home.json("log", "export", path);
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  const text = await Deno.readTextFile(path);
  const exported = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(exported.length, rows);
  assert.deepEqual(exported.map(({ id }) => id), exported.map((_, i) => i + 1));
  assert.equal(exported.at(-1).event_type, "LogExported");
  assert.equal(exported.at(-1).detail, "all rows as ndjson, to a file");
  assert.ok(exported.some(({ event_type: event }) => event === "CredentialAdded"));
  assert.ok(!text.includes("sk-export"));
  assert.equal((await home.json("log", "verify")).ok, true);

  assert.equal((await home.run(["log", "export", path])).code, 1);
  assert.equal(await Deno.readTextFile(path), text);
  await home.ok("log", "export", path, "--force", "--event", "CredentialAdded");
  assert.equal(JSON.parse(await Deno.readTextFile(path)).event_type, "CredentialAdded");

  await home.ok("lock");
  const locked = (await home.ok("log", "export", "-", "--event", "LogExported", "--csv")).split("\r\n");
  assert.match(locked.at(-2) ?? "", /LogExported,.*chosen rows as csv\\?.*standard output/);
});
