import assert from "node:assert/strict";
import fc from "fast-check";
import { failingClause, needsApproval } from "../../../src/core/policy/examine.ts";
import { PolicyJudge } from "../../../src/core/policy/judge.ts";
import { governs, type Policy } from "../../../src/core/policy/policy.ts";
import { PolicyIndex } from "../../../src/core/policy/policy_index.ts";
import type { PolicyQuestion } from "../../../src/core/policy/verdict.ts";
import { FUZZ_CASES } from "../fuzz.ts";
import { type Asked, Bench, policiesOf, policy, question } from "./support.ts";

Deno.test("without policies everything is allowed", () => {
  assert.equal(new PolicyJudge(() => 0).judge(question()).verdict.kind, "allow");
  assert.equal(new Bench("").ask({ method: "DELETE" }), "allow");
});

Deno.test("credential, project and caller choose whom a policy is about", () => {
  const bench = new Bench(
    policy('credential = ["aws-*", "gcp"]', 'project = "prod"', 'caller = "ci-*"', "deny = true"),
  );
  const asked = (credential: string, project: string, caller: string | null) =>
    bench.ask({ credential, project, caller });
  assert.equal(asked("aws-1", "prod", "ci-7"), "deny deny");
  assert.equal(asked("gcp", "prod", "ci-7"), "deny deny");
  assert.equal(asked("azure", "prod", "ci-7"), "allow");
  assert.equal(asked("aws-1", "test", "ci-7"), "allow");
  assert.equal(asked("aws-1", "prod", "human"), "allow");
});

Deno.test("what is bound to callers by name binds those without one too", () => {
  const bench = new Bench(policy('agent = "ci"', "deny = true"));
  assert.equal(bench.ask({ caller: null }), "deny deny");
  assert.equal(bench.ask({ caller: "ci" }), "deny deny");
  assert.equal(bench.ask({ caller: "plain" }), "allow");
});

Deno.test("a credential stays bound by what was applied, whatever it is called now", () => {
  const judge = new PolicyJudge(() => 0);
  const policies = policiesOf(policy('credential = "aws"', "deny = true"));
  judge.enforce([new PolicyIndex(policies, new Map([["p", new Set(["id-1"])]]))], []);
  assert.equal(judge.judge(question({ credential: "renamed", id: "id-1" })).verdict.kind, "deny");
  assert.equal(judge.judge(question({ credential: "other", id: "id-2" })).verdict.kind, "allow");
});

Deno.test("expires: allowed until then, denied from then on", () => {
  const bench = new Bench(policy("expires = 2027-01-31T17:00:00-05:00"), "2027-01-31T21:59:59.999Z");
  assert.equal(bench.ask(), "allow");
  bench.clock.set("2027-01-31T22:00:00Z");
  assert.equal(bench.ask(), "deny expires");
});

Deno.test("max_body: a body of that size passes, a larger one and one of unknown size do not", () => {
  const bench = new Bench(policy('max_body = "1KiB"'));
  assert.deepEqual([0, 1024, 1025, null].map((body) => bench.ask({ body })), [
    "allow",
    "allow",
    "deny max_body",
    "deny max_body",
  ]);
  assert.deepEqual(bench.judge.bodyNeeds({ id: "x", name: "x", project: "x" }, null), {
    maxBody: 1024,
    forms: false,
  });
});

Deno.test("allowed_paths: only these, and nothing that could be another", () => {
  const bench = new Bench(policy('allowed_paths = ["/v1/models", "/v1/chat/**"]'));
  const at = (path: string) => bench.ask({ url: `https://a.test${path}` });
  assert.equal(at("/v1/models"), "allow");
  assert.equal(at("/v1/chat/completions?x=1"), "allow");
  assert.equal(at("/v1/files"), "deny allowed_paths");
  assert.equal(at("/v1/chat/../files"), "deny allowed_paths");
  assert.equal(at("/v1/chat;x/y"), "deny allowed_paths");
  assert.equal(at("/V1/models"), "deny allowed_paths");
});

