import assert from "node:assert/strict";
import fc from "fast-check";
import {
  callerPath,
  checkCallerName,
  inventCallerName,
  MAX_CALLER_NAME,
  readProxyAuthorization,
  splitCallerPath,
} from "../../src/core/caller.ts";
import { UsageError } from "../../src/core/errors.ts";
import { FUZZ_CASES } from "./fuzz.ts";

const fuzz = { numRuns: FUZZ_CASES };

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/).filter((text) => text !== "plain");
const secret = fc.stringMatching(/^[0-9a-f]{48}$/);

Deno.test("names of callers are words that need no escaping in a URL", () => {
  for (const good of ["claude", "run-oak-7", "a", "Agent_1.2", "x".repeat(MAX_CALLER_NAME)]) {
    assert.equal(checkCallerName(good), good);
  }
  for (
    const bad of [
      "",
      " ",
      "a b",
      "a:b",
      "a/b",
      "a@b",
      "-a",
      ".a",
      "é",
      "plain",
      "a\n",
      "a%41",
      "x".repeat(65),
    ]
  ) {
    assert.throws(() => checkCallerName(bad), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, "invalid_name");
      return true;
    }, bad);
  }
});

Deno.test("an invented name is a good one, for every random number", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (number) => {
      const invented = inventCallerName(() => number);
      assert.match(invented, /^run-[a-z]+-[1-9][0-9]{0,2}$/);
      assert.equal(checkCallerName(invented), invented);
    }),
    fuzz,
  );
  assert.notEqual(
    new Set(Array.from({ length: 20 }, () => inventCallerName())).size,
    1,
    "names differ from each other",
  );
});

Deno.test("what a URL's user and password become in Proxy-Authorization is read back", () => {
  fc.assert(
    fc.property(name, secret, (name, secret) => {
      assert.deepEqual(readProxyAuthorization(`Basic ${btoa(`${name}:${secret}`)}`), { name, secret });
      assert.deepEqual(readProxyAuthorization(`basic  ${btoa(`${name}:${secret}`)}`), { name, secret });
    }),
    fuzz,
  );
});

Deno.test("anything else in Proxy-Authorization shows nobody", () => {
  for (
    const value of [
      "",
      "Basic",
      "Basic ",
      "Bearer abc",
      "Basic ====",
      "Basic a b",
      `Basic ${btoa("no colon")}`,
      "Basic é",
    ]
  ) {
    assert.equal(readProxyAuthorization(value), null, value);
  }
  fc.assert(fc.property(fc.string(), (value) => void readProxyAuthorization(value)), fuzz);
});

Deno.test("the path of a base URL is split into the caller and the rest", () => {
  fc.assert(
    fc.property(name, secret, (name, secret) => {
      const rest = "/to/https/api.example.com/v1/x?y=/as/z:0/";
      assert.deepEqual(splitCallerPath(`${callerPath({ name, secret })}${rest}`), {
        shown: `${name}:${secret}`,
        rest,
      });
    }),
    fuzz,
  );
  for (const target of ["/", "/as", "/as/", "/as/a:b", "/to/https/h/as/a:b/", "/AS/a:b/to/", "*"]) {
    assert.equal(splitCallerPath(target), null, target);
  }
});
