import assert from "node:assert/strict";
import fc from "fast-check";
import { explainUse } from "../../../src/core/policy/explain.ts";
import { parsePolicies } from "../../../src/core/policy/parse.ts";
import { STARTER_POLICIES } from "../../../src/core/policy/starter.ts";
import { policySummary } from "../../../src/core/policy/summary.ts";
import { Bench, policiesOf, policy, question } from "./support.ts";

const NOW = Date.parse("2026-03-04T15:00:00Z");

Deno.test("the explanation of a first use is the verdict of the proxy's own judge", () => {
  const clauses = [
    'allowed_methods = ["GET"]',
    'allowed_hosts = ["a.test"]',
    'denied_paths = ["/admin/**"]',
    'max_body = "1KiB"',
    'require_approval = ["POST"]',
    'days = "Wed"',
    'rate_limit = "1/minute"',
    'caller = "ci-*"\ndeny = true',
    'denied_hosts = ["b.test"]\nmonitor = true',
  ];
  const text = (picked: number[]) =>
    picked.map((at, i) => `[[policy]]\nname = "p${i}"\n${clauses[at] ?? ""}\n`).join("\n");
  const some = fc.array(fc.nat(clauses.length - 1), { maxLength: 4 });
  const asked = fc.record({
    method: fc.constantFrom("GET", "POST"),
    url: fc.constantFrom("https://a.test/", "https://b.test/admin/x"),
    caller: fc.constantFrom(null, "ci-1", "bob"),
    body: fc.constantFrom(0, 4096),
  });
  fc.assert(fc.property(some, some, asked, (applied, current, ask) => {
    const texts = [text(applied), text(current)];
    const sources = texts.map((each, i) => ({ name: `s${i}`, policies: policiesOf(each) }));
    const { verdict, source } = explainUse(sources, question(ask), NOW);
    const said = verdict.kind === "allow" || verdict.kind === "invalid"
      ? verdict.kind
      : `${verdict.kind} ${verdict.clause}`;
    assert.equal(said, new Bench(texts, NOW).ask(ask));
    assert.equal(source !== null, verdict.kind !== "allow", "whoever decided is named");
  }));
});

Deno.test("every policy about the use is told of, those about others are not", () => {
  const policies = policiesOf([
    policy("deny = true", 'credential = "other"').replace('"p"', '"others"'),
    policy('allowed_methods = ["GET"]').replace('"p"', '"reads"'),
    policy("deny = true", "monitor = true").replace('"p"', '"watch"'),
    policy('rate_limit = "5/hour"').replace('"p"', '"calm"'),
  ].join("\n"));
  const { verdict, opinions, source } = explainUse([{ name: "file", policies }], question(), NOW);
  assert.deepEqual([verdict.kind, source], ["allow", null]);
  assert.deepEqual(opinions.map(({ policy: { name }, objection }) => [name, objection?.clause ?? null]), [
    ["reads", null],
    ["watch", "deny"],
    ["calm", null],
  ]);
});

Deno.test("a policy's summary tells all of its clauses in one line", () => {
  const [all] = policiesOf(policy(
    'credential = ["a", "b-*"]',
    'caller = "ci"',
    'project = "acme"',
    'allowed_hosts = ["a.test"]',
    'denied_hosts = ["b.test"]',
    'allowed_methods = ["get"]',
    'allowed_paths = ["/v1/**"]',
    'denied_paths = ["/v1/x"]',
    'rate_limit = "10/minute"',
    'rate_key = "caller"',
    'time_window = "Mon-Fri 09:00-17:00 Europe/Berlin"',
    'max_body = "1KiB"',
    "expires = 2027-01-31T17:00:00Z",
    'require_approval = ["POST"]',
  ));
  assert.ok(all);
  assert.equal(
    policySummary(all),
    "a, b-* of project acme by ci or a caller without a name: only GET; only to a.test; not to b.test; only /v1/**; " +
      "not /v1/x; at most 10/minute for each caller; only Mon-Fri 09:00-17:00 Europe/Berlin; bodies of at most 1024 " +
      "bytes; until 2027-01-31T17:00:00.000Z; a person is asked for POST",
  );
  const summaries = policiesOf(
    `${policy("deny = true")}\n${policy("require_approval = true").replace('"p"', '"q"')}`,
  ).map(policySummary);
  assert.deepEqual(summaries, ["every credential: no use at all", "every credential: a person is asked"]);
});

Deno.test("the starter file restricts nothing as it is, and all of its examples are right", () => {
  const read = parsePolicies(STARTER_POLICIES);
  assert.ok(read.ok && read.policies.length === 0);
  const [, ...blocks] = STARTER_POLICIES.split(/^(?=# \[\[policy\]\]$)/m);
  const examples = policiesOf(
    blocks.flatMap((block) => block.split("\n").filter((line) => /^# (\[\[|\w+ = )/.test(line)))
      .map((line) => line.slice(2)).join("\n"),
  );
  assert.deepEqual(examples.map(({ name }) => name), [
    "restrict-production",
    "ask-before-writing",
    "no-production-for-ci",
    "calm-ci",
    "client-alpha",
    "try-weekdays",
  ]);
});
