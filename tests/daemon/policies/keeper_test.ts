import assert from "node:assert/strict";
import type { AuditEntry } from "../../../src/core/audit.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import type { PolicyQuestion } from "../../../src/core/policy/verdict.ts";
import { PolicyKeeper } from "../../../src/daemon/policies/keeper.ts";
import type { UsedSubject } from "../../../src/daemon/policies/past_uses.ts";
import { Vault } from "../../../src/vault/mod.ts";
import { CHEAP_KDF } from "../../vault/cheap_kdf.ts";
import { tamper } from "../../vault/support.ts";

const PASSWORD = utf8("a master password");

interface World {
  vault: Vault;
  directory: string;
  path: string;
  keeper: () => PolicyKeeper;
  write: (text: string) => void;
  /** Verdict of the newest keeper for a use. */
  ask: (keeper: PolicyKeeper, change?: Partial<PolicyQuestion>) => string;
  clock: { now: number };
  /** What stands in for credentials, besides the one in the vault. */
  fallbacks: UsedSubject[];
  /** How often the log was asked for. */
  readings: () => number;
}

async function withPolicies(test: (world: World) => Promise<void> | void): Promise<void> {
  const top = await Deno.makeTempDir({ prefix: "wk-policies-" });
  const directory = `${top}/vault`;
  const clock = { now: Date.parse("2026-11-23T12:00:00Z") };
  const vault = await Vault.create(directory, PASSWORD, { ...CHEAP_KDF, now: () => clock.now });
  const [partition] = vault.partitions.list();
  assert(partition);
  const { id, name } = vault.credentials.add({
    name: "openai",
    description: "",
    type: "bearer_token",
    place: null,
    hosts: ["api.test"],
    tags: [],
    projectId: partition.projectId,
    partitionId: partition.id,
  }, utf8("secret"));
  const path = `${directory}/policies.toml`;
  const fallbacks: UsedSubject[] = [];
  const subjects = () => [
    ...vault.credentials.list().map(({ id, name, token }) => ({
      id,
      name,
      project: "default",
      tokenFingerprint: vault.tokenFingerprint(token),
    })),
    ...fallbacks,
  ];
  let readings = 0;
  const settleAudit = () => void readings++;
  try {
    await test({
      fallbacks,
      readings: () => readings,
      vault,
      directory,
      path,
      clock,
      keeper: () => new PolicyKeeper({ vault, path, past: { settleAudit, subjects }, now: () => clock.now }),
      write: (text) => Deno.writeTextFileSync(path, text),
      ask: (keeper, change = {}) =>
        keeper.judge({
          credential: { id, name, project: "default" },
          caller: null,
          method: "GET",
          methodOverridden: false,
          scheme: "https",
          host: "api.test",
          port: 443,
          path: "/v1",
          bodyBytes: 0,
          ...change,
        }).verdict.kind,
    });
  } finally {
    vault.close();
    await Deno.remove(top, { recursive: true });
  }
}

const READS = '[[policy]]\nname = "reads"\nallowed_methods = ["GET"]\n';
const WRITES = '[[policy]]\nname = "reads"\nallowed_methods = ["GET", "POST"]\n';

Deno.test("without a file and without anything applied all uses pass", () =>
  withPolicies(({ keeper, ask }) => {
    const policies = keeper();
    assert.equal(ask(policies), "allow");
    assert.deepEqual(
      { ...policies.status(), path: "" },
      {
        path: "",
        file: "absent",
        filePolicies: 0,
        mistakes: [],
        applied: null,
        appliedAt: null,
        appliedPolicies: 0,
        changes: [],
        spoiled: null,
        notes: [],
      },
    );
  }));

Deno.test("a tighter file holds as soon as it is read, a looser one only once it is applied", () =>
  withPolicies(({ keeper, ask, write }) => {
    write(READS);
    const policies = keeper();
    assert.equal(ask(policies, { method: "POST" }), "deny", "before anything is applied");
    policies.apply(READS);
    assert.equal(policies.status().file, "applied");

    write(WRITES);
    assert.equal(policies.reload(), true);
    assert.equal(policies.reload(), false);
    assert.equal(ask(policies, { method: "POST" }), "deny");
    const status = policies.status();
    assert.equal(status.file, "different");
    assert.deepEqual(status.changes.map(({ effect }) => effect), ["looser"]);
    policies.apply(WRITES);
    assert.equal(ask(policies, { method: "POST" }), "allow");
    assert.equal(ask(policies, { method: "DELETE" }), "deny");

    write(READS);
    policies.reload();
    assert.equal(ask(policies, { method: "POST" }), "deny", "tighter at once");
  }));

Deno.test("a file that is gone, emptied or replaced leaves what was applied in force, in the next daemon too", () =>
  withPolicies(({ keeper, ask, write, path }) => {
    keeper().apply(READS);
    write(READS);
    for (const damage of [() => Deno.removeSync(path), () => write(""), () => write("# nothing\n")]) {
      damage();
      assert.equal(ask(keeper(), { method: "POST" }), "deny");
      assert.equal(ask(keeper()), "allow");
    }
    keeper().apply("");
    assert.equal(ask(keeper(), { method: "POST" }), "allow", "its owner took them away");
  }));

