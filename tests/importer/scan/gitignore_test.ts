import assert from "node:assert/strict";
import { IgnoreRules } from "../../../src/importer/scan/gitignore.ts";

function ignored(patterns: string, ...paths: string[]): string[] {
  const rules = new IgnoreRules(patterns, "", null);
  return paths.filter((path) => rules.ignores(path.replace(/\/$/, ""), path.endsWith("/")));
}

Deno.test("patterns mean what gitignore(5) says", () => {
  const table: [patterns: string, paths: string[], ignored: string[]][] = [
    ["*.log", ["a.log", "b/c.log", "a.logs", ".log"], ["a.log", "b/c.log", ".log"]],
    ["/a", ["a", "b/a"], ["a"]],
    ["a/b", ["a/b", "c/a/b"], ["a/b"]],
    ["dist/", ["dist/", "dist", "x/dist/"], ["dist/", "x/dist/"]],
    ["**/x", ["x", "a/x", "a/b/x"], ["x", "a/x", "a/b/x"]],
    ["a/**", ["a/b", "a/b/c", "a"], ["a/b", "a/b/c"]],
    ["a/**/b", ["a/b", "a/x/b", "a/x/y/b", "ab"], ["a/b", "a/x/b", "a/x/y/b"]],
    ["?.txt", ["a.txt", "ab.txt", "/.txt"], ["a.txt"]],
    ["[a-c].txt", ["a.txt", "d.txt"], ["a.txt"]],
    ["[!a].txt", ["a.txt", "b.txt"], ["b.txt"]],
    ["*.env\n!keep.env", ["a.env", "keep.env"], ["a.env"]],
    ["# note\n\n\\#real\n", ["#real", "# note"], ["#real"]],
    ["trailing \nkept\\ ", ["trailing", "kept "], ["trailing", "kept "]],
    ["a.b", ["a.b", "axb"], ["a.b"]],
    ["(x)+", ["(x)+", "x"], ["(x)+"]],
    ["a*b/c", ["ab/c", "axxb/c", "a/b/c"], ["ab/c", "axxb/c"]],
  ];
  for (const [patterns, paths, expected] of table) {
    assert.deepEqual(ignored(patterns, ...paths), expected, patterns);
  }
});

Deno.test("a file's rules hold below its directory and win over those above", () => {
  const above = new IgnoreRules("*.txt", "", null);
  const below = new IgnoreRules("!keep.txt\n/only", "sub", above);
  assert.equal(below.ignores("sub/a.txt", false), true);
  assert.equal(below.ignores("sub/keep.txt", false), false);
  assert.equal(below.ignores("sub/only", false), true);
  assert.equal(below.ignores("sub/deep/only", false), false);
  assert.equal(above.ignores("keep.txt", false), true);
});

Deno.test("patterns that no regular expression takes ignore nothing and break nothing", () => {
  for (const patterns of ["[", "[z-a]", "\\", "[[:alpha:]]", "*".repeat(50)]) ignored(patterns, "a", "b/c");
});
