import assert from "node:assert/strict";
import fc from "fast-check";
import { comparePolicies } from "../../../src/core/policy/difference.ts";
import { FUZZ_CASES } from "../fuzz.ts";
import { Bench, policiesOf, policy } from "./support.ts";

/** `effect text` of each change from one set of keys to another. */
function changes(before: string[], after: string[]): string[] {
  return comparePolicies(policiesOf(policy(...before)), policiesOf(policy(...after))).map((
    { effect, text },
  ) => `${effect} ${text}`);
}

Deno.test("what only moved, or is spelled otherwise, is no change", () => {
  const a = '[[policy]]\nname = "a"\ndeny = true\n';
  const b = '[[policy]]\nname = "b"\nallowed_methods = ["get"] # reads\n';
  assert.deepEqual(comparePolicies(policiesOf(a + b), policiesOf(b.replace("get", "GET") + a)), []);
});

Deno.test("a new policy is tighter, one that is gone is looser, and looser ones come first", () => {
  const a = '[[policy]]\nname = "a"\ndeny = true\n';
  const b = '[[policy]]\nname = "b"\ndeny = true\nmonitor = true\n';
  const c = '[[policy]]\nname = "c"\ndeny = true\n';
  const told = comparePolicies(policiesOf(a), policiesOf(b + c)).map(({ policy, effect }) =>
    `${policy} ${effect}`
  );
  assert.deepEqual(told, ["a looser", "b other", "c tighter"]);
});

Deno.test("each key tells in which direction it went", () => {
  const deny = "deny = true";
  assert.deepEqual(changes(['credential = "a"', deny], ['credential = ["a", "b"]', deny]), [
    "tighter credential: adds 'b'",
  ]);
  assert.deepEqual(changes(['credential = "a"', deny], [deny]), ["tighter credential: is taken out"]);
  assert.deepEqual(changes([deny], ['caller = "ci"', deny]), ["looser caller: is now 'ci'"]);
  assert.deepEqual(changes(['allowed_hosts = ["a"]'], ['allowed_hosts = ["a", "b"]']), [
    "looser allowed_hosts: adds 'b'",
  ]);
  assert.deepEqual(changes(['allowed_methods = ["GET"]'], ['allowed_methods = ["PUT"]']), [
    "other allowed_methods: adds 'PUT', removes 'GET'",
  ]);
  assert.deepEqual(changes(['denied_paths = ["/a", "/b"]'], ['denied_paths = ["/a"]']), [
    "looser denied_paths: removes '/b'",
  ]);
  assert.deepEqual(changes(['rate_limit = "10/minute"'], ['rate_limit = "5/minute"']), [
    "tighter rate_limit: 10/minute becomes 5/minute",
  ]);
  assert.deepEqual(changes(['rate_limit = "10/minute"'], ['rate_limit = "10/s"']), [
    "looser rate_limit: 10/minute becomes 10/s",
  ]);
  assert.deepEqual(changes(['rate_limit = "10/minute"'], ['rate_limit = "500/hour"']), [
    "other rate_limit: 10/minute becomes 500/hour",
  ]);
  assert.deepEqual(changes(["max_body = 10"], ["max_body = 20"]), ["looser max_body: 10 becomes 20"]);
  assert.deepEqual(changes(["expires = 2027-01-01T00:00:00Z"], ["expires = 2026-12-31T00:00:00Z"]), [
    "tighter expires: 2027-01-01T00:00:00.000Z becomes 2026-12-31T00:00:00.000Z",
  ]);
  assert.deepEqual(changes(["require_approval = true"], ['require_approval = ["POST"]']), [
    "looser require_approval: is now 'POST'",
  ]);
  assert.deepEqual(changes([deny], [deny, "monitor = true"]), ["looser monitor: is now true"]);
});

Deno.test("schedules are compared by the minutes at which they are open", () => {
  const window = (text: string) => [`time_window = "${text}"`];
  const effect = (a: string, b: string) => changes(window(a), window(b)).map((text) => text.split(" ")[0]);
  assert.deepEqual(effect("09:00-17:00 UTC", "09:00-18:00 UTC"), ["looser"]);
  assert.deepEqual(effect("09:00-17:00 UTC", "Mon-Fri 09:00-17:00 UTC"), ["tighter"]);
  assert.deepEqual(effect("09:00-17:00 UTC", "10:00-18:00 UTC"), ["other"]);
  assert.deepEqual(effect("22:00-06:00 UTC", "22:00-05:00 UTC"), ["tighter"]);
  assert.deepEqual(effect("09:00-17:00 UTC", "09:00-17:00 Europe/Berlin"), ["other"]);
  assert.deepEqual(effect("09:00-17:00 UTC", "09:00-17:00 UTC"), []);
});

Deno.test("property: what is called tighter allows nothing new, what is called looser denies nothing new", () => {
  const list = (items: string[]) =>
    fc.option(fc.uniqueArray(fc.constantFrom(...items), { minLength: 1 }), { nil: undefined });
  const keys = fc.record({
    credential: list(["one", "two"]),
    allowed_methods: list(["GET", "POST"]),
    denied_paths: list(["/a", "/b"]),
    allowed_hosts: list(["a.test", "b.test"]),
    max_body: fc.option(fc.constantFrom(5, 50), { nil: undefined }),
    deny: fc.constant(false),
  });
  const text = (each: Record<string, unknown>) =>
    policy(
      ...Object.entries(each).filter(([, v]) => v !== undefined).map(([k, v]) =>
        `${k} = ${JSON.stringify(v)}`
      ),
    );
  const asked = fc.record({
    credential: fc.constantFrom("one", "two"),
    method: fc.constantFrom("GET", "POST"),
    url: fc.constantFrom("https://a.test/a", "https://b.test/b", "https://a.test/c"),
    body: fc.constantFrom(0, 10),
  });
  fc.assert(
    fc.property(keys, keys, asked, (before, after, asked) => {
      const effects = comparePolicies(policiesOf(text(before)), policiesOf(text(after))).map(({ effect }) =>
        effect
      );
      const [was, is] = [text(before), text(after)].map((each) => new Bench(each).ask(asked) === "allow");
      if (effects.every((effect) => effect === "tighter")) assert.ok(was || !is);
      if (effects.every((effect) => effect === "looser")) assert.ok(is || !was);
    }),
    { numRuns: Math.ceil(FUZZ_CASES / 5) },
  );
});
