import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../scripts/lib/program.ts";
import { fits, MUTATIONS } from "../../scripts/mutate.ts";

Deno.test("each edit that takes a protection away has exactly one place in its source", async () => {
  const verdicts = await Promise.all(MUTATIONS.map(fits));
  const lost = MUTATIONS.filter((_, i) => verdicts[i] !== "fits");
  assert.deepEqual(lost.map(({ protection, file }) => `${protection} (${file})`), []);
});

Deno.test("each names tests that exist, and no two are alike", async () => {
  const paths = new Set(MUTATIONS.flatMap(({ tests }) => tests));
  for (const path of paths) await Deno.stat(join(ROOT, path));
  const edits = new Set(MUTATIONS.map(({ file, find, replace }) => JSON.stringify([file, find, replace])));
  assert.equal(edits.size, MUTATIONS.length);
});
