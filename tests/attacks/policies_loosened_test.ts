/**
 * The agent edits or removes the file of policies, which is the owner's to write and so the agent's, too; or it asks the
 * daemon to apply others.
 */

import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { WispKeyError } from "../../src/core/errors.ts";
import { PolicyIndex } from "../../src/core/policy/policy_index.ts";
import { PolicyJudge } from "../../src/core/policy/judge.ts";
import { connectDaemon } from "../../src/daemon/connect.ts";
import { policiesOf, policy, question } from "../core/policy/support.ts";
import { Home } from "../e2e/harness.ts";

const STRICT = policy('allowed_methods = ["GET"]');

Deno.test("a file that was loosened or removed loosens nothing that was applied", () => {
  const applied = new PolicyIndex(policiesOf(STRICT));
  for (
    const text of ["", policy('allowed_methods = ["GET", "POST"]'), policy('allowed_methods = ["POST"]')]
  ) {
    const file = new PolicyIndex(policiesOf(text));
    const naive = new PolicyJudge(() => 0);
    naive.enforce([file], []);
    const asked = question({ method: "POST" });
    assert.equal(naive.judge(asked).verdict.kind, "allow", "who goes by the file alone is loosened");
    const both = new PolicyJudge(() => 0);
    both.enforce([applied, file], []);
    assert.equal(both.judge(asked).verdict.kind, "deny");
  }
});

Deno.test("applying other policies takes the password", async () => {
  await using home = await Home.withVault();
  const daemon = await connectDaemon(home.vault);
  assert(daemon);
  try {
    await assert.rejects(
      daemon.call("policy.apply", {}, utf8("")),
      (error) => error instanceof WispKeyError && error.code === "password_required",
    );
  } finally {
    daemon.close();
  }
});
