import assert from "node:assert/strict";
import { resolve } from "node:path";
import { TEST_GROUPS } from "../../scripts/test/groups.ts";
import { orphanedTests, selectGroups } from "../../scripts/test.ts";

const chosen = (...words: string[]) => selectGroups(words).map(({ group, only }) => [group.name, only]);

Deno.test("without words every group runs whole", () => {
  assert.deepEqual(chosen(), TEST_GROUPS.map(({ name }) => [name, []]));
});

Deno.test("groups are chosen by name or directory, files run within their group", () => {
  assert.deepEqual(chosen("core", "tests/vault/"), [["core", []], ["vault", []]]);
  assert.deepEqual(chosen("./tests/core/a_test.ts", "tests/core/b_test.ts"), [
    ["core", ["tests/core/a_test.ts", "tests/core/b_test.ts"]],
  ]);
});

Deno.test("a word that is neither group nor test is refused and the groups are named", () => {
  assert.throws(() => selectGroups(["cor"]), /'cor' is no group \(project, docs, core, /);
  assert.throws(() => selectGroups(["src/core"]), /no path under tests/);
});

Deno.test("every test file of this project belongs to exactly one group", () => {
  assert.deepEqual(orphanedTests(resolve(import.meta.dirname ?? ".", "../..")), []);
  const paths = TEST_GROUPS.flatMap((group) => group.paths);
  assert.equal(new Set(paths).size, paths.length);
});
