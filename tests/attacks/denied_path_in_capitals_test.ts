import assert from "node:assert/strict";
import { policiesOf, policy, question } from "../core/policy/support.ts";
import { PolicyIndex } from "../../src/core/policy/policy_index.ts";
import { PolicyJudge } from "../../src/core/policy/judge.ts";

/** What a policy says of a path. */
function verdictOf(text: string, path: string, method = "GET"): string {
  const judge = new PolicyJudge(() => 0);
  judge.enforce([new PolicyIndex(policiesOf(text))], []);
  return judge.judge(question({ url: `https://api.github.test${path}`, method })).verdict.kind;
}

// GitHub, GitLab and everything on Windows read paths without regard to case: /repos/ACME/Payroll is the same repository.
Deno.test("capitals do not get a path out of what is denied, or out of what a person is asked about", () => {
  const denied = policy('denied_paths = ["/repos/acme/payroll/**"]');
  const asked = policy('require_approval = ["DELETE /repos/Acme/**"]');
  for (
    const path of [
      "/repos/acme/payroll/x",
      "/repos/ACME/Payroll/x",
      "/Repos/acme/PAYROLL",
      "/repos/a%43me/payroll/",
    ]
  ) {
    assert.equal(verdictOf(denied, path), "deny", path);
    assert.equal(verdictOf(asked, path, "DELETE"), "approve", path);
  }
  assert.equal(verdictOf(denied, "/repos/acme/website"), "allow");
});

Deno.test("what is allowed has to be spelled as it was allowed", () => {
  const allowed = policy('allowed_paths = ["/v1/models"]');
  assert.equal(verdictOf(allowed, "/v1/models"), "allow");
  assert.equal(verdictOf(allowed, "/V1/models"), "deny");
});