Deno.test("denied_hosts: not these, in any spelling and by any door", () => {
  const bench = new Bench(policy('denied_hosts = ["*.internal.test", "metadata.test"]'));
  const at = (url: string) => bench.ask({ url });
  assert.equal(at("https://ok.test/"), "allow");
  for (
    const url of ["https://a.internal.test/", "http://METADATA.test.:8080/", "https://x.y.internal.test:1/"]
  ) {
    assert.equal(at(url), "deny denied_hosts", url);
  }
});

Deno.test("require_approval asks for all requests, or for those it names", () => {
  assert.equal(new Bench(policy("require_approval = true")).ask(), "approve require_approval");
  const bench = new Bench(policy('require_approval = ["POST", "DELETE /v1/**", "/admin/**"]'));
  const at = (method: string, path: string, overridden = false) =>
    bench.ask({ method, url: `https://a.test${path}`, overridden });
  assert.equal(at("GET", "/v1/x"), "allow");
  assert.equal(at("POST", "/anything"), "approve require_approval");
  assert.equal(at("post", "/anything"), "approve require_approval");
  assert.equal(at("DELETE", "/v1/x"), "approve require_approval");
  assert.equal(at("DELETE", "/v2/x"), "allow");
  assert.equal(at("GET", "/admin/"), "approve require_approval");
  assert.equal(at("GET", "/v1/x", true), "deny allowed_methods");
  assert.equal(at("GET", "/%2fadmin"), "deny allowed_paths");
});

Deno.test("a denial outranks an approval, and a limit too", () => {
  const asks = policy("require_approval = true", 'rate_limit = "1/minute"');
  const bench = new Bench(asks + policy('denied_paths = ["/admin"]').replace('"p"', '"q"'));
  assert.equal(bench.ask({ url: "https://a.test/admin" }), "deny denied_paths");
  assert.equal(bench.ask(), "approve require_approval");
  assert.equal(bench.ask(), "limit rate_limit");
});

Deno.test("the first policy of the file that objects is the one that is named", () => {
  const judge =
    new Bench(policy('allowed_methods = ["GET"]') + policy("deny = true").replace('"p"', '"q"')).judge;
  const named = (asked: Asked) => {
    const { verdict } = judge.judge(question(asked));
    return verdict.kind === "deny" ? `${verdict.policy} ${verdict.clause}` : verdict.kind;
  };
  assert.equal(named({ method: "POST" }), "p allowed_methods");
  assert.equal(named({ method: "GET" }), "q deny");
});

Deno.test("a monitoring policy denies nothing and tells what it would deny", () => {
  const judge =
    new Bench(policy('allowed_methods = ["GET"]', 'rate_limit = "1/minute"', "monitor = true")).judge;
  const told = (method: string) => {
    const { verdict, monitored } = judge.judge(question({ method }));
    assert.equal(verdict.kind, "allow");
    return monitored.map(({ clause }) => clause);
  };
  assert.deepEqual(told("GET"), []);
  assert.deepEqual(told("GET"), ["rate_limit"]);
  assert.deepEqual(told("POST"), ["allowed_methods"]);
});

Deno.test("rates are counted by credential, or by caller whatever the credential", () => {
  const byCredential = new Bench(policy('rate_limit = "1/minute"'));
  assert.equal(byCredential.ask({ credential: "a", caller: "x" }), "allow");
  assert.equal(byCredential.ask({ credential: "b", caller: "x" }), "allow");
  assert.equal(byCredential.ask({ credential: "a", caller: "y" }), "limit rate_limit");
  const byCaller = new Bench(policy('rate_limit = "1/minute"', 'rate_key = "caller"'));
  assert.equal(byCaller.ask({ credential: "a", caller: "x" }), "allow");
  assert.equal(byCaller.ask({ credential: "b", caller: "x" }), "limit rate_limit");
  assert.equal(byCaller.ask({ credential: "a", caller: null }), "allow");
  assert.equal(byCaller.ask({ credential: "b", caller: null }), "limit rate_limit");
});

Deno.test("a use counts once, though the applied text and the file both have its policy", () => {
  const text = policy('rate_limit = "2/minute"');
  const bench = new Bench([text, text]);
  assert.deepEqual([bench.ask(), bench.ask(), bench.ask()], ["allow", "allow", "limit rate_limit"]);
});

