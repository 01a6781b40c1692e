import assert from "node:assert/strict";
import { checkPlace, CREDENTIAL_TYPES, type Place, typeForPlace } from "../../src/core/credential.ts";
import { describePlace, flawOf, formatPlace, isPlace, parsePlace, samePlace } from "../../src/core/place.ts";

const WRITTEN: [string, Place][] = [
  ["header:X-Api-Key", { in: "header", name: "X-Api-Key" }],
  ["query:key", { in: "query", name: "key" }],
  ["basic:user", { in: "basic", part: "user" }],
  ["basic:password", { in: "basic", part: "password" }],
  ["body:/auth/token", { in: "body_json", pointer: "/auth/token" }],
  ["body:/a~1b/~0/0", { in: "body_json", pointer: "/a~1b/~0/0" }],
  ["body:", { in: "body_json", pointer: "" }],
  ["form:client_secret", { in: "form", field: "client_secret" }],
  ["form:a:b", { in: "form", field: "a:b" }],
  ["body", { in: "body" }],
  ["ws", { in: "ws" }],
];

Deno.test("a place is read as it is written, and written as it is read", () => {
  for (const [text, place] of WRITTEN) {
    assert.deepEqual(parsePlace(text), place, text);
    assert.equal(formatPlace(place), text);
    assert.ok(isPlace(JSON.parse(JSON.stringify(place))), text);
    assert.notEqual(describePlace(place), "");
  }
});

Deno.test("what is no place is refused with the list of places", () => {
  const wrong = [
    "",
    "header",
    "header:",
    "header:X Key",
    "header:X\r\nY",
    "query:",
    "query:a=b",
    "query:a b",
    "basic:both",
    "basic",
    "body:token",
    "body:/a~2",
    "body:/a\n",
    `body:/${"a".repeat(300)}`,
    "form:",
    "form:a&b",
    "ws:auth",
    "wss",
    "cookie:sid",
    "HEADER:X",
  ];
  for (const text of wrong) {
    assert.throws(() => parsePlace(text), { code: "invalid_place", exitCode: 2 }, text);
  }
});

Deno.test("a header that the proxy writes itself, or drops, is no place", () => {
  for (
    const name of ["Host", "content-length", "Transfer-Encoding", "Connection", "Proxy-Authorization", "TE"]
  ) {
    assert.match(flawOf({ in: "header", name }) ?? "", /proxy's own/, name);
    assert.throws(() => parsePlace(`header:${name}`), { code: "invalid_place" });
  }
  assert.equal(flawOf({ in: "header", name: "Authorization" }), null);
  assert.equal(flawOf({ in: "header", name: "Cookie" }), null);
});

Deno.test("only what has exactly the form of a place is one", () => {
  const wrong: unknown[] = [
    null,
    "body",
    {},
    { in: "body", name: "x" },
    { in: "header" },
    { in: "header", name: 1 },
    { in: "header", name: "X", extra: 1 },
    { in: "query", field: "x" },
    { in: "basic", part: "all" },
    { in: "body_json", pointer: null },
    { in: "form" },
    { in: "path", name: "x" },
  ];
  for (const value of wrong) assert.equal(isPlace(value), false, JSON.stringify(value));
});

Deno.test("two places are the same only if kind and name are", () => {
  for (const [i, [, a]] of WRITTEN.entries()) {
    for (const [j, [, b]] of WRITTEN.entries()) assert.equal(samePlace(a, b), i === j);
    assert.equal(samePlace(a, null), false);
  }
  assert.equal(samePlace(null, null), true);
  assert.equal(samePlace({ in: "query", name: "a" }, { in: "form", field: "a" }), false);
});

Deno.test("which type may take which place", () => {
  const allowed: Record<typeof CREDENTIAL_TYPES[number], readonly string[]> = {
    bearer_token: ["null"],
    api_key: ["null", "header", "query", "basic", "body_json", "form", "body", "ws"],
    basic_auth: ["null", "basic"],
    custom_header: ["header"],
    query_param: ["query"],
  };
  for (const type of CREDENTIAL_TYPES) {
    for (const place of [null, ...WRITTEN.map(([, place]) => place)]) {
      const kind = place?.in ?? "null";
      const check = () => checkPlace(type, place);
      if (allowed[type].includes(kind)) check();
      else {
        assert.throws(check, (error: { code: string; hint: string }) => {
          assert.match(error.code, /^place_(?:required|not_allowed)$/);
          assert.match(error.hint, /--in |--type /);
          return true;
        });
      }
      // Whatever place is wanted, some type takes it, and it is the nearest one.
      if (place !== null) {
        const near = typeForPlace(type, place);
        checkPlace(near, place);
        assert.equal(near, allowed[type].includes(kind) ? type : "api_key");
      }
    }
  }
  assert.throws(() => checkPlace("api_key", { in: "header", name: "Host" }), { code: "invalid_place" });
});
