import assert from "node:assert/strict";
import { sha256Hex } from "../../src/core/approval.ts";
import { ApprovalDesk, MAX_PENDING_PER_CALLER } from "../../src/daemon/approvals/desk.ts";
import type { ApprovalDraft } from "../../src/proxy/approvals.ts";

// Anybody on the socket may wish for access, and a wish waits for an hour.
Deno.test("wishes for access that nobody answers do not keep a request from being asked about", async () => {
  const desk = new ApprovalDesk({ note: () => {}, timeoutMs: () => 60_000, locked: () => false });
  const wish = { caller: null, credential: "default/k", host: "evil.test", reason: "please" };
  for (let n = 0; n < MAX_PENDING_PER_CALLER; n++) await desk.askAccess(wish);
  await assert.rejects(desk.askAccess(wish), { code: "too_many_approvals" });
  const nothing = await sha256Hex(new Uint8Array(0));
  const draft: ApprovalDraft = {
    caller: null,
    credentials: ["default/k"],
    policies: ["ask-me"],
    method: "POST",
    scheme: "https",
    host: "api.example",
    path: "/pay",
    bodyBytes: 0,
    bodySha256: nothing,
    targetSha256: nothing,
    headersSha256: nothing,
  };
  const outcome = desk.ask(draft, "/pay", null);
  const answered = outcome.then((how) => void (refusedAtOnce = how));
  let refusedAtOnce = "";
  for (let turn = 0; turn < 100 && desk.list().length === MAX_PENDING_PER_CALLER; turn++) {
    if (refusedAtOnce !== "") break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(refusedAtOnce, "");
  assert.equal(desk.list().filter(({ kind }) => kind === "request").length, 1);
  desk.clear();
  await answered;
  assert.equal(await outcome, "locked");
});
