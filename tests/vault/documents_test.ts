import assert from "node:assert/strict";
import fc from "fast-check";
import { MIGRATIONS } from "../../src/vault/migrations.ts";
import { fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { assertCode, downgrade, reopen, tamper, withVault } from "./support.ts";

Deno.test("a document reads back in another opening of the vault, byte for byte", async () => {
  await withVault(async (vault, directory) => {
    assert.equal(vault.documents.get("policy", "applied"), undefined);
    vault.documents.put("policy", "applied", utf8("first"), { event: "SettingChanged", reason: "one" });
    vault.documents.put("policy", "applied", utf8("second"), null);
    vault.documents.put("policy", "other", new Uint8Array([0, 255, 0]), null);
    vault.documents.put("ca", "key", new Uint8Array(0), null);
    const again = await reopen(directory);
    assert.deepEqual(again.documents.get("policy", "applied"), utf8("second"));
    assert.deepEqual(again.documents.get("policy", "other"), new Uint8Array([0, 255, 0]));
    assert.deepEqual(again.documents.get("ca", "key"), new Uint8Array(0));
    assert.deepEqual(again.documents.list("policy").map(({ id }) => id), ["applied", "other"]);
    assert.equal(again.verify().ok, true);
    again.close();
    const reasons = vault.audit.query().map(({ reason }) => reason).filter((reason) => reason === "one");
    assert.equal(reasons.length, 1, "one row for the act, none for bookkeeping");
  });
});

Deno.test("a removed document is gone, and removing it twice says so", async () => {
  await withVault((vault) => {
    vault.documents.put("caller", "run-1", utf8("x"), null);
    assert.equal(vault.documents.remove("caller", "run-1", null), true);
    assert.equal(vault.documents.remove("caller", "run-1", null), false);
    assert.equal(vault.documents.get("caller", "run-1"), undefined);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("the content is on disk in no readable form", async () => {
  await withVault((vault, directory) => {
    const secret = "a document that nobody else may read";
    vault.documents.put("backup", ".env", utf8(secret), null);
    vault.close();
    for (const { name, isFile } of Deno.readDirSync(directory)) {
      if (!isFile) continue;
      const text = new TextDecoder("latin1").decode(Deno.readFileSync(`${directory}/${name}`));
      assert.ok(!text.includes(secret), name);
    }
  });
});

const EDITS: Readonly<Record<string, string>> = {
  "a changed content": "UPDATE documents SET ciphertext = zeroblob(3) WHERE id = 'one'",
  "a changed tag": "UPDATE documents SET tag = zeroblob(16) WHERE id = 'one'",
  "a changed time": "UPDATE documents SET updated_at = updated_at + 1 WHERE id = 'one'",
  "exchanged contents": `UPDATE documents SET (nonce, tag, mac, ciphertext) =
      (SELECT nonce, tag, mac, ciphertext FROM documents AS other WHERE other.id = 'two') WHERE id = 'one'`,
  "a content of the wrong kind": "UPDATE documents SET ciphertext = zeroblob(0) WHERE id = 'one'",
  "a removed document": "DELETE FROM documents WHERE id = 'one'",
  "a document under another name": "UPDATE documents SET id = 'three' WHERE id = 'one'",
};
for (const [what, sql] of Object.entries(EDITS)) {
  Deno.test(`${what} is refused until the owner settles it`, async () => {
    await withVault((vault, directory) => {
      vault.documents.put("policy", "one", utf8("one"), null);
      vault.documents.put("policy", "two", utf8("two"), null);
      tamper(directory, sql);
      assertCode(() => {
        if (vault.documents.get("policy", "one") === undefined) throw new Error("taken for absent");
      }, "document_tampered");
      assert.equal(vault.verify().ok, false);
      vault.documents.remove("policy", "three", null);
      vault.documents.put("policy", "one", utf8("anew"), null);
      vault.acceptRows();
      assert.deepEqual(vault.documents.get("policy", "one"), utf8("anew"));
      assert.equal(vault.verify().ok, true);
    });
  });
}

Deno.test("a document put back as it was before is refused", async () => {
  await withVault((vault, directory) => {
    vault.documents.put("policy", "applied", utf8("old"), null);
    tamper(directory, "CREATE TABLE old AS SELECT * FROM documents");
    vault.documents.put("policy", "applied", utf8("new"), null);
    tamper(directory, "DELETE FROM documents");
    tamper(directory, "INSERT INTO documents SELECT * FROM old");
    tamper(directory, "DROP TABLE old");
    assertCode(() => vault.documents.get("policy", "applied"), "document_tampered");
  });
});

Deno.test("a damaged document of one kind leaves those of other kinds usable once accepted", async () => {
  await withVault((vault, directory) => {
    vault.documents.put("ca", "key", utf8("key"), null);
    vault.documents.put("policy", "applied", utf8("text"), null);
    tamper(directory, "UPDATE documents SET mac = zeroblob(32) WHERE kind = 'ca'");
    vault.acceptRows();
    assert.equal(fromUtf8(vault.documents.get("policy", "applied") ?? new Uint8Array()), "text");
    assertCode(() => vault.documents.get("ca", "key"), "document_tampered");
  });
});

Deno.test("whatever is put under whatever name comes back, and the vault stays whole", async () => {
  await withVault((vault) => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) =>
      text.isWellFormed() && !text.includes("\0")
    );
    fc.assert(
      fc.property(name, name, fc.uint8Array({ maxLength: 200 }), (kind, id, bytes) => {
        vault.documents.put(kind, id, bytes, null);
        assert.deepEqual(vault.documents.get(kind, id), new Uint8Array(bytes));
        if (bytes.length % 3 === 0) vault.documents.remove(kind, id, null);
      }),
      { numRuns: 40 },
    );
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("a vault of the first schema opens and counts no documents", async () => {
  await withVault(async (vault, directory) => {
    vault.close();
    downgrade(directory, 1);
    const again = await reopen(directory);
    assert.equal(again.info.schemaVersion, MIGRATIONS.length);
    assert.deepEqual(again.verify().problems, []);
    again.documents.put("policy", "applied", utf8("x"), null);
    assert.equal(again.verify().ok, true);
    again.close();
  });
});
