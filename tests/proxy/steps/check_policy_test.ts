import assert from "node:assert/strict";
import {
  type BodyNeeds,
  type Judgement,
  NO_NEEDS,
  NO_OBJECTION,
  type PolicyQuestion,
  type Verdict,
} from "../../../src/core/policy/verdict.ts";
import type { PolicyPort } from "../../../src/proxy/ports.ts";
import { get as getWith, parse, send, type World } from "../harness.ts";
import { withProxy } from "../harness.ts";

/** Policies that answer what a test wants, and remember what they were asked. */
class ScriptedPolicies implements PolicyPort {
  readonly asked: PolicyQuestion[] = [];
  uncounted = 0;
  needs: BodyNeeds = NO_NEEDS;
  answer: (question: PolicyQuestion) => Partial<Judgement> = () => ({});

  bodyNeeds(): BodyNeeds {
    return this.needs;
  }

  judge(question: PolicyQuestion): Judgement {
    this.asked.push(question);
    return { ...NO_OBJECTION, uncount: () => void this.uncounted++, ...this.answer(question) };
  }
}

const OBJECTION = {
  policy: "reads-only",
  clause: "allowed_methods",
  reason: "the method is not allowed",
} as const;

async function withPolicies(test: (world: World, policies: ScriptedPolicies, url: string) => Promise<void>) {
  const policy = new ScriptedPolicies();
  await withProxy(
    async (world) => await test(world, policy, `http://127.0.0.1:${world.upstream.port}/v1/x`),
    {
      policy,
    },
  );
}

function get(target: string, ...fields: string[]): string {
  return getWith(target, ...(target.startsWith("/") ? [] : [`Host: ${new URL(target).host}`]), ...fields);
}

