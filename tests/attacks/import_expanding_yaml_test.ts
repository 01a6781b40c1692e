import assert from "node:assert/strict";
import { parse } from "yaml";
import { readSource } from "../../src/importer/formats/mod.ts";

/** Each line is ten times the one before: ten billion texts in all. */
const BOMB = [
  'a0: &a0 "x"',
  ...Array.from({ length: 10 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(", ")}]`),
  "password: hunter2-but-better",
].join("\n");

Deno.test("aliases that grow without end are not followed; building the document is what a naive import does", async () => {
  assert.throws(() => parse(BOMB), /Excessive alias count/);
  const entries = await readSource("yaml", BOMB);
  assert.deepEqual(entries.map(({ name }) => name), ["a0", "password"]);
});

Deno.test("a document nested too deeply is refused, and so is one that is too long", async () => {
  await assert.rejects(readSource("yaml", "[".repeat(200_000)), { code: "source_unreadable" });
  await assert.rejects(readSource("yaml", "a: b\n".repeat(4_000_000)), { code: "source_unreadable" });
  await assert.rejects(readSource("json", "[".repeat(200_000)), { code: "source_unreadable" });
});
