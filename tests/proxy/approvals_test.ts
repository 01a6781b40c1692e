import assert from "node:assert/strict";
import { approvalDigest, type ApprovalQuestion, ONCE } from "../../src/core/approval.ts";
import type { AuditEntry } from "../../src/core/audit.ts";
import { WispKeyError } from "../../src/core/errors.ts";
import {
  ApprovalDesk,
  MAX_ASKED_PER_CALLER,
  MAX_PENDING_PER_CALLER,
} from "../../src/daemon/approvals/desk.ts";
import type { PolicyPort } from "../../src/proxy/ports.ts";
import { NO_NEEDS } from "../../src/core/policy/verdict.ts";
import { parse, send, withProxy, type World, writeAll } from "./harness.ts";

const WANTS_APPROVAL: PolicyPort = {
  bodyNeeds: () => NO_NEEDS,
  judge: () => ({
    verdict: { kind: "approve", policy: "ask-me", clause: "require_approval", reason: "a person must agree" },
    monitored: [],
    uncount: () => {},
  }),
};

interface Asked extends World {
  desk: ApprovalDesk;
  notes: AuditEntry[];
  /** The question that waits, once there are so many. */
  waiting: (count?: number) => Promise<ApprovalQuestion>;
  request: (changes?: Partial<Parts>) => Promise<{ status: number; headers: Map<string, string> }>;
  text: (changes?: Partial<Parts>) => string;
}

interface Parts {
  method: string;
  path: string;
  header: string;
  body: string;
}

async function withDesk(test: (asked: Asked) => Promise<void>, timeoutMs = 60_000): Promise<void> {
  const notes: AuditEntry[] = [];
  let wake = () => {};
  const desk = new ApprovalDesk({
    note: (entry) => {
      notes.push(entry);
      wake();
    },
    timeoutMs: () => timeoutMs,
    locked: () => false,
  });
  await withProxy(async (world) => {
    const { token } = world.keyring.add({
      name: "k",
      value: "the-real-secret-of-k",
      hosts: `127.0.0.1:${world.upstream.port}`,
    });
    const text = (
      { method = "POST", path = "/pay?to=a", header = "x-note: 1", body = "amount=1" }: Partial<Parts> = {},
    ) =>
      [
        `${method} http://127.0.0.1:${world.upstream.port}${path} HTTP/1.1`,
        `Host: 127.0.0.1:${world.upstream.port}`,
        `Authorization: Bearer ${token}`,
        header,
        `Content-Length: ${body.length}`,
        "Connection: close",
        "",
        body,
      ].join("\r\n");
    try {
      await test({
        ...world,
        desk,
        notes,
        text,
        request: async (changes) => parse(await send(world.port, text(changes))),
        waiting: async (count = 1) => {
          while (desk.list().length < count) await new Promise<void>((resolve) => wake = resolve);
          const [question] = desk.list();
          assert(question);
          return question;
        },
      });
    } finally {
      desk.clear();
    }
  }, { policy: WANTS_APPROVAL, ports: { approvals: desk } });
}

const events = (notes: readonly AuditEntry[]) => notes.map(({ event }) => event);
const code = (answer: { headers: Map<string, string> }) => answer.headers.get("x-wispkey-error");

Deno.test("a request that a policy wants approval for is held, and goes on as it was once approved", async () => {
  await withDesk(async ({ desk, request, waiting, upstream, notes }) => {
    const answer = request();
    const question = await waiting();
    assert.equal(upstream.received.length, 0, "nothing went out before the answer");
    assert.deepEqual(
      [question.method, question.path, question.bodyBytes, question.policies, question.caller],
      ["POST", "/pay", 8, ["ask-me"], null],
    );
    assert.ok(!JSON.stringify(question).includes("wk_"), "no token is shown");
    desk.approve(question.id, await approvalDigest(question), ONCE);
    assert.equal((await answer).status, 200);
    assert.match(upstream.received[0] ?? "", /the-real-secret-of-k[\s\S]*amount=1$/);
    assert.deepEqual(events(notes), ["ApprovalAsked", "ApprovalGranted"]);
  });
});

