import assert from "node:assert/strict";
import { approvalDigest, ONCE } from "../../src/core/approval.ts";
import { NO_NEEDS, type Verdict } from "../../src/core/policy/verdict.ts";
import { ApprovalDesk } from "../../src/daemon/approvals/desk.ts";
import type { Caller } from "../../src/proxy/callers.ts";
import { parse, send, withProxy } from "../proxy/harness.ts";

const AGENT: Caller = { name: "agent", kind: "run", project: null, credentials: null, intercept: false };
const ASK: Verdict = {
  kind: "approve",
  policy: "ask-me",
  clause: "require_approval",
  reason: "a person must agree",
};

interface Held {
  known: boolean;
  verdict: Verdict;
}

/** Sends a request that waits, lets `meanwhile` happen, approves it; answers status and code, and what went out. */
async function approvedAfter(
  meanwhile: (held: Held) => void,
  headers: readonly string[] = [],
): Promise<{ answer: string; sent: number; shown: string }> {
  const held: Held = { known: true, verdict: ASK };
  const asked = Promise.withResolvers<void>();
  const desk = new ApprovalDesk({
    note: ({ event }) => event === "ApprovalAsked" && asked.resolve(),
    timeoutMs: () => 60_000,
    locked: () => false,
  });
  const result = { answer: "", sent: 0, shown: "" };
  await withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ name: "k", hosts: host });
    const waiting = send(
      port,
      [
        `POST http://${host}/pay HTTP/1.1`,
        `Host: ${host}`,
        `Authorization: Bearer ${token}`,
        ...headers,
        "Content-Length: 0",
        "Connection: close",
        "",
        "",
      ].join("\r\n"),
    );
    await asked.promise;
    const [question] = desk.list();
    assert(question);
    result.shown = question.method;
    meanwhile(held);
    desk.approve(question.id, await approvalDigest(question), ONCE);
    const answer = parse(await waiting);
    result.answer = `${answer.status} ${answer.headers.get("x-wispkey-error") ?? ""}`.trim();
    result.sent = upstream.received.length;
  }, {
    policy: {
      bodyNeeds: () => NO_NEEDS,
      judge: () => ({ verdict: held.verdict, monitored: [], uncount: () => {} }),
    },
    ports: { approvals: desk, callers: { authenticate: () => held.known ? AGENT : null } },
  });
  return result;
}

Deno.test("a request of a caller that was revoked while it waited is not sent, even if it is approved then", async () => {
  assert.deepEqual(await approvedAfter(() => {}), { answer: "200", sent: 1, shown: "POST" });
  const { answer, sent } = await approvedAfter((held) => held.known = false);
  assert.deepEqual([answer, sent], ["407 caller_refused", 0]);
});

Deno.test("a policy that was tightened while a request waited is not overruled by its approval", async () => {
  const { answer, sent } = await approvedAfter((held) =>
    held.verdict = { kind: "deny", policy: "frozen", clause: "deny", reason: "nothing is paid today" }
  );
  assert.deepEqual([answer, sent], ["403 policy_denied", 0]);
});

Deno.test("a person is shown the other method that a request asks its host for", async () => {
  const { shown } = await approvedAfter(() => {}, ["X-HTTP-Method-Override: DELETE"]);
  assert.equal(shown, "POST as DELETE");
});