Deno.test("a file that is not understood stops all use, and going back to a good one ends that", () =>
  withPolicies(({ keeper, ask, write, path }) => {
    const policies = keeper();
    const bad: (() => void)[] = [
      () => write("[[policy]]\nname = 'x'\nalowed_methods = ['GET']\n"),
      () => write("not toml"),
      () => write("x".repeat(1024 * 1024 + 1)),
      () => Deno.writeFileSync(path, new Uint8Array([0xff, 0xfe])),
      () => {
        Deno.removeSync(path);
        Deno.mkdirSync(path);
      },
    ];
    for (const spoil of bad) {
      spoil();
      policies.reload();
      assert.equal(ask(policies), "invalid", String(spoil));
      assert.equal(policies.status().file, "invalid");
      assert.ok(policies.status().mistakes[0]?.startsWith("policies.toml"));
    }
    Deno.removeSync(path);
    policies.reload();
    assert.equal(ask(policies), "allow");
    assert.throws(() => policies.apply("[[policy]]\nname = 'x'\n"), { code: "policy_invalid" });
    assert.equal(ask(policies), "allow", "what could not be applied changes nothing");
  }));

Deno.test("a link in the place of the file is not followed", () =>
  withPolicies(({ keeper, ask, path, directory }) => {
    Deno.writeTextFileSync(`${directory}/elsewhere`, READS);
    Deno.symlinkSync(`${directory}/elsewhere`, path);
    assert.equal(ask(keeper()), "invalid");
  }));

Deno.test("what was applied is sealed: edited, removed or put back in the database it stops all use", () =>
  withPolicies(({ keeper, ask, vault, directory }) => {
    keeper().apply(READS);
    tamper(directory, "CREATE TABLE old AS SELECT * FROM documents");
    keeper().apply(WRITES);
    for (
      const sql of [
        "UPDATE documents SET ciphertext = zeroblob(8)",
        "DELETE FROM documents",
        "INSERT INTO documents SELECT * FROM old",
      ]
    ) {
      tamper(directory, sql);
      assert.equal(ask(keeper()), "invalid", sql);
      assert.match(keeper().status().spoiled?.reason ?? "", /^the applied policies cannot be used: /, sql);
    }
    vault.acceptRows();
    keeper().apply(READS);
    assert.equal(ask(keeper()), "allow");
    assert.equal(keeper().status().spoiled, null);
  }));

Deno.test("a policy stays with the credential it was applied to when that is renamed", () =>
  withPolicies(({ keeper, ask, vault }) => {
    keeper().apply('[[policy]]\nname = "no"\ncredential = "openai"\ndeny = true\n');
    const [credential] = vault.credentials.list();
    assert(credential);
    vault.credentials.edit(credential.id, { name: "other" });
    const subject = { id: credential.id, name: "other", project: "default" };
    assert.equal(ask(keeper(), { credential: subject }), "deny");
    assert.equal(ask(keeper(), { credential: { ...subject, id: "another" } }), "allow");
  }));

Deno.test("policies that are applied again stay with a credential that was renamed, unless they name others", () =>
  withPolicies(({ keeper, ask, vault }) => {
    const text = '[[policy]]\nname = "no"\ncredential = "openai"\ndeny = true\n';
    const policies = keeper();
    policies.apply(text);
    assert.deepEqual(policies.status().notes, []);
    const [credential] = vault.credentials.list();
    assert(credential);
    vault.credentials.edit(credential.id, { name: "other" });
    const subject = { id: credential.id, name: "other", project: "default" };
    const notes = [
      { policy: "no", text: "names the credential 'openai', which does not exist" },
      { policy: "no", text: "still holds for 'other' (default), which it was applied to under another name" },
    ];
    assert.deepEqual(policies.status().notes, notes);
    const tightened = `${text}[[policy]]\nname = "more"\nallowed_methods = ["GET"]\n`;
    assert.deepEqual(policies.examine(tightened), notes);
    policies.apply(tightened);
    assert.equal(ask(policies, { credential: subject }), "deny", "another policy came, this one stayed");
    assert.equal(ask(keeper(), { credential: subject }), "deny", "in the next daemon, too");
    const moved = text.replace("openai", "openai2");
    assert.deepEqual(policies.examine(moved).length, 1);
    policies.apply(moved);
    assert.equal(ask(policies, { credential: subject }), "allow", "its owner named another");
    assert.throws(() => policies.examine("[[policy]]"), { code: "policy_invalid" });
  }));

function use(vault: Vault, at: number, change: Partial<AuditEntry> = {}): void {
  vault.audit.append([{ event: "CredentialUsed", credential: "openai", project: "default", ...change }], at);
}

const slow = (rate: string, name = "slow") => `[[policy]]\nname = "${name}"\nrate_limit = "${rate}"\n`;

