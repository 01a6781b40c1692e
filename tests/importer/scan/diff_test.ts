import assert from "node:assert/strict";
import fc from "fast-check";
import { fromUtf8, utf8 } from "../../../src/core/bytes.ts";
import { DiffReader } from "../../../src/importer/scan/diff.ts";

const DIFF = [
  `commit ${"a".repeat(40)}`,
  "",
  "diff --git a/one.txt b/one.txt",
  "--- /dev/null",
  "+++ b/one.txt",
  "@@ -0,0 +1,2 @@",
  "+first",
  "+++ b/not a path",
  "@@ -9 +10,0 @@ context",
  "-gone",
  `commit ${"b".repeat(40)}`,
  '+++ "b/odd\\tname.txt"',
  "@@ -5,2 +7,1 @@",
  "-old",
  "--- a/not a path",
  "+new",
  "\\ No newline at end of file",
  "",
].join("\n");

function read(text: string, cut: number): string[] {
  const added: string[] = [];
  const reader = new DiffReader(({ commit, path, line, bytes }) =>
    added.push(`${commit.slice(0, 1)} ${path} ${line} ${JSON.stringify(fromUtf8(bytes))}`)
  );
  const bytes = utf8(text);
  for (let at = 0; at < bytes.length; at += cut) reader.push(bytes.slice(at, at + cut));
  reader.end();
  return added;
}

const EXPECTED = [
  'a one.txt 1 "first\\n++ b/not a path\\n"',
  'b odd\tname.txt 7 "new\\n"',
];

Deno.test("added lines are handed over with commit, file and line, whatever they look like", () => {
  assert.deepEqual(read(DIFF, DIFF.length), EXPECTED);
});

Deno.test("any cut of the stream gives the same", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: DIFF.length }),
      (cut) => assert.deepEqual(read(DIFF, cut), EXPECTED),
    ),
  );
});
