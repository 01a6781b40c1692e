import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { parseTarget } from "../../src/core/target.ts";
import { VaultKeyring } from "../../src/daemon/keyring.ts";
import { type Caller, PLAIN_CALLER } from "../../src/proxy/callers.ts";
import { draft, withVault } from "../vault/support.ts";

const session = { check: () => true, touch: () => true };
const target = parseTarget("https://api.example/x");

function caller(changes: Partial<Caller>): Caller {
  return { ...PLAIN_CALLER, name: "c", kind: "run", project: "default", ...changes };
}

Deno.test("a credential outside a caller's scope does not exist for it, live or of the past", () =>
  withVault((vault) => {
    const other = vault.projects.create({ name: "other", description: "" });
    const partition = vault.partitions.getByName(other.id, "personal");
    assert.ok(partition);
    const hosts = ["api.example"];
    const a = vault.credentials.add(draft(vault, "a", { hosts }), utf8("secret-value-of-a"));
    const b = vault.credentials.add(draft(vault, "b", { hosts }), utf8("secret-value-of-b"));
    const c = vault.credentials.add(
      draft(vault, "c", { hosts, projectId: other.id, partitionId: partition.id }),
      utf8("secret-value-of-c"),
    );
    const oldB = vault.credentials.rotateToken(b.id) && b.token;
    const keyring = new VaultKeyring(vault, session);
    keyring.scope = a.projectId;
    const kinds = (who: Caller) =>
      [a.token, oldB, c.token].map((token) => keyring.scopedTo(who).find(token).kind);

    assert.deepEqual(kinds(caller({})), ["live", "retired", "unknown"]);
    assert.deepEqual(kinds(caller({ credentials: ["a"] })), ["live", "unknown", "unknown"]);
    assert.deepEqual(kinds(caller({ credentials: ["b"] })), ["unknown", "retired", "unknown"]);
    assert.deepEqual(kinds(caller({ credentials: [] })), ["unknown", "unknown", "unknown"]);
    // The scope set at unlock binds plain callers; a caller is bound to its own project.
    assert.deepEqual(kinds(caller({ project: "other" })), ["unknown", "unknown", "live"]);
    assert.deepEqual(kinds(caller({ project: "no such project" })), ["unknown", "unknown", "unknown"]);
    assert.equal(keyring.find(c.token).kind, "unknown");

    const reach = (who: Caller) => keyring.credentialFor(target, who)?.name;
    assert.equal(reach(caller({ project: "other" })), "c");
    assert.equal(reach(caller({ credentials: ["b"] })), "b");
    assert.equal(reach(caller({ credentials: [] })), undefined);
    keyring.clear();
  }));

Deno.test("responses to a caller are searched for all secrets of its project, also those it may not use", () =>
  withVault((vault) => {
    const hosts = ["api.example"];
    for (const name of ["a", "b"]) {
      vault.credentials.add(draft(vault, name, { hosts }), utf8(`secret-value-of-${name}`));
    }
    const keyring = new VaultKeyring(vault, session);
    const owners = (who: Caller) => {
      const set = keyring.scopedTo(who).scrubSet(target, []);
      const names = [...set?.owners ?? []].map(({ name }) => name).sort();
      set?.release();
      return names;
    };
    assert.deepEqual(owners(caller({ credentials: ["a"] })), ["a", "b"]);
    assert.deepEqual(owners(caller({ project: "other" })), []);
    keyring.clear();
  }));

Deno.test("a caller's body places are those of its scope", () =>
  withVault((vault) => {
    const place = { in: "body" } as const;
    for (const name of ["a", "b"]) {
      vault.credentials.add(draft(vault, name, { type: "api_key", place }), utf8("v"));
    }
    const keyring = new VaultKeyring(vault, session);
    const names = (who: Caller) => keyring.scopedTo(who).bodyCredentials.map(({ name }) => name);
    assert.deepEqual(names(caller({})), ["a", "b"]);
    assert.deepEqual(names(caller({ credentials: ["b"] })), ["b"]);
    keyring.clear();
  }));
