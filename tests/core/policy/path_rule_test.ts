import assert from "node:assert/strict";
import fc from "fast-check";
import { coversPath, matchesPathRule, parsePathRule, readPath } from "../../../src/core/policy/path_rule.ts";
import { FUZZ_CASES } from "../fuzz.ts";

function matches(glob: string, path: string): boolean {
  const read = readPath(path);
  return read !== null && matchesPathRule(parsePathRule(glob), read);
}

Deno.test("a path glob covers what it says", () => {
  assert.ok(matches("/admin/**", "/admin"));
  assert.ok(matches("/admin/**", "/admin/a/b"));
  assert.ok(!matches("/admin/**", "/administrator"));
  assert.ok(matches("/v1/*", "/v1/a"));
  assert.ok(!matches("/v1/*", "/v1/a/b"));
  assert.ok(!matches("/v1/*", "/v1"));
  assert.ok(matches("/**/delete", "/a/b/delete"));
  assert.ok(matches("/**", "/"));
  assert.ok(matches("/v1/models", "/v1/models"));
  assert.ok(!matches("/v1/models", "/v1/models/x"));
});

Deno.test("escapes and raw bytes of the same path are the same path", () => {
  assert.ok(matches("/café", "/caf%C3%A9"));
  assert.ok(matches("/café", "/caf%c3%a9"));
  assert.ok(matches("/café", "/caf\u00c3\u00a9"));
  assert.ok(matches("/a@b", "/a%40b"));
  assert.ok(matches("/a%40b", "/a@b"));
  assert.ok(matches("/a+b", "/a%2Bb"));
  assert.ok(matches("/x y".replace(" ", "%20"), "/x%20y"));
});

Deno.test("bytes that are not UTF-8, overlong forms among them, have no one reading", () => {
  for (const path of ["/%ff", "/\u00ff", "/%e0%80%af", "/%e0%80%aeadmin", "/%f0%80%80%af", "/%ed%a0%80"]) {
    assert.equal(readPath(path), null, path);
  }
});

Deno.test("denied paths care neither for a slash at the end nor for capitals", () => {
  const covers = (glob: string, path: string) => coversPath(parsePathRule(glob), readPath(path) ?? "");
  assert.ok(covers("/admin", "/admin/"));
  assert.ok(covers("/admin/", "/admin"));
  assert.ok(covers("/users/*", "/users/7/"));
  assert.ok(!covers("/admin", "/admin/x"));
  assert.ok(covers("/", "/"));
  assert.ok(covers("/admin/**", "/ADMIN") && covers("/Users/*", "/users/Bob"));
});

const piece = fc.oneof(
  fc.constantFrom(
    ".",
    "..",
    "",
    "%2e",
    "%2E%2e",
    ".%2e",
    "a",
    "Admin",
    "%61",
    "%41",
    "%7e",
    "a%20b",
    "é",
    "%C3%A9",
    "$@!",
  ),
  fc.string({ maxLength: 4 }).map((text) => encodeURIComponent(text.toWellFormed())),
);
const path = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `/${pieces.join("/")}`);

Deno.test("property: paths are read as the WHATWG URL parser resolves them", () => {
  fc.assert(
    fc.property(path, (text) => {
      const wire = new TextEncoder().encode(text).reduce((all, byte) => all + String.fromCharCode(byte), "");
      const read = readPath(wire);
      if (read === null) return;
      const resolved = new URL(`http://a.test${text}`).pathname.replaceAll(/\/{2,}/g, "/");
      const bytes = new TextEncoder().encode(decodeURIComponent(resolved));
      assert.equal(read, bytes.reduce((all, byte) => all + String.fromCharCode(byte), ""));
    }),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("property: no spelling of a path gets out of a rule over it", () => {
  const secret = parsePathRule("/admin/**");
  const spelled = fc.array(fc.tuple(fc.constantFrom(..."admin"), fc.nat(3)), { minLength: 5, maxLength: 5 })
    .map((all) =>
      all.map(([, how], i) => {
        const char = "admin".charAt(i);
        const hex = char.charCodeAt(0).toString(16);
        return how === 0
          ? char
          : how === 3
          ? char.toUpperCase()
          : how === 1
          ? `%${hex}`
          : `%${hex.toUpperCase()}`;
      }).join("")
    );
  const detour = fc.constantFrom("", "/.", "/x/..", "/%2e", "/x/y/../..", "/x/%2E%2e");
  fc.assert(
    fc.property(detour, spelled, path, (before, admin, after) => {
      // What comes after may lead out again by dot segments of its own.
      const isInside = new URL(`http://a.test/admin${after}`).pathname.replaceAll(/\/{2,}/g, "/").startsWith(
        "/admin",
      );
      const read = readPath(`${before}/${admin}${after}`.replaceAll("é", "\u00c3\u00a9"));
      if (isInside && read !== null) assert.ok(coversPath(secret, read), read);
    }),
    { numRuns: FUZZ_CASES },
  );
});