Deno.test("a rate limit is counted from the log, so a restart gives no fresh start, and a window that is over does", () =>
  withPolicies(async ({ keeper, ask, vault, clock }) => {
    const counted = async () => {
      const policies = keeper();
      await policies.counted;
      return policies;
    };
    keeper().apply(slow("3/minute"));
    const first = await counted();
    for (let i = 0; i < 3; i++) {
      assert.equal(ask(first), "allow");
      use(vault, clock.now);
    }
    assert.equal(ask(first), "limit");
    assert.equal(ask(await counted()), "limit", "the next daemon");
    clock.now += 61_000;
    assert.equal(ask(await counted()), "allow");
  }));

Deno.test("until its uses before are counted a new rate limit lets nothing pass", () =>
  withPolicies(async ({ keeper, ask, write, vault, clock }) => {
    for (let i = 0; i < 5_000; i++) use(vault, clock.now);
    const policies = keeper();
    assert.equal(ask(policies), "allow");
    write(slow("5001/minute"));
    policies.reload();
    assert.equal(ask(policies), "limit");
    await policies.countedWithin(0);
    assert.equal(ask(policies), "limit", "no longer is waited than was said");
    await policies.countedWithin(60_000);
    assert.deepEqual([ask(policies), ask(policies)], ["allow", "limit"]);
  }));

Deno.test("a file that is written anew has the log read only for rates that are new", () =>
  withPolicies(async ({ keeper, ask, write, vault, clock, readings }) => {
    use(vault, clock.now);
    write(slow("3/minute"));
    const policies = keeper();
    await policies.counted;
    assert.equal(readings(), 1);
    assert.equal(ask(policies), "allow", "not in the log yet");
    for (let i = 0; i < 20; i++) {
      write(`${slow("3/minute")}# ${i}\n[[policy]]\nname = "other ${i}"\nallowed_methods = ["GET"]\n`);
      assert.equal(policies.reload(), true);
      await policies.counted;
    }
    assert.equal(readings(), 1);
    assert.deepEqual([ask(policies), ask(policies)], ["allow", "limit"]);
    for (const text of [slow("4/minute"), `${slow("4/minute")}credential = "o*"\n`, slow("4/minute", "x")]) {
      const before = readings();
      write(text);
      policies.reload();
      await policies.counted;
      assert.equal(readings(), before + 1, text);
    }
  }));

Deno.test("a rate whose file comes and goes is counted as if it had stayed", () =>
  withPolicies(async ({ keeper, ask, write, vault, clock }) => {
    const policies = keeper();
    for (let i = 0; i < 6; i++) {
      write(slow("3/minute"));
      policies.reload();
      await policies.counted;
      assert.equal(ask(policies), i < 2 ? "allow" : "limit", String(i));
      if (i < 2) use(vault, clock.now);
      write("");
      policies.reload();
      if (i === 1) {
        assert.equal(ask(policies), "allow", "while no rate holds");
        use(vault, clock.now);
      }
    }
  }));

Deno.test("counting that a newer text overtakes is given up, and counts nothing twice", () =>
  withPolicies(async ({ keeper, ask, write, vault, clock }) => {
    for (let i = 0; i < 3_000; i++) use(vault, clock.now);
    const policies = keeper();
    for (let i = 0; i < 5; i++) {
      write(`${slow("3002/minute")}# ${i}\n`);
      policies.reload();
    }
    await policies.counted;
    assert.deepEqual([ask(policies), ask(policies), ask(policies)], ["allow", "allow", "limit"]);
  }));

Deno.test("uses are counted for a credential whatever it was called then, and for what stands in from the environment", () =>
  withPolicies(async ({ keeper, ask, vault, clock, fallbacks }) => {
    const [credential] = vault.credentials.list();
    assert(credential);
    const fallback = {
      id: "fallback:acme",
      name: "WISPKEY_FALLBACK_ACME",
      project: "",
      tokenFingerprint: "f0",
    };
    fallbacks.push(fallback);
    use(vault, clock.now, { tokenFingerprint: vault.tokenFingerprint(credential.token) });
    use(vault, clock.now, { credential: fallback.name, project: "", tokenFingerprint: "f0" });
    use(vault, clock.now, { credential: "gone", tokenFingerprint: "0123456789abcdef" });
    vault.credentials.edit(credential.id, { name: "other" });
    const next = keeper();
    next.apply(slow("1/minute"));
    await next.counted;
    assert.equal(
      ask(next, { credential: { id: credential.id, name: "other", project: "default" } }),
      "limit",
    );
    assert.equal(ask(next, { credential: fallback }), "limit");
    assert.equal(ask(next, { credential: { id: "new", name: "openai", project: "default" } }), "allow");
  }));

Deno.test("a log that cannot be read keeps a new rate limit closed, and is tried again", () =>
  withPolicies(async ({ keeper, ask, write, vault, clock }) => {
    const policies = keeper();
    use(vault, clock.now);
    const proven = vault.audit.proven.bind(vault.audit);
    vault.audit.proven = () => {
      throw new Error("disk I/O error");
    };
    write(slow("2/minute"));
    policies.reload();
    await policies.counted;
    assert.equal(ask(policies), "limit");
    vault.audit.proven = proven;
    assert.equal(policies.reload(), false);
    await policies.counted;
    assert.deepEqual([ask(policies), ask(policies)], ["allow", "limit"]);
  }));