Deno.test("a request that is denied, or not answered in time, sends nothing", async () => {
  await withDesk(async ({ desk, request, waiting, upstream }) => {
    const answer = request();
    desk.deny((await waiting()).id);
    const refused = await answer;
    assert.deepEqual([refused.status, code(refused)], [403, "approval_denied"]);
    assert.equal(upstream.received.length, 0);
  });
  await withDesk(async ({ request, upstream, notes }) => {
    const refused = await request();
    assert.deepEqual([refused.status, code(refused)], [403, "approval_timed_out"]);
    assert.equal(upstream.received.length, 0);
    assert.deepEqual(events(notes), ["ApprovalAsked", "ApprovalTimedOut"]);
  }, 30);
});

const CHANGES: Readonly<Record<string, Partial<Parts>>> = {
  "body": { body: "amount=9" },
  "query": { path: "/pay?to=b" },
  "header": { header: "x-note: 2" },
  "method": { method: "PUT" },
  "path": { path: "/paY?to=a" },
};

for (const [what, changes] of Object.entries(CHANGES)) {
  Deno.test(`an approval for ten minutes lets the same request pass again, and not one with another ${what}`, async () => {
    await withDesk(async ({ desk, request, waiting, upstream }) => {
      const first = request();
      const question = await waiting();
      desk.approve(question.id, await approvalDigest(question), { ...ONCE, forMs: 600_000 });
      assert.equal((await first).status, 200);
      assert.equal((await request()).status, 200, "the same again");
      const other = request(changes);
      const asked = await waiting();
      assert.equal(upstream.received.length, 2);
      desk.deny(asked.id);
      assert.equal((await other).status, 403);
      assert.equal(upstream.received.length, 2);
    });
  });
}

Deno.test("a question is about the trailers, too", async () => {
  await withDesk(async ({ desk, text, port, waiting }) => {
    const digestWith = async (value: string): Promise<string> => {
      const chunked = text().replace("Content-Length: 8", "Transfer-Encoding: chunked\r\nTrailer: x-t")
        .replace("amount=1", `8\r\namount=1\r\n0\r\nx-t: ${value}\r\n\r\n`);
      const answer = send(port, chunked);
      const question = await waiting();
      desk.deny(question.id);
      assert.equal(parse(await answer).status, 403);
      return await approvalDigest(question);
    };
    const digest = await digestWith("1");
    assert.equal(await digestWith("1"), digest);
    assert.notEqual(await digestWith("2"), digest);
  });
});

Deno.test("when the time of an approval is over, the same request is asked about again", async () => {
  let now = 1_000_000;
  const asked = Promise.withResolvers<void>();
  const desk = new ApprovalDesk({
    note: () => asked.resolve(),
    timeoutMs: () => 60_000,
    locked: () => false,
    now: () => now,
  });
  const draft = {
    caller: "agent",
    credentials: ["default/k"],
    policies: ["ask-me"],
    method: "POST",
    scheme: "https",
    host: "api.example.com",
    path: "/pay",
    bodyBytes: 0,
    bodySha256: "",
    targetSha256: "",
    headersSha256: "",
  };
  const first = desk.ask(draft, "/pay", null);
  await asked.promise;
  const [question] = desk.list();
  assert(question);
  desk.approve(question.id, await approvalDigest(question), { ...ONCE, forMs: 600_000 });
  assert.equal(await first, "approved");
  now += 599_999;
  assert.equal(await desk.ask(draft, "/pay", null), "approved");
  now += 1;
  const late = desk.ask(draft, "/pay", null);
  const settled = await Promise.race([late, new Promise((resolve) => setTimeout(resolve, 100, "waits"))]);
  assert.equal(settled, "waits");
  desk.clear();
  assert.equal(await late, "locked");
});

Deno.test("an approval once is used up by the request it was given to", async () => {
  await withDesk(async ({ desk, request, waiting }) => {
    const first = request();
    const question = await waiting();
    desk.approve(question.id, await approvalDigest(question), ONCE);
    assert.equal((await first).status, 200);
    const again = request();
    const next = await waiting();
    assert.notEqual(next.id, question.id);
    assert.throws(() => desk.approve(question.id, "", ONCE), WispKeyError);
    desk.deny(next.id);
    assert.equal((await again).status, 403);
  });
});

