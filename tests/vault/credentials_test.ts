import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8, wipe } from "../../src/core/bytes.ts";
import { type CredentialDraft, MAX_VALUE_LENGTH } from "../../src/core/credential.ts";
import { isMintedForm } from "../../src/core/token.ts";
import { assertCode, draft, reopen, withVault } from "./support.ts";

Deno.test("an added credential reads back whole, and its value opens", async () => {
  await withVault((vault) => {
    const wanted = draft(vault, "openai-prod", {
      type: "custom_header",
      place: { in: "header", name: "X-Key" },
      hosts: ["a.example", "b.example:8443/v1/*"],
    });
    const added = vault.credentials.add(wanted, utf8("sk-secret"));
    assert(isMintedForm(added.token));
    assert(added.token.startsWith("wk_openai_prod_"));
    const { name, description, type, place, hosts, tags, projectId, partitionId } = added;
    assert.deepEqual({ name, description, type, place, hosts, tags, projectId, partitionId }, wanted);
    assert.equal(added.intact, true);
    assert.equal(added.lastUsedAt, null);
    assert.deepEqual(vault.credentials.getById(added.id), added);
    assert.deepEqual(vault.credentials.get("default", "openai-prod"), added);
    assert.deepEqual(vault.credentials.list(), [added]);
    assert.deepEqual(vault.credentials.openValue(added.id), utf8("sk-secret"));
  });
});

Deno.test("any bytes are a value, from none to many, and survive a reopening", async () => {
  await withVault(async (vault, directory) => {
    const values = new Map<string, Uint8Array>();
    let n = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (value) => {
        const { id } = vault.credentials.add(draft(vault, `k${n++}`), value);
        assert.deepEqual(vault.credentials.openValue(id), new Uint8Array(value));
        values.set(id, value);
      }),
      { numRuns: 25, examples: [[new Uint8Array(0)], [Uint8Array.from({ length: 256 }, (_, i) => i)]] },
    );
    const again = await reopen(directory);
    try {
      for (const row of again.credentials.all()) {
        assert.deepEqual(
          again.credentials.openSealed(row),
          new Uint8Array(values.get(row.credential.id) ?? []),
        );
      }
      assert.equal(again.credentials.count(), values.size);
      assert.equal(again.verify().ok, true);
    } finally {
      again.close();
    }
  });
});

Deno.test("0 bytes, one and the largest value are stored, one byte more is refused and changes nothing", async () => {
  await withVault((vault) => {
    for (const length of [0, 1, MAX_VALUE_LENGTH]) {
      const value = new Uint8Array(length).fill(0xa5);
      const { id } = vault.credentials.add(draft(vault, `size-${length}`), value);
      assert.deepEqual(vault.credentials.openValue(id), value);
    }
    const { id } = vault.credentials.add(draft(vault, "kept"), utf8("old"));
    const generation = vault.generation();
    const tooLong = new Uint8Array(MAX_VALUE_LENGTH + 1);
    const error = assertCode(() => vault.credentials.add(draft(vault, "large"), tooLong), "value_too_large");
    assert(error.hint);
    assertCode(() => vault.credentials.replaceValue(id, tooLong), "value_too_large");
    assert.deepEqual(vault.credentials.openValue(id), utf8("old"));
    assert.equal(vault.generation(), generation);
    assert.equal(vault.credentials.count(), 4);
  });
});

