import assert from "node:assert/strict";
import fc from "fast-check";
import type { AuditRow } from "../../../src/core/audit.ts";
import { mistakeText } from "../../../src/core/policy/mistake.ts";
import { recordRequests } from "../../../src/core/policy/record.ts";
import { parseRecording, type RecordedRequest } from "../../../src/core/policy/recorded.ts";
import { replay, verdictText } from "../../../src/core/policy/replay.ts";
import { FUZZ_CASES } from "../fuzz.ts";
import { policiesOf, policy } from "./support.ts";

const AT = Date.UTC(2026, 0, 31, 12, 0, 0);

function requestsOf(text: string): readonly RecordedRequest[] {
  const read = parseRecording(text);
  if (read.ok) return read.requests;
  assert.fail(read.mistakes.map((mistake) => mistakeText("r", mistake)).join("\n"));
}

function mistakes(...lines: string[]): string[] {
  const read = parseRecording(["[[request]]", ...lines, ""].join("\n"));
  return read.ok ? [] : read.mistakes.map((mistake) => mistakeText("r", mistake));
}

function row(seq: number, changes: Partial<AuditRow> = {}): AuditRow {
  return {
    seq,
    at: AT + seq,
    authenticated: true,
    event: "CredentialUsed",
    credential: "openai",
    project: "default",
    host: "api.openai.com",
    path: "/v1/models",
    method: "GET",
    ...changes,
  };
}

const GOOD = ['credential = "a"', 'url = "https://a.test/"', 'expect = "deny"'];

Deno.test("a request needs credential, URL and verdict; the rest has defaults", () => {
  const [request] = requestsOf(["[[request]]", ...GOOD].join("\n"));
  assert.deepEqual(request, {
    line: 1,
    question: {
      credential: { id: "default/a", name: "a", project: "default" },
      caller: null,
      method: "GET",
      methodOverridden: false,
      scheme: "https",
      host: "a.test",
      port: 443,
      path: "/",
      bodyBytes: 0,
    },
    url: "https://a.test/",
    at: null,
    expect: "deny",
    policy: null,
  });
  assert.deepEqual(mistakes().map((each) => each.split(": ")[1]), [
    "a request needs credential",
    "a request needs url",
    "a request needs expect",
  ]);
});

Deno.test("mistakes in recorded requests are named by line and column", () => {
  const cases: [string, string][] = [
    ['expected = "deny"', "r:5:1: unknown key 'expected': did you mean 'expect'?"],
    ['method = "GTE"', "r:5:10: unknown method 'GTE': did you mean 'GET'?"],
    ["at = 2026-01-31", "r:5:6: at must say where its time is"],
    ['body_size = "big"', "r:5:13: 'big' is no size"],
    ["caller = 1", "r:5:10: caller must be a text in quotes, not a number"],
    ['policy = " "', "r:5:10: it is blank"],
  ];
  for (const [line, said] of cases) assert.ok(mistakes(...GOOD, line)[0]?.startsWith(said), line);
  assert.match(
    mistakes(...GOOD.with(1, 'url = "a.test"'))[0] ?? "",
    /^r:3:7: 'a\.test': cannot use the target/,
  );
  assert.match(mistakes(...GOOD.with(2, 'expect = "alow"'))[0] ?? "", /^r:4:10: .* did you mean 'allow'\?$/);
  assert.match(
    mistakes(...GOOD.with(2, 'expect = "allow"'), 'policy = "p"')[0] ?? "",
    /^r:5:1: no policy dec/,
  );
  const other = parseRecording("[[requests]]\n");
  assert.ok(!other.ok && /did you mean '\[\[request\]\]'/.test(other.mistakes[0].message));
});

