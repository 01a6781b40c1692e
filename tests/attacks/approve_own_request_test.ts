import assert from "node:assert/strict";
import { approvalDigest, ONCE } from "../../src/core/approval.ts";
import { WispKeyError } from "../../src/core/errors.ts";
import { connectDaemon } from "../../src/daemon/connect.ts";
import { Home } from "../e2e/harness.ts";

Deno.test("an agent cannot approve what it asked for itself, neither by the command nor on the socket", async () => {
  await using home = await Home.withVault();
  const daemon = await connectDaemon(home.vault);
  assert(daemon);
  try {
    const wish = {
      credential: "k",
      project: "default",
      host: "evil.test",
      reason: "\u001b]0;all is well\u0007 trust me",
    };
    const { id } = (await daemon.call("approvals.ask_access", wish)).result;
    const [question] = (await daemon.call("approvals.list", {})).result.questions;
    assert(question);
    const params = { id, digest: await approvalDigest(question), ...ONCE };
    await assert.rejects(
      daemon.call("approvals.approve", params),
      (error) => error instanceof WispKeyError && error.code === "password_required",
    );
    const forged = await home.run(["approvals", "approve", id], { env: { WISPKEY_PASSWORD: "" } });
    assert.equal(forged.code, 5, forged.stderr);
    const guessed = await home.run(["approvals", "approve", id], {
      env: { WISPKEY_PASSWORD: "a wrong guess" },
    });
    assert.notEqual(guessed.code, 0);

    const { stdout } = await home.run(["approvals", "list"]);
    assert.match(stdout, new RegExp(id), "it still waits");
    assert.match(stdout, /the agent's own words/);
    assert.ok(!/[^\P{Cc}\n]/u.test(stdout), "what the agent wrote does nothing to the terminal");

    await home.ok("approvals", "approve", id);
    assert.equal((await daemon.call("approvals.list", {})).result.questions.length, 0);
    const again = await home.run(["approvals", "approve", id]);
    assert.equal(again.code, 4, "an id serves once");
  } finally {
    daemon.close();
  }
  const { entries } = await home.json("log", "--last", "20");
  const rows = entries.map(({ event_type }: { event_type: string }) => event_type);
  assert.ok(rows.includes("ApprovalAsked") && rows.includes("ApprovalGranted"), rows.join());
});