Deno.test("what a policy denies is not counted, and a use that is taken back neither", () => {
  const { judge } = new Bench(policy('rate_limit = "1/minute"', 'allowed_methods = ["GET"]'));
  assert.equal(judge.judge(question({ method: "POST" })).verdict.kind, "deny");
  const taken = judge.judge(question());
  assert.equal(taken.verdict.kind, "allow");
  taken.uncount();
  taken.uncount();
  assert.equal(judge.judge(question()).verdict.kind, "allow");
  assert.equal(judge.judge(question()).verdict.kind, "limit");
});

Deno.test("both texts are enforced: what either denies is denied", () => {
  const bench = new Bench([policy('allowed_methods = ["GET"]'), policy('denied_paths = ["/x"]')]);
  assert.equal(bench.ask({ method: "POST" }), "deny allowed_methods");
  assert.equal(bench.ask({ url: "https://a.test/x" }), "deny denied_paths");
  assert.equal(bench.ask(), "allow");
});

Deno.test("counts go on from the log when policies are read anew, and keep what the log does not know yet", () => {
  const policies = policiesOf(policy('rate_limit = "3/minute"'));
  const asked = question();
  const past = [{ at: 10_000, subject: asked.credential, caller: null }];
  const judge = new PolicyJudge(() => 60_000);
  judge.enforce([new PolicyIndex(policies)], past);
  assert.equal(judge.judge(asked).verdict.kind, "allow");
  // Read anew before the last use was written down: it is not forgotten.
  judge.enforce([new PolicyIndex(policies)], past);
  assert.equal(judge.judge(asked).verdict.kind, "allow");
  assert.equal(judge.judge(asked).verdict.kind, "limit");
  // Under a new name or limit the log alone tells.
  const renamed = policiesOf(policy('rate_limit = "1/minute"').replace('"p"', '"q"'));
  judge.enforce([new PolicyIndex(renamed)], past);
  assert.equal(judge.judge(asked).verdict.kind, "limit");
});

Deno.test("a rate that is about other credentials now is counted from the log and keeps what the log does not know yet", () => {
  const of = (
    ...lines: string[]
  ) => [new PolicyIndex(policiesOf(policy('rate_limit = "1/minute"', ...lines)))];
  const asked = question();
  const clock = { now: 60_000 };
  const judge = new PolicyJudge(() => clock.now);
  judge.enforce(of(), []);
  assert.equal(judge.judge(asked).verdict.kind, "allow");
  assert.equal(judge.begin(of('credential = "aws-*"')), 60_000);
  clock.now = 60_500;
  assert.equal(judge.judge(asked).verdict.kind, "limit", "until all are counted");
  judge.countPast([{ at: 1_000, subject: asked.credential, caller: null }]);
  judge.finish();
  clock.now = 61_500;
  assert.equal(judge.judge(asked).verdict.kind, "limit", "of the use that the log does not know");
  clock.now = 120_000;
  assert.equal(judge.judge(asked).verdict.kind, "allow");
  assert.equal(judge.begin(of('credential = "aws-*"')), 0, "nothing is new");
});

Deno.test("exactly N of 10,000 uses pass a limit of N, a restart in between included", () => {
  for (const limit of [1, 100, 5000]) {
    const policies = policiesOf(policy(`rate_limit = "${limit}/hour"`));
    const log: { at: number; subject: PolicyQuestion["credential"]; caller: null }[] = [];
    const clock = { now: 1_000_000 };
    let judge = new PolicyJudge(() => clock.now);
    judge.enforce([new PolicyIndex(policies)], log);
    for (let i = 0; i < 10_000; i++) {
      clock.now += i % 3;
      const asked = question();
      if (judge.judge(asked).verdict.kind === "allow") {
        log.push({ at: clock.now, subject: asked.credential, caller: null });
      }
      if (i % 1777 === 50) {
        judge = new PolicyJudge(() => clock.now);
        judge.enforce([new PolicyIndex(policies)], log);
      }
    }
    assert.equal(log.length, limit);
  }
});

const HOSTS = ["a.test", "b.test", "*.test", "a.test:8443", "http://a.test"];
const PATHS = ["/a/**", "/a/*", "/b", "/**/c", "/a/b*"];
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const some = (items: string[]) =>
  optional(fc.uniqueArray(fc.constantFrom(...items), { minLength: 1, maxLength: 3 }));
