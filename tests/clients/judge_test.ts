import assert from "node:assert/strict";
import type { Outcome } from "./attempt.ts";
import { judge, withoutTrying } from "./judge.ts";

const WORKS: Outcome = { verdict: "works", said: "", violations: [] };
const FAILS: Outcome = { verdict: "fails", said: "exit code 1: ENOTFOUND", violations: [] };
const WHY = { why: "it reads no variables", evidence: /ENOTFOUND/ };

Deno.test("what the table says is confirmed", () => {
  assert.deepEqual(judge(WORKS, undefined), { verdict: "works", remark: "" });
  assert.deepEqual(judge(WORKS, { note: "mind this" }), { verdict: "works", remark: "mind this" });
  assert.deepEqual(judge(FAILS, WHY), { verdict: "fails", remark: "it reads no variables" });
  assert.deepEqual(judge({ ...WORKS, verdict: "absent" }, WHY), { verdict: "absent", remark: "" });
});

Deno.test("what the table does not know is a surprise, and so is a failure for another reason", () => {
  assert.equal(judge(FAILS, undefined).verdict, "surprise");
  assert.equal(judge(FAILS, { note: "mind this" }).verdict, "surprise");
  assert.equal(judge(WORKS, WHY).verdict, "surprise");
  assert.equal(judge({ ...FAILS, said: "out of memory" }, WHY).verdict, "surprise");
});

Deno.test("a secret that a client saw is a surprise, whether its request worked or not", () => {
  const violations = ["the client saw a secret"];
  assert.equal(judge({ ...WORKS, violations }, undefined).verdict, "surprise");
  assert.equal(judge({ ...FAILS, violations }, WHY).verdict, "surprise");
});

Deno.test("where there is nothing to try, the table is taken at its word", () => {
  assert.deepEqual(withoutTrying({ why: "speaks https only" }), {
    verdict: "fails",
    remark: "speaks https only",
  });
  for (const expected of [undefined, { note: "mind this" }, WHY]) assert.equal(withoutTrying(expected), null);
});
