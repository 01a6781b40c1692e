import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesPath, normalizePath } from "../../src/core/request_path.ts";

Deno.test("a path is read as hosts read it", () => {
  const table: [string, string | null][] = [
    ["/", "/"],
    ["/a/b", "/a/b"],
    ["/a/./b", "/a/b"],
    ["/a/../b", "/b"],
    ["/../../b", "/b"],
    ["/a/..", "/"],
    ["/a/.", "/a/"],
    ["/a/%2E%2e/b", "/b"],
    ["/%61%7e", "/a~"],
    ["/%e2%82%ac", "/%E2%82%AC"],
    ["//a///b/", "/a/b/"],
    ["/a/.../b", "/a/.../b"],
    ["/a%2fb", null],
    ["/a%5Cb", null],
    ["/a\\b", null],
    ["/a;b", null],
    ["/a%3bb", null],
    ["/a%00", null],
    ["/a%0ab", null],
    ["/%252e%252e/", null],
    ["/%c0%ae/", null],
    ["/%zz", null],
    ["/%4", null],
    ["/a//../b", null],
    ["a", null],
    ["", null],
    ["/a b", null],
  ];
  for (const [path, normal] of table) assert.equal(normalizePath(path), normal, path);
});

const segment = fc.constantFrom("a", "b.c", "..", ".", "%2e", "%2E%2e", "%61", "%20", "%C3%A9", "x~y");

Deno.test("property: without doubled slashes it agrees with the URL parser, and is stable", () => {
  fc.assert(fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
    const path = `/${segments.join("/")}`;
    const normal = normalizePath(path);
    assert.ok(normal !== null);
    assert.equal(normal, new URL(`http://h${path}`).pathname.replaceAll("%61", "a"));
    assert.equal(normalizePath(normal), normal);
  }));
});

Deno.test("a star stays within a segment, two stars do not", () => {
  const table: [string, string, boolean][] = [
    ["/a/*", "/a/b", true],
    ["/a/*", "/a/b/c", false],
    ["/a/**", "/a/b/c", true],
    ["/a/**", "/a/", true],
    ["/a/**", "/a", false],
    ["/*/c", "/b/c", true],
    ["/*/c", "/a/b/c", false],
    ["/**/c", "/a/b/c", true],
    ["/a*b*c", "/axxbyyc", true],
    ["/a*b*c", "/ac", false],
    ["/a", "/a", true],
    ["/a", "/ab", false],
    ["/**", "/anything/at/all", true],
  ];
  for (const [glob, path, matches] of table) {
    assert.equal(matchesPath(glob, path), matches, `${glob} ${path}`);
  }
});

Deno.test("property: globs agree with the regular expression they stand for", () => {
  const glob = fc.array(fc.constantFrom("a", "b", "/", "*", "**"), { maxLength: 7 }).map((parts) =>
    `/${parts.join("")}`
  )
    .filter((text) => !text.includes("***"));
  const path = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 8 }).map((parts) =>
    `/${parts.join("")}`
  );
  fc.assert(
    fc.property(glob, path, (g, p) => {
      const source = g.replaceAll("**", "\u0001").replaceAll("*", "[^/]*").replaceAll("\u0001", ".*");
      assert.equal(matchesPath(g, p), new RegExp(`^${source}$`).test(p), `${g} ${p}`);
    }),
    { numRuns: 2000 },
  );
});