const randomPolicy = fc.record({
  credential: optional(fc.constantFrom("one", "two", "t*", "*")),
  caller: optional(fc.constantFrom("ci", "c*")),
  allowed_hosts: some(HOSTS),
  denied_hosts: some(["c.test", "[::1]"]),
  allowed_methods: some(["GET", "POST", "PUT"]),
  allowed_paths: some(PATHS),
  denied_paths: some(["/c/**", "/a/c/", "/*/x"]),
  days: optional(fc.constantFrom("Mon-Fri", "Sat", "Wed")),
  max_body: optional(fc.nat(20)),
  expires: optional(fc.constantFrom("2026-03-04T15:00:00Z", "2026-03-04T15:00:01Z")),
  deny: fc.constant(false),
  monitor: optional(fc.boolean()),
});
const randomQuestion = fc.record({
  credential: fc.constantFrom("one", "two", "three"),
  caller: fc.constantFrom("ci", "human", null),
  method: fc.constantFrom("GET", "POST", "DELETE", "get"),
  url: fc.tuple(
    fc.constantFrom(
      "https://a.test",
      "http://a.test",
      "https://a.test:8443",
      "https://c.test",
      "https://[::1]",
    ),
    fc.constantFrom("/", "/a", "/a/b", "/a/b/c", "/b/", "/c", "/c/d", "/a/c", "/x/x", "/a;b", "/a/%62"),
  ).map(([host, path]) => host + path),
  overridden: fc.boolean(),
  body: fc.constantFrom(0, 10, null),
});

/** The plain reading: one policy after the other. */
function naive(
  policies: readonly Policy[],
  asked: PolicyQuestion,
  now: number,
  monitor: boolean,
): string | null {
  for (const each of policies) {
    if (each.monitor !== monitor || !governs(each, asked.credential, asked.caller)) continue;
    const clause = failingClause(each, asked, now);
    if (clause !== null) return `${each.name} ${clause}`;
  }
  return null;
}

Deno.test("property: the index says the same as reading the policies one by one", () => {
  const now = Date.parse("2026-03-04T15:00:00Z");
  fc.assert(
    fc.property(
      fc.array(randomPolicy, { maxLength: 8 }),
      fc.array(randomQuestion, { minLength: 1, maxLength: 4 }),
      (keys, questions) => {
        const text = keys.map((each, i) => {
          const lines = Object.entries(each).filter(([, value]) => value !== undefined).map(([key, value]) =>
            `${key} = ${JSON.stringify(value)}`
          );
          return ["[[policy]]", `name = "p${i}"`, ...lines, ""].join("\n");
        }).join("");
        const policies = policiesOf(text);
        const judge = new PolicyJudge(() => now);
        judge.enforce([new PolicyIndex(policies)], []);
        for (const each of questions) {
          const asked = question(each);
          const { verdict, monitored } = judge.judge(asked);
          const said = verdict.kind === "deny" ? `${verdict.policy} ${verdict.clause}` : null;
          assert.equal(said, naive(policies, asked, now, false));
          const [first] = monitored;
          const told = first === undefined ? null : `${first.policy} ${first.clause}`;
          assert.equal(told, naive(policies, asked, now, true));
        }
      },
    ),
    { numRuns: Math.ceil(FUZZ_CASES / 5) },
  );
});

Deno.test("property: whether a person is asked does not depend on the index", () => {
  const rules = fc.uniqueArray(fc.constantFrom("POST", "GET /a/**", "/b", "* /c/**"), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(rules, randomQuestion, (rules, each) => {
      const [one] = policiesOf(policy(`require_approval = ${JSON.stringify(rules)}`));
      assert.ok(one);
      const asked = question(each);
      const said = new Bench(policy(`require_approval = ${JSON.stringify(rules)}`)).ask(each);
      const denied = failingClause(one, asked, 0);
      const expected = denied !== null
        ? `deny ${denied}`
        : needsApproval(one, asked)
        ? "approve require_approval"
        : "allow";
      assert.equal(said, expected);
    }),
    { numRuns: Math.ceil(FUZZ_CASES / 10) },
  );
});
