/** Keeps `docs/attacks.md` complete: what is tried, what stops it, and the test that shows it. */

import assert from "node:assert/strict";

const TESTS = new URL("../", import.meta.url);

Deno.test("every attack of this directory is in docs/attacks.md, and every test that is named there exists", async () => {
  const page = await Deno.readTextFile(new URL("../docs/attacks.md", TESTS));
  const rows = page.split("\n").filter((line) => line.startsWith("|") && line.includes("_test.ts"));
  const named = new Set(
    rows.flatMap((row) => Array.from(row.matchAll(/`([\w/]+_test\.ts)`/g), ([, path = ""]) => path)),
  );
  const missing: string[] = [];
  for (const path of named) {
    const isThere = await Deno.stat(new URL(path, TESTS)).then(({ isFile }) => isFile, () => false);
    if (!isThere) missing.push(path);
  }
  assert.deepEqual(missing, [], "named in docs/attacks.md, but no such test");

  const unnamed: string[] = [];
  for await (const { name } of Deno.readDir(new URL("attacks/", TESTS))) {
    if (!name.endsWith("_test.ts") || name === "index_test.ts") continue;
    if (!named.has(`attacks/${name}`)) unnamed.push(name);
  }
  assert.deepEqual(unnamed, [], "give each a row in docs/attacks.md");
  for (const row of rows) {
    assert.equal(row.split("|").length, 5, `what is tried | what stops it | test: ${row}`);
  }
});