Deno.test("any text is a description, a tag or a host, whatever it holds", async () => {
  await withVault((vault) => {
    let n = 0;
    const text = fc.string({ unit: "binary", maxLength: 40 });
    fc.assert(
      fc.property(
        text,
        fc.array(text, { maxLength: 4 }),
        fc.array(text, { maxLength: 4 }),
        (description, tags, hosts) => {
          const { id } = vault.credentials.add(
            draft(vault, `k${n++}`, { description, tags, hosts }),
            utf8("v"),
          );
          const read = vault.credentials.getById(id);
          assert.equal(read?.intact, true);
          assert.deepEqual(read?.tags, tags);
          assert.deepEqual(read?.hosts, hosts);
          assert.equal(read?.description, description.replaceAll("\0", "\ufffd").toWellFormed());
        },
      ),
      { numRuns: 40 },
    );
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("a name is taken once in a project, and free in another", async () => {
  await withVault((vault) => {
    const first = vault.credentials.add(draft(vault, "same"), utf8("1"));
    const error = assertCode(() => vault.credentials.add(draft(vault, "same"), utf8("2")), "duplicate_name");
    assert.match(error.hint ?? "", /rotate same/);
    const project = vault.projects.create({ name: "other", description: "" });
    const partition = vault.partitions.getByName(project.id, "personal");
    assert(partition);
    const place = { projectId: project.id, partitionId: partition.id };
    const second = vault.credentials.add(draft(vault, "same", place), utf8("2"));
    assert.notEqual(first.token, second.token);
    assert.equal(vault.credentials.list({ projectId: project.id }).length, 1);
    assert.equal(vault.credentials.list({ projectId: "default" })[0]?.id, first.id);
    assert.equal(vault.credentials.list({ partitionId: partition.id })[0]?.id, second.id);
    assert.equal(vault.credentials.list().length, 2);
    assertCode(() => vault.credentials.edit(second.id, { projectId: "default" }), "duplicate_name");
  });
});

Deno.test("names that lie on a terminal and places that are not there are refused", async () => {
  await withVault((vault) => {
    for (const name of ["", "  ", "a\nb", "\u202eevil", "-x"]) {
      assertCode(() => vault.credentials.add(draft(vault, name), utf8("v")), "invalid_name");
    }
    const project = vault.projects.create({ name: "other", description: "" });
    const elsewhere = vault.partitions.getByName(project.id, "personal");
    assert(elsewhere);
    const crossed = draft(vault, "k", { partitionId: elsewhere.id });
    assertCode(() => vault.credentials.add(crossed, utf8("v")), "partition_not_found");
    assertCode(
      () => vault.credentials.add(draft(vault, "k", { partitionId: "none" }), utf8("v")),
      "partition_not_found",
    );
    assert.equal(vault.credentials.count(), 0);
  });
});

Deno.test("an edit changes what it names, keeps the rest, and the value opens under the new fields", async () => {
  let time = 1_000;
  await withVault((vault) => {
    const before = vault.credentials.add(draft(vault, "k"), utf8("secret"));
    time = 2_000;
    const after = vault.credentials.edit(before.id, { name: "k2", hosts: ["new.example"], type: "api_key" });
    assert.deepEqual(after, {
      ...before,
      name: "k2",
      hosts: ["new.example"],
      type: "api_key",
      updatedAt: 2_000,
    });
    assert.deepEqual(vault.credentials.getById(before.id), after);
    assert.deepEqual(vault.credentials.openValue(before.id), utf8("secret"));
    assert.equal(vault.verify().ok, true);
    assertCode(() => vault.credentials.edit("no such id", { hosts: [] }), "credential_not_found");
  }, { now: () => time });
});

Deno.test("a credential that moves to another project lands in that project's first partition", async () => {
  await withVault((vault) => {
    const { id } = vault.credentials.add(draft(vault, "k"), utf8("secret"));
    const project = vault.projects.create({ name: "other", description: "" });
    const moved = vault.credentials.edit(id, { projectId: project.id });
    assert.equal(moved.projectId, project.id);
    assert.equal(moved.partitionId, vault.partitions.getByName(project.id, "personal")?.id);
    assert.deepEqual(vault.credentials.openValue(id), utf8("secret"));
    assertCode(() => vault.credentials.edit(id, { projectId: "none" }), "partition_not_found");
  });
});

Deno.test("a replaced value keeps the token, a rotated token keeps the value", async () => {
  await withVault((vault) => {
    const before = vault.credentials.add(draft(vault, "k"), utf8("old"));
    const replaced = vault.credentials.replaceValue(before.id, utf8("new"));
    assert.equal(replaced.token, before.token);
    assert.deepEqual(vault.credentials.openValue(before.id), utf8("new"));
    const rotated = vault.credentials.rotateToken(before.id);
    assert.notEqual(rotated.token, before.token);
    assert.deepEqual(vault.credentials.openValue(before.id), utf8("new"));
    assert.deepEqual(vault.credentials.findRetired(before.token), {
      credentialName: "k",
      projectId: "default",
      reason: "rotated",
    });
    assert.equal(vault.credentials.findRetired(rotated.token), undefined);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("a removed credential is gone and its token is known as removed", async () => {
  await withVault((vault) => {
    const { id, token } = vault.credentials.add(draft(vault, "k"), utf8("v"));
    vault.credentials.remove(id);
    assert.equal(vault.credentials.getById(id), undefined);
    assert.equal(vault.credentials.sealed(id), undefined);
    assert.deepEqual(vault.credentials.list(), []);
    assert.equal(vault.credentials.findRetired(token)?.reason, "removed");
    assertCode(() => vault.credentials.remove(id), "credential_not_found");
    assertCode(() => vault.credentials.openValue(id), "credential_not_found");
    assert.equal(vault.credentials.add(draft(vault, "k"), utf8("v2")).name, "k");
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("last uses are written together, decide nothing and are not a change", async () => {
  await withVault((vault) => {
    const one = vault.credentials.add(draft(vault, "one"), utf8("1"));
    const two = vault.credentials.add(draft(vault, "two"), utf8("2"));
    const generation = vault.generation();
    vault.credentials.touch(new Map([[one.id, 111], [two.id, 222], ["gone", 333]]));
    assert.equal(vault.credentials.getById(one.id)?.lastUsedAt, 111);
    assert.equal(vault.credentials.getById(two.id)?.lastUsedAt, 222);
    assert.equal(vault.generation(), generation);
    vault.credentials.edit(one.id, { description: "later" });
    assert.equal(vault.credentials.getById(one.id)?.lastUsedAt, 111);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("each change is one generation and one row of the log, with a fingerprint and never the token", async () => {
  await withVault((vault) => {
    const start = vault.generation();
    const added = vault.credentials.add(draft(vault, "k"), utf8("v"), { caller: "agent" });
    vault.credentials.edit(added.id, { hosts: [], tags: [] });
    vault.credentials.replaceValue(added.id, utf8("w"));
    const { token } = vault.credentials.rotateToken(added.id);
    vault.credentials.remove(added.id, { reason: "asked to" });
    assert.equal(vault.generation(), start + 5);
    const rows = vault.audit.query({ credential: "k" });
    assert.deepEqual(rows.map((row) => row.event), [
      "CredentialAdded",
      "CredentialEdited",
      "CredentialValueReplaced",
      "CredentialRotated",
      "CredentialRemoved",
    ]);
    assert.equal(rows[0]?.caller, "agent");
    assert.equal(rows[1]?.reason, "changed hosts, tags");
    assert.equal(rows[4]?.reason, "asked to");
    assert.equal(rows[0]?.project, "default");
    assert.equal(rows[0]?.tokenFingerprint, vault.tokenFingerprint(added.token));
    assert.equal(rows[3]?.tokenFingerprint, vault.tokenFingerprint(token));
    assert.match(vault.tokenFingerprint(token), /^[0-9a-f]{16}$/);
    assert(!JSON.stringify(rows).includes(token));
  });
});

Deno.test("a change that fails leaves neither row nor log behind", async () => {
  await withVault((vault) => {
    vault.credentials.add(draft(vault, "k"), utf8("v"));
    const state =
      () => [vault.generation(), vault.audit.count(), vault.credentials.count(), vault.audit.head().seq];
    const before = state();
    assertCode(() => vault.credentials.add(draft(vault, "k"), utf8("v")), "duplicate_name");
    assertCode(() => vault.credentials.edit("none", {}), "credential_not_found");
    assert.deepEqual(state(), before);
    vault.credentials.add(draft(vault, "k2"), utf8("v"));
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("a row in memory opens without the database and is wiped by whoever asked", async () => {
  await withVault((vault) => {
    const { id } = vault.credentials.add(draft(vault, "k"), utf8("secret"));
    const row = vault.credentials.sealed(id);
    assert(row);
    const value = vault.credentials.openSealed(row);
    wipe(value);
    assert.deepEqual(vault.credentials.openSealed(row), utf8("secret"));
    vault.dropKeys();
    assertCode(() => vault.credentials.openSealed(row), "vault_locked");
  });
});

Deno.test("a row in memory that was altered does not open", async () => {
  await withVault((vault) => {
    const { id } = vault.credentials.add(draft(vault, "k"), utf8("secret"));
    const row = vault.credentials.sealed(id);
    assert(row);
    const altered = { ...row, credential: { ...row.credential, hosts: ["*"] } };
    const error = assertCode(() => vault.credentials.openSealed(altered), "credential_tampered");
    assert.match(error.message, /'k'/);
    assertCode(
      () => vault.credentials.openSealed({ ...row, revision: row.revision + 1 }),
      "credential_tampered",
    );
  });
});

Deno.test("a locked vault gives no metadata and takes no change", async () => {
  await withVault((vault) => {
    const { id, token } = vault.credentials.add(draft(vault, "k"), utf8("v"));
    const another = draft(vault, "l");
    vault.dropKeys();
    assert.equal(vault.locked, true);
    const acts = [
      () => vault.credentials.list(),
      () => vault.credentials.all(),
      () => vault.credentials.openValue(id),
      () => vault.credentials.add(another, utf8("v")),
      () => vault.credentials.edit(id, { hosts: ["*"] }),
      () => vault.credentials.rotateToken(id),
      () => vault.credentials.replaceValue(id, utf8("w")),
      () => vault.credentials.remove(id),
      () => vault.credentials.findRetired(token),
      () => vault.tokenFingerprint(token),
      () => vault.exportDataKey(),
      () => vault.generation(),
      () => vault.settings.all(),
      () => vault.verify(),
    ];
    for (const act of acts) assert.equal(assertCode(act, "vault_locked").hint, "wispkey unlock");
    assert.equal(vault.credentials.count(), 1);
  });
});

Deno.test("descriptions, tags, hosts and places have their limits, in bytes and number, for adding and editing", async () => {
  await withVault((vault) => {
    const { id } = vault.credentials.add(draft(vault, "kept"), utf8("v"));
    const refused = [
      [{ description: "é".repeat(2_049) }, "too_long"],
      [{ tags: Array.from({ length: 65 }, String) }, "too_many"],
      [{ tags: ["ok", "t".repeat(257)] }, "too_long"],
      [{ hosts: Array.from({ length: 257 }, (_, i) => `h${i}.test`) }, "too_many"],
      [{ hosts: [`h.test/${"p".repeat(2_048)}`] }, "too_long"],
      [{ type: "api_key", place: { in: "body_json", pointer: `/${"a".repeat(1_024)}` } }, "too_long"],
    ] as const;
    for (const [changes, code] of refused) {
      const patch = { ...changes } as Partial<CredentialDraft>;
      assertCode(() => vault.credentials.add(draft(vault, "new", patch), utf8("v")), code);
      assertCode(() => vault.credentials.edit(id, patch), code);
    }
    assertCode(() => vault.projects.create({ name: "p", description: "d".repeat(4_097) }), "too_long");
    const projectId = vault.credentials.getById(id)?.projectId ?? "";
    const partition = { projectId, name: "p", description: "d".repeat(4_097) };
    assertCode(() => vault.partitions.create(partition), "too_long");
    assert.equal(vault.credentials.count(), 1);
    vault.credentials.edit(id, { description: "é".repeat(2_048), tags: Array.from({ length: 64 }, String) });
  });
});