function post(url: string, token: string, body: string, ...fields: string[]): string {
  const head = [
    `POST ${url} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    `Authorization: Bearer ${token}`,
    "Connection: close",
    ...fields,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

function verdict(answer: Verdict): () => Partial<Judgement> {
  return () => ({ verdict: answer });
}

Deno.test("policies are not asked about a request without a token", async () => {
  await withPolicies(async ({ port }, policies, url) => {
    assert.equal(parse(await send(port, get(url))).status, 200);
    assert.deepEqual(policies.asked, []);
  });
});

Deno.test("policies are asked once for each credential, however often and in whichever mode its token stands", async () => {
  await withPolicies(async ({ port, keyring, upstream }, policies, url) => {
    const hosts = `127.0.0.1:${upstream.port}`;
    const one = keyring.add({ name: "one", hosts, type: "api_key" });
    const two = keyring.add({
      name: "two",
      hosts,
      type: "custom_header",
      place: { in: "header", name: "X-Two" },
    });
    const fields = [`Authorization: ${one.token}`, `X-Api-Key: ${one.token}`, `X-Two: ${two.token}`];
    const modes = [
      get(url, ...fields),
      get("/", `Host: 127.0.0.1:${port}`, `X-Target-Url: ${url}`, ...fields),
      get(`/to/http/${hosts}/v1/x`, `Host: 127.0.0.1:${port}`, ...fields),
    ];
    for (const request of modes) {
      policies.asked.length = 0;
      assert.equal(parse(await send(port, request)).status, 200);
      assert.deepEqual(policies.asked.map(({ credential }) => credential.name), ["one", "two"]);
      const [{ method, scheme, host, path, bodyBytes, caller }] = policies.asked as [PolicyQuestion];
      assert.deepEqual({ method, scheme, host, path, bodyBytes, caller }, {
        method: "GET",
        scheme: "http",
        host: "127.0.0.1",
        path: "/v1/x",
        bodyBytes: 0,
        caller: null,
      });
    }
  });
});

Deno.test("a denial is 403, names the policy, reaches no upstream and is written down", async () => {
  await withPolicies(async ({ port, keyring, upstream, audit }, policies, url) => {
    const { token } = keyring.add({ name: "k", hosts: `127.0.0.1:${upstream.port}` });
    policies.answer = verdict({ kind: "deny", ...OBJECTION });
    const answer = parse(await send(port, post(url, token, "hi", "Content-Length: 2")));
    assert.equal(answer.status, 403);
    assert.equal(answer.headers.get("x-wispkey-error"), "policy_denied");
    assert.match(
      JSON.parse(answer.body).error.message,
      /'k': policy 'reads-only': the method is not allowed/,
    );
    assert.deepEqual(upstream.received, []);
    assert.deepEqual(keyring.handedOut, []);
    const [row] = audit.rows;
    assert.equal(row?.event, "PolicyDenied");
    assert.equal(row?.denied, true);
    assert.match(row?.reason ?? "", /reads-only/);
    assert.equal(policies.uncounted, 1);
  });
});

Deno.test("a rate limit is 429 with Retry-After", async () => {
  await withPolicies(async ({ port, keyring, upstream }, policies, url) => {
    const { token } = keyring.add({ hosts: `127.0.0.1:${upstream.port}` });
    policies.answer = verdict({ kind: "limit", ...OBJECTION, clause: "rate_limit", retryAfter: 17 });
    const answer = parse(await send(port, get(url, `Authorization: Bearer ${token}`)));
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get("retry-after"), "17");
    assert.equal(answer.headers.get("x-wispkey-error"), "rate_limited");
  });
});

Deno.test("policies that cannot be read are 503 for tokens, and nothing to others", async () => {
  await withPolicies(async ({ port, keyring, upstream }, policies, url) => {
    const { token } = keyring.add({ hosts: `127.0.0.1:${upstream.port}` });
    policies.answer = verdict({
      kind: "invalid",
      reason: "the policies cannot be read",
      hint: "wispkey policy check",
    });
    const answer = parse(await send(port, get(url, `Authorization: Bearer ${token}`)));
    assert.equal(answer.status, 503);
    assert.equal(JSON.parse(answer.body).error.hint, "wispkey policy check");
    assert.equal(parse(await send(port, get(url))).status, 200);
  });
});

Deno.test("what monitoring policies would have denied passes and is written down", async () => {
  await withPolicies(async ({ port, keyring, upstream, audit }, policies, url) => {
    const { token } = keyring.add({ hosts: `127.0.0.1:${upstream.port}` });
    policies.answer = () => ({ monitored: [OBJECTION] });
    assert.equal(parse(await send(port, get(url, `Authorization: Bearer ${token}`))).status, 200);
    assert.equal(audit.rows[0]?.event, "PolicyWouldDeny");
    assert.equal(audit.rows[0]?.denied, undefined);
  });
});

Deno.test("a use that is refused by a later credential's policy, or cannot be written down, is not counted", async () => {
  await withPolicies(async ({ port, keyring, upstream, audit }, policies, url) => {
    const hosts = `127.0.0.1:${upstream.port}`;
    const one = keyring.add({ name: "one", hosts });
    const two = keyring.add({
      name: "two",
      hosts,
      type: "custom_header",
      place: { in: "header", name: "X-Two" },
    });
    policies.answer = ({ credential }) =>
      credential.name === "two" ? { verdict: { kind: "deny", ...OBJECTION } } : {};
    const request = get(url, `Authorization: Bearer ${one.token}`, `X-Two: ${two.token}`);
    assert.equal(parse(await send(port, request)).status, 403);
    assert.equal(policies.uncounted, 2);
    policies.answer = () => ({});
    audit.broken = true;
    assert.equal(parse(await send(port, request)).status, 503);
    assert.equal(policies.uncounted, 4);
    audit.broken = false;
    assert.equal(parse(await send(port, request)).status, 200);
    assert.equal(policies.uncounted, 4);
  });
});

Deno.test("a body of unknown length is read first where a policy limits it", async () => {
  await withPolicies(async ({ port, keyring, upstream }, policies, url) => {
    const { token } = keyring.add({ hosts: `127.0.0.1:${upstream.port}` });
    const chunked = (text: string) =>
      post(url, token, `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`, "Transfer-Encoding: chunked");
    policies.needs = { maxBody: 100_000, forms: false };
    assert.equal(parse(await send(port, chunked("x".repeat(90_000)))).status, 200);
    assert.equal(policies.asked.at(-1)?.bodyBytes, 90_000);
    const answer = parse(await send(port, chunked("x".repeat(1_100_000))));
    assert.equal(answer.status, 413);
    assert.equal(policies.asked.length, 1);
  });
});

Deno.test("a form is read first where a policy looks at methods", async () => {
  await withPolicies(async ({ port, keyring, upstream }, policies, url) => {
    const { token } = keyring.add({ hosts: `127.0.0.1:${upstream.port}` });
    const form = `${"a=b&".repeat(20_000)}_method=DELETE`;
    const request = (type: string) =>
      post(url, token, form, `Content-Length: ${form.length}`, `Content-Type: ${type}`);
    policies.needs = { maxBody: null, forms: true };
    assert.equal(parse(await send(port, request("application/x-www-form-urlencoded"))).status, 200);
    assert.equal(policies.asked.at(-1)?.methodOverridden, true);
    assert.equal(parse(await send(port, request("text/plain"))).status, 200);
    assert.equal(policies.asked.at(-1)?.methodOverridden, false);
  });
});