Deno.test("an approval of the path lets other bodies and queries pass there, and nowhere else", async () => {
  await withDesk(async ({ desk, request, waiting }) => {
    const first = request();
    const question = await waiting();
    desk.approve(question.id, await approvalDigest(question), { forMs: null, session: true, thisPath: true });
    assert.equal((await first).status, 200);
    assert.equal((await request({ body: "amount=7", path: "/pay?to=c", header: "x-note: 3" })).status, 200);
    const elsewhere = request({ path: "/pay/all" });
    desk.deny((await waiting()).id);
    assert.equal((await elsewhere).status, 403);
    desk.clear();
    const later = request();
    desk.deny((await waiting()).id);
    assert.equal((await later).status, 403, "it ended with the key");
  });
});

Deno.test("what was shown for one question approves no other: its digest does not fit", async () => {
  await withDesk(async ({ desk, request, waiting, upstream }) => {
    const harmless = request();
    const shown = await waiting();
    const evil = request({ body: "amount=999" });
    await waiting(2);
    const other = desk.list().find(({ id }) => id !== shown.id);
    assert(other);
    const digest = await approvalDigest(shown);
    assert.throws(
      () => desk.approve(other.id, digest, ONCE),
      (error) => error instanceof WispKeyError && error.code === "approval_differs",
    );
    assert.equal(upstream.received.length, 0);
    desk.deny(other.id);
    desk.approve(shown.id, digest, ONCE);
    assert.equal((await harmless).status, 200);
    assert.equal((await evil).status, 403);
  });
});

Deno.test("more than three that wait, and more than twenty a minute, are refused at once", async () => {
  await withDesk(async ({ desk, request, waiting }) => {
    const held = Array.from({ length: MAX_PENDING_PER_CALLER }, (_, i) => request({ body: `amount=${i}` }));
    await waiting(MAX_PENDING_PER_CALLER);
    const refused = await request({ body: "amount=8" });
    assert.deepEqual([refused.status, code(refused)], [429, "too_many_approvals"]);
    for (const { id } of desk.list()) desk.deny(id);
    await Promise.all(held);
    for (let i = MAX_PENDING_PER_CALLER; i < MAX_ASKED_PER_CALLER; i++) {
      const answer = request();
      desk.deny((await waiting()).id);
      await answer;
    }
    assert.equal((await request()).status, 429);
  });
});

Deno.test("a client that goes away takes its question with it", async () => {
  await withDesk(async ({ desk, text, waiting, port, notes, upstream }) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(connection, text());
    await waiting();
    connection.close();
    for (const deadline = Date.now() + 10_000; desk.list().length > 0;) {
      assert.ok(Date.now() < deadline, "the question still waits");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.deepEqual(events(notes), ["ApprovalAsked", "ApprovalCancelled"]);
    assert.equal(upstream.received.length, 0);
  });
});

Deno.test("when the key is dropped, what is held is refused", async () => {
  await withDesk(async ({ desk, request, waiting, upstream }) => {
    const answer = request();
    await waiting();
    desk.clear();
    const refused = await answer;
    assert.deepEqual([refused.status, code(refused)], [503, "vault_locked"]);
    assert.equal(upstream.received.length, 0);
  });
});

Deno.test("a body that is too large to be held is refused", async () => {
  await withDesk(async ({ request, desk }) => {
    const refused = await request({ body: "x".repeat(1024 * 1024 + 1) });
    assert.deepEqual([refused.status, code(refused)], [413, "body_too_large"]);
    assert.equal(desk.list().length, 0);
  });
});

Deno.test("with nobody to ask the answer is no", async () => {
  await withProxy(async ({ keyring, port, upstream }) => {
    const { token } = keyring.add({ name: "k", value: "s".repeat(20), hosts: `127.0.0.1:${upstream.port}` });
    const answer = parse(
      await send(
        port,
        `GET http://127.0.0.1:${upstream.port}/ HTTP/1.1\r\nHost: 127.0.0.1:${upstream.port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      ),
    );
    assert.equal(answer.status, 403);
    assert.equal(upstream.received.length, 0);
  }, { policy: WANTS_APPROVAL });
});
