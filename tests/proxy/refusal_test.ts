import assert from "node:assert/strict";
import { DeniedError, FailedError } from "../../src/core/errors.ts";
import { UpstreamError } from "../../src/proxy/http/errors.ts";
import { errorAnswer, isDefect, Refusal, toRefusal } from "../../src/proxy/refusal.ts";

const bodyOf = (error: unknown) => JSON.parse(new TextDecoder().decode(errorAnswer(error).body));

Deno.test("every kind of error has the status that tells the truth about it", () => {
  const cases: [unknown, number, string][] = [
    [new Refusal(421, { code: "foreign_host", message: "m" }), 421, "foreign_host"],
    [new UpstreamError("upstream_timeout", "m"), 504, "upstream_timeout"],
    [new UpstreamError("upstream_tls", "m"), 502, "upstream_tls"],
    [new FailedError("m", { code: "bad_target" }), 400, "bad_target"],
    [new DeniedError("m", { code: "credential_tampered" }), 403, "credential_tampered"],
    [new FailedError("m", { code: "something_else" }), 500, "something_else"],
    [new TypeError("inner"), 500, "internal"],
    ["thrown text", 500, "internal"],
  ];
  for (const [error, status, code] of cases) {
    const refusal = toRefusal(error);
    assert.deepEqual([refusal.status, refusal.code], [status, code]);
    const answer = errorAnswer(error);
    assert.equal(answer.status, status);
    assert.equal(new Map(answer.headers).get("x-wispkey-error"), code);
    assert.equal(new Map(answer.headers).get("cache-control"), "no-store");
    assert.equal(bodyOf(error).error.code, code);
  }
});

Deno.test("a hint is given if there is one, and an unexpected error keeps its text to itself", () => {
  assert.deepEqual(bodyOf(new Refusal(403, { code: "c", message: "m", hint: "h" })), {
    error: { code: "c", message: "m", hint: "h" },
  });
  assert.deepEqual(Object.keys(bodyOf(new Refusal(403, { code: "c", message: "m" })).error), [
    "code",
    "message",
  ]);
  assert.ok(!JSON.stringify(bodyOf(new TypeError("inner detail"))).includes("inner detail"));
});

Deno.test("only what nobody foresaw is a defect", () => {
  assert.ok(isDefect(new TypeError("x")) && isDefect("x") && isDefect(undefined));
  assert.ok(!isDefect(new Refusal(400, { code: "c", message: "m" })));
  assert.ok(!isDefect(new UpstreamError("upstream_dns", "m")));
  assert.ok(!isDefect(new DeniedError("m", { code: "c" })));
});
