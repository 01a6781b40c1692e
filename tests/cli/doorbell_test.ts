import assert from "node:assert/strict";
import type { AuditRow } from "../../src/core/audit.ts";
import { approvalDigest, type ApprovalQuestion } from "../../src/core/approval.ts";
import type { ServeEvent } from "../../src/daemon/api.ts";
import { FakeVault, NOW, PASSWORD, run, type RunOptions } from "./fake.ts";
import { QUESTION } from "./fake_log.ts";
import type { FakePrograms } from "./fake_programs.ts";

function asked(question: ApprovalQuestion, event: AuditRow["event"] = "ApprovalAsked"): ServeEvent {
  const { id, host, method } = question;
  const reason = `approval ${id}, 12 bytes`;
  return {
    row: { seq: 1, at: NOW, event, credential: "openai", host, method, reason, authenticated: true },
  };
}

/** Serves in the foreground until so many answers were given, or Ctrl-C at a hidden prompt. */
async function serve(
  questions: ApprovalQuestion[],
  options: RunOptions & { answers: number },
  ...flags: string[]
) {
  const vault = new FakeVault();
  vault.questions = questions;
  vault.events = questions.map((question) => asked(question));
  const answered = () => vault.calls.filter(({ name }) => /approve|deny/.test(name)).length;
  vault.watching = async (signal) => {
    while (!signal.aborted && answered() < options.answers) await new Promise((next) => setTimeout(next));
    // What follows the last answer on the screen.
    for (let i = 0; i < 3; i++) await new Promise((next) => setTimeout(next));
  };
  return await run(["serve", ...flags], { ...options, vault });
}

Deno.test("serve on a terminal shows the question, escaped, and approves exactly it with the password", async () => {
  const ran = await serve([QUESTION], { answers: 1, confirm: true, secrets: [PASSWORD] });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /the agent's own words\): POST https:\/\/api\.openai\.com\/v1\\u\{1b\}/);
  assert.deepEqual(ran.asked.map((text) => text.split(",")[0]), ["Approve it", "Master password: "]);
  const call = ran.vault.calls.find(({ name }) => name === "approvals.approve");
  assert.equal(call?.proven, true);
  assert.deepEqual(call?.params, {
    id: QUESTION.id,
    digest: await approvalDigest(QUESTION),
    forMs: null,
    session: false,
    thisPath: false,
  });
  assert.match(ran.stderr, new RegExp(`Approved ${QUESTION.id}\\.`));
  assert.equal(ran.vault.open, 0);
});

Deno.test("several questions are asked one after the other, and no denies without the password", async () => {
  const other = { ...QUESTION, id: "aaaabbbbcccc" };
  const ran = await serve([QUESTION, other], { answers: 2, confirm: false });
  assert.equal(ran.asked.length, 2);
  assert.deepEqual(
    ran.vault.calls.filter(({ name }) => name === "approvals.deny").map((
      { params, proven },
    ) => [params, proven]),
    [[{ id: QUESTION.id }, false], [{ id: other.id }, false]],
  );
  assert.ok(ran.stderr.indexOf(`Refused ${QUESTION.id}`) < ran.stderr.indexOf(`${other.id}  waits`));
});

Deno.test("a wrong password is asked for again, and Ctrl-C at its prompt closes the proxy", async () => {
  const again = await serve([QUESTION], { answers: 1, confirm: true, secrets: ["wrong", PASSWORD] });
  assert.match(again.stderr, /the master password is wrong/);
  assert.ok(again.vault.calls.some(({ name }) => name === "approvals.approve"));
  const left = await serve([QUESTION], { answers: 1, confirm: true, secrets: [] });
  assert.equal(left.code, 0);
  assert.ok(!left.vault.calls.some(({ name }) => /approve|deny/.test(name)), "nothing was answered");
});

Deno.test("a question that ended before its turn is not asked", async () => {
  const vault = new FakeVault();
  vault.questions = [];
  vault.events = [asked(QUESTION), asked(QUESTION, "ApprovalTimedOut")];
  const ran = await run(["serve"], { vault, confirm: true });
  assert.deepEqual(ran.asked, []);
});

Deno.test("without a terminal, and in JSON, nobody is asked", async () => {
  const plain = await serve([QUESTION], { answers: 0 });
  assert.match(plain.stderr, /A request waits for you.*approvals approve 3f9a1c0b7d2e/);
  const json = await serve([QUESTION], { answers: 0, confirm: true, secrets: [PASSWORD] }, "--json");
  assert.deepEqual([json.asked, json.stderr], [[], ""]);
  for (const line of json.stdout.trim().split("\n")) JSON.parse(line);
});

Deno.test("a request that waits is announced on the desktop, unless told not to", async () => {
  const programs: FakePrograms = {};
  await serve([QUESTION], { answers: 0, programs });
  assert.deepEqual(programs.notifications, [
    ["WispKey: a request waits for you", "a caller without a name: POST api.openai.com, with openai"],
  ]);
  const silent: FakePrograms = {};
  await serve([QUESTION], { answers: 0, programs: silent }, "--no-notify");
  assert.equal(silent.notifications, undefined);
});
