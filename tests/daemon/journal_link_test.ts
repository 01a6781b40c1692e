import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { Vault } from "../../src/vault/mod.ts";
import { CHEAP_KDF } from "../vault/cheap_kdf.ts";

// Making a link takes more permissions than the vault's own tests have.
Deno.test("the journal is never written through a link that somebody put in its place", async () => {
  const directory = await Deno.makeTempDir({ prefix: "wk-journal-" });
  const vault = await Vault.create(`${directory}/vault`, utf8("a master password"), CHEAP_KDF);
  try {
    Deno.writeTextFileSync(`${directory}/elsewhere`, "mine");
    Deno.symlinkSync(`${directory}/elsewhere`, `${directory}/vault/audit.journal`);
    const journal = vault.openJournal();
    journal.write([{ entry: { event: "CredentialUsed" }, at: 1 }]);
    journal.close();
    assert.equal(Deno.readTextFileSync(`${directory}/elsewhere`), "mine");
    assert.ok(Deno.lstatSync(`${directory}/vault/audit.journal`).isFile);
  } finally {
    vault.close();
    await Deno.remove(directory, { recursive: true });
  }
});
