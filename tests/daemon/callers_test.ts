import assert from "node:assert/strict";
import type { AuditEntry } from "../../src/core/audit.ts";
import { fromUtf8 } from "../../src/core/bytes.ts";
import { type CallerDraft, CallerRegistry, GRACE_MS, MAX_CALLERS } from "../../src/daemon/callers.ts";
import type { CallerIdentity } from "../../src/proxy/callers.ts";
import type { Vault } from "../../src/vault/mod.ts";
import { assertCode, peek, reopen, tamper, withVault } from "../vault/support.ts";

const DRAFT: CallerDraft = {
  name: "claude",
  project: "default",
  credentials: null,
  expiresAt: null,
  intercept: true,
};

interface Desk {
  registry: CallerRegistry;
  rows: AuditEntry[];
  clock: { now: number };
  settings: { requireCaller: boolean };
}

function desk(vault: Vault): Desk {
  const rows: AuditEntry[] = [];
  const clock = { now: 1_000_000 };
  const settings = { requireCaller: false };
  const registry = new CallerRegistry({
    vault,
    note: (entry) => void rows.push(entry),
    requireCaller: () => settings.requireCaller,
    now: () => clock.now,
  });
  return { registry, rows, clock, settings };
}

function basic(name: string, secret: string): CallerIdentity {
  return { kind: "proxy-authorization", value: `Basic ${btoa(`${name}:${secret}`)}` };
}

function opened(registry: CallerRegistry, changes: Partial<CallerDraft> = {}) {
  const { view, secret } = registry.open({ ...DRAFT, ...changes });
  return { view, secret: fromUtf8(secret) };
}

Deno.test("who shows name and secret is the caller, with its scope; everybody else is refused", () =>
  withVault((vault) => {
    const { registry } = desk(vault);
    const { view, secret } = opened(registry, { credentials: ["a"] });
    assert.match(secret, /^[0-9a-f]{48}$/);
    const expected = {
      name: "claude",
      kind: "run",
      project: "default",
      credentials: ["a"],
      intercept: true,
    };
    assert.deepEqual(registry.authenticate(basic("claude", secret)), expected);
    assert.deepEqual(registry.authenticate({ kind: "path", secret: `claude:${secret}` }), expected);
    const last = secret.endsWith("0") ? "1" : "0";
    for (
      const wrong of [
        basic("claude", secret.slice(0, -1)),
        basic("claude", `${secret.slice(0, -1)}${last}`),
        basic("claude", ""),
        basic("claude", secret.toUpperCase()),
        basic("Claude", secret),
        basic(view.id, secret),
        { kind: "path", secret } as const,
        { kind: "path", secret: "" } as const,
        { kind: "proxy-authorization", value: `Bearer ${secret}` } as const,
      ]
    ) {
      assert.equal(registry.authenticate(wrong), null, JSON.stringify(wrong));
    }
  }));

Deno.test("two callers of one name are told apart by their secrets", () =>
  withVault((vault) => {
    const { registry } = desk(vault);
    const one = opened(registry, { credentials: ["a"] });
    const two = opened(registry, { credentials: ["b"] });
    assert.deepEqual(registry.authenticate(basic("claude", one.secret))?.credentials, ["a"]);
    assert.deepEqual(registry.authenticate(basic("claude", two.secret))?.credentials, ["b"]);
    assert.equal(registry.end(one.view.id, "ended"), 1);
    assert.equal(registry.authenticate(basic("claude", one.secret)), null);
    assert.ok(registry.authenticate(basic("claude", two.secret)));
    assert.equal(registry.end("claude", "revoked"), 1);
    assert.equal(registry.authenticate(basic("claude", two.secret)), null);
  }));

Deno.test("who shows nothing is a plain caller, unless the setting asks for a name", () =>
  withVault((vault) => {
    const { registry, settings } = desk(vault);
    const { secret } = opened(registry);
    assert.equal(registry.authenticate({ kind: "none" })?.kind, "plain");
    settings.requireCaller = true;
    assert.equal(registry.authenticate({ kind: "none" }), null);
    assert.equal(registry.authenticate(basic("claude", secret))?.kind, "run");
  }));

Deno.test("a caller without a name gets one of its own", () =>
  withVault((vault) => {
    const { registry } = desk(vault);
    const names = Array.from({ length: 20 }, () => opened(registry, { name: null }).view.name);
    assert.equal(new Set(names).size, 20);
    for (const name of names) assert.match(name, /^run-[a-z]+-\d+$/);
    assertCode(() => registry.open({ ...DRAFT, name: "plain" }), "invalid_name");
    assertCode(() => registry.open({ ...DRAFT, name: "a:b" }), "invalid_name");
  }));

Deno.test("a caller whose time is over is refused at that very moment, and its holder is told", () =>
  withVault((vault) => {
    const { registry, clock } = desk(vault);
    const { view, secret } = opened(registry, { expiresAt: clock.now + 1000 });
    const ended: string[] = [];
    registry.hold(view.id, (why) => void ended.push(why));
    clock.now += 999;
    assert.ok(registry.authenticate(basic("claude", secret)));
    clock.now += 1;
    assert.equal(registry.authenticate(basic("claude", secret)), null);
    assert.deepEqual(ended, ["expired"]);
    assert.deepEqual(registry.list(), []);
  }));