Deno.test("a replay counts rate limits over the requests before, and anew where the time goes back", () => {
  const sources = [{ name: "p", policies: policiesOf(policy('rate_limit = "2/minute"')) }];
  const at = (second: number, expect: string) =>
    `[[request]]\ncredential = "a"\nurl = "https://a.test/"\nat = ${
      new Date(AT + second * 1000).toISOString()
    }\nexpect = "${expect}"\n`;
  const text = [
    at(0, "allow"),
    at(1, "allow"),
    at(2, "limit"),
    at(60, "allow"),
    at(0, "allow"),
    at(1, "allow"),
    at(1, "limit"),
  ].join("\n");
  const replayed = replay(sources, requestsOf(text), AT);
  assert.deepEqual(replayed.filter(({ ok }) => !ok).map(({ request }) => request.line), []);
  assert.equal(
    verdictText(replayed[2]?.verdict ?? { kind: "allow" }),
    "limit: policy 'p': more than 2/minute is too often",
  );
});

Deno.test("a verdict by another policy than the expected one is a mismatch", () => {
  const sources = [{ name: "p", policies: policiesOf(policy("deny = true")) }];
  const test = (name: string) =>
    replay(sources, requestsOf(["[[request]]", ...GOOD, `policy = "${name}"`].join("\n")), AT)[0]?.ok;
  assert.deepEqual([test("p"), test("q")], [true, false]);
});

Deno.test("the log becomes requests: uses are allowed, refusals by policies denied or limited, questions approved", () => {
  const { text, requests, leftOut } = recordRequests([
    row(1),
    row(2, { event: "CredentialUseFinished", refersTo: 1, bytesOut: 17 }),
    row(3, {
      event: "PolicyDenied",
      denied: true,
      status: 403,
      reason: "policy 'reads': no",
      method: "POST",
    }),
    row(4, {
      event: "PolicyDenied",
      denied: true,
      status: 429,
      reason: "policy 'slow': too often",
      caller: "ci",
    }),
    row(5, { event: "ApprovalTimedOut", denied: true, policy: "ask", method: "DELETE" }),
    row(6, { event: "ApprovalGranted", policy: "ask", method: "PUT" }),
    row(7, { method: "PUT" }),
    row(8, { method: "PUT" }),
    row(9, { event: "CredentialDenied", denied: true, reason: "host_not_allowed" }),
    row(10, { event: "VaultUnlocked" }),
    row(11, { path: "/…" }),
    row(12, { host: "localhost:8080" }),
  ]);
  assert.deepEqual([requests, leftOut], [7, 1]);
  assert.deepEqual(
    requestsOf(text).map(({ question, url, expect, policy, at }) => [
      question.method,
      url,
      expect,
      policy,
      question.caller,
      question.bodyBytes,
      at,
    ]),
    [
      ["GET", "https://api.openai.com/v1/models", "allow", null, null, 17, AT + 1],
      ["POST", "https://api.openai.com/v1/models", "deny", "reads", null, 0, AT + 3],
      ["GET", "https://api.openai.com/v1/models", "limit", "slow", "ci", 0, AT + 4],
      ["DELETE", "https://api.openai.com/v1/models", "approve", "ask", null, 0, AT + 5],
      ["PUT", "https://api.openai.com/v1/models", "approve", "ask", null, 0, AT + 7],
      ["PUT", "https://api.openai.com/v1/models", "allow", null, null, 0, AT + 8],
      ["GET", "http://localhost:8080/v1/models", "allow", null, null, 0, AT + 12],
    ],
  );
});

Deno.test("whatever the log holds, what is made of it can be read, with as many requests as it says", () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  const anyRow = fc.record({
    credential: text,
    project: text,
    caller: text,
    host: fc.oneof(text, fc.constantFrom("a.test", "[::1]:80")),
    path: fc.oneof(text, fc.constantFrom("/", "/a?b", '/"')),
    method: fc.oneof(text, fc.constantFrom("GET", "GTE", "TRACE")),
    reason: text,
    policy: text,
    event: fc.constantFrom("CredentialUsed", "PolicyDenied", "ApprovalDenied", "ApprovalGranted"),
  }, { requiredKeys: ["event"] });
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 5 }), (rows) => {
      const made = recordRequests(rows.map((each, i) => row(i + 1, each as Partial<AuditRow>)));
      assert.equal(requestsOf(made.text).length, made.requests);
    }),
    { numRuns: FUZZ_CASES },
  );
});