Deno.test("a caller that nobody holds is forgotten after a while; one that is held stays", () =>
  withVault((vault) => {
    const { registry, clock } = desk(vault);
    const held = opened(registry, { name: "held" });
    const lost = opened(registry, { name: "lost" });
    const release = registry.hold(held.view.id, () => assert.fail("it was let go, it did not end"));
    assert.ok(release);
    clock.now += GRACE_MS + 1;
    registry.sweep();
    assert.deepEqual(registry.list().map(({ name, held }) => ({ name, held })), [{
      name: "held",
      held: true,
    }]);
    assert.equal(registry.authenticate(basic("lost", lost.secret)), null);
    release();
    clock.now += GRACE_MS;
    registry.sweep();
    assert.ok(registry.authenticate(basic("held", held.secret)));
    clock.now += 1;
    registry.sweep();
    assert.equal(registry.authenticate(basic("held", held.secret)), null);
    assert.equal(registry.hold(held.view.id, () => {}), null);
  }));

Deno.test("callers outlive the daemon that opened them; their secrets are nowhere on disk", () =>
  withVault(async (vault, directory) => {
    const { registry } = desk(vault);
    const { secret, view } = opened(registry, { credentials: ["a"], expiresAt: 2_000_000 });
    opened(registry, { name: "old", expiresAt: 1_000_001 });
    const next = await reopen(directory);
    try {
      const successor = desk(next);
      successor.clock.now += 2;
      assert.deepEqual(successor.registry.authenticate(basic("claude", secret))?.credentials, ["a"]);
      assert.ok(successor.registry.hold(view.id, () => {}));
      assert.deepEqual(successor.registry.list().map(({ name }) => name), ["claude"]);
    } finally {
      next.close();
    }
    for await (const { name } of Deno.readDir(directory)) {
      const text = new TextDecoder("latin1").decode(await Deno.readFile(`${directory}/${name}`));
      assert.ok(!text.includes(secret), name);
    }
  }));

Deno.test("a caller that was put back behind our back lets nobody in", () =>
  withVault(async (vault, directory) => {
    const { registry } = desk(vault);
    const { secret } = opened(registry);
    const [row] = peek(directory, "SELECT * FROM documents WHERE kind = 'caller'");
    registry.end("claude", "revoked");
    const columns = Object.keys(row ?? {});
    tamper(
      directory,
      `INSERT INTO documents (${columns.join()}) VALUES (${columns.map(() => "?").join()})`,
      ...columns.map((column) => row?.[column] as never),
    );
    const next = await reopen(directory);
    try {
      const successor = desk(next);
      assert.equal(successor.registry.authenticate(basic("claude", secret)), null);
      assert.deepEqual(successor.rows.map(({ event }) => event), ["VaultChangedOutside", "CallerRefused"]);
    } finally {
      next.close();
    }
  }));

Deno.test("while locked callers are known as before, and can be revoked", () =>
  withVault((vault) => {
    const { registry, rows } = desk(vault);
    const { secret } = opened(registry);
    vault.lock();
    assert.ok(registry.authenticate(basic("claude", secret)));
    assert.equal(registry.end("claude", "revoked"), 1);
    assert.equal(registry.authenticate(basic("claude", secret)), null);
    assert.deepEqual(rows.map(({ event }) => event), ["CallerRevoked", "CallerRefused"]);
  }));

Deno.test("opening and ending are written down, with the scope and without the secret", () =>
  withVault((vault) => {
    const { registry, rows } = desk(vault);
    const { secret } = opened(registry, { credentials: ["a", "b"] });
    registry.end("claude", "revoked");
    const log = vault.audit.query({}).filter(({ event }) => event.startsWith("Caller"));
    assert.deepEqual(log.map(({ event, caller }) => `${event} ${caller}`).sort(), [
      "CallerOpened claude",
      "CallerRevoked claude",
    ]);
    assert.ok(log.some(({ reason }) => reason === "credentials: a, b"));
    assert.ok(!JSON.stringify([log, rows]).includes(secret));
  }));

Deno.test("a flood of wrong secrets becomes a few rows, none of which repeats what was shown", () =>
  withVault((vault) => {
    const { registry, rows, clock } = desk(vault);
    const { secret } = opened(registry);
    for (let i = 0; i < 1000; i++) {
      assert.equal(registry.authenticate(basic("claude", `${i}`)), null);
      assert.equal(registry.authenticate(basic(`made-up-${i}`, "x")), null);
    }
    assert.deepEqual(rows, [
      { event: "CallerRefused", denied: true, reason: "wrong secret", caller: "claude" },
      { event: "CallerRefused", denied: true, reason: "no known caller" },
    ]);
    assert.ok(registry.authenticate(basic("claude", secret)), "the true one goes on undisturbed");
    clock.now += 60_000;
    registry.sweep();
    assert.deepEqual(rows.slice(2).map(({ reason }) => reason), ["and 999 times more", "and 999 times more"]);
  }));

Deno.test("there are only so many callers at once", () =>
  withVault((vault) => {
    const { registry } = desk(vault);
    for (let i = 0; i < MAX_CALLERS; i++) registry.open({ ...DRAFT, name: null });
    assertCode(() => registry.open(DRAFT), "too_many_callers");
  }));
