import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { utf8 } from "../../src/core/bytes.ts";
import { Vault } from "../../src/vault/mod.ts";
import { CHEAP_KDF } from "./cheap_kdf.ts";
import { assertRejects, draft, withDirectory } from "./support.ts";

/** The spellings in which bytes may lie in a file: raw, hex, base64 at each alignment. */
function spellings(secret: Uint8Array): Buffer[] {
  const found = [Buffer.from(secret), Buffer.from(secret.toHex()), Buffer.from(secret.toHex().toUpperCase())];
  for (const alignment of [0, 1, 2]) {
    const base64 = Buffer.concat([Buffer.alloc(alignment), secret]).toString("base64");
    // The characters at both ends depend on the neighbours.
    const core = base64.slice(alignment === 0 ? 0 : alignment + 1).replace(/=+$/, "").slice(0, -1);
    found.push(Buffer.from(core), Buffer.from(core.replaceAll("+", "-").replaceAll("/", "_")));
  }
  return found;
}

function assertNowhere(directory: string, secrets: Readonly<Record<string, Uint8Array>>): void {
  let bytes = 0;
  for (const entry of Deno.readDirSync(directory)) {
    const content = Buffer.from(Deno.readFileSync(`${directory}/${entry.name}`));
    bytes += content.length;
    for (const [what, secret] of Object.entries(secrets)) {
      for (const [i, spelling] of spellings(secret).entries()) {
        assert.equal(content.indexOf(spelling), -1, `${what} is in ${entry.name}, spelling ${i}`);
      }
    }
  }
  assert(bytes > 0);
}

Deno.test("the search finds every spelling it looks for", () => {
  const secret = utf8("a secret to be found");
  for (const [i, spelling] of spellings(secret).entries()) {
    const around = i < 3 ? Buffer.concat([utf8("xx"), spelling]) : Buffer.from(
      Buffer.concat([Buffer.alloc(Math.floor((i - 3) / 2)), secret, utf8("tail")]).toString("base64"),
    );
    assert(around.includes(spelling), `spelling ${i}`);
  }
});

Deno.test("no secret, password or key is in any file of the vault, at any time of its life", async () => {
  await withDirectory(async (directory) => {
    const password = utf8("correct horse battery staple");
    const next = utf8("another master password");
    const secrets: Record<string, Uint8Array> = { password, next };
    const vault = await Vault.create(directory, password, CHEAP_KDF);
    secrets.key = vault.exportDataKey();
    secrets.value = utf8("sk-proj-the-secret-value-0123456789");
    secrets.long = crypto.getRandomValues(new Uint8Array(20_000));
    secrets.replaced = utf8("sk-proj-replaced-value-9876543210");
    const one = vault.credentials.add(draft(vault, "one"), secrets.value);
    const two = vault.credentials.add(draft(vault, "two"), secrets.long);
    assertNowhere(directory, secrets);
    vault.credentials.edit(one.id, { hosts: ["b.example"] });
    vault.credentials.replaceValue(one.id, secrets.replaced);
    vault.credentials.openValue(one.id).fill(0);
    vault.credentials.remove(two.id);
    await assertRejects(Vault.open(directory, utf8("a wrong password typed"), CHEAP_KDF), "wrong_password");
    secrets.wrong = utf8("a wrong password typed");
    await vault.changePassword(next);
    assertNowhere(directory, secrets);
    vault.dropKeys();
    assertNowhere(directory, secrets);
    vault.close();
    assertNowhere(directory, secrets);
  });
});

Deno.test("a token that is no longer valid is in no file, nor in the log", async () => {
  await withDirectory(async (directory) => {
    const vault = await Vault.create(directory, utf8("correct horse battery"), CHEAP_KDF);
    const one = vault.credentials.add(draft(vault, "one"), utf8("v"));
    const two = vault.credentials.add(draft(vault, "two"), utf8("v"));
    vault.credentials.rotateToken(one.id);
    vault.credentials.remove(two.id);
    assert.equal(vault.credentials.findRetired(one.token)?.reason, "rotated");
    vault.close();
    assertNowhere(directory, { rotated: utf8(one.token), removed: utf8(two.token) });
  });
});

Deno.test("what was replaced or removed leaves no ciphertext behind", async () => {
  await withDirectory(async (directory) => {
    const vault = await Vault.create(directory, utf8("correct horse battery"), CHEAP_KDF);
    const { id } = vault.credentials.add(draft(vault, "k"), new Uint8Array(3_000));
    const before = vault.credentials.sealed(id);
    assert(before);
    vault.credentials.replaceValue(id, utf8("another"));
    const after = vault.credentials.sealed(id);
    assert(after);
    vault.credentials.remove(id);
    vault.close();
    assertNowhere(directory, {
      before: before.value.ciphertext.slice(0, 64),
      end: before.value.ciphertext.slice(-64),
      after: after.mac,
    });
  });
});

Deno.test("the key as the old password wrapped it is gone after a change of the password", async () => {
  await withDirectory(async (directory) => {
    const vault = await Vault.create(directory, utf8("correct horse battery"), CHEAP_KDF);
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(`${directory}/vault.db`, { readOnly: true });
    const wrapped = db.prepare("SELECT wrapped_key FROM vault").get()?.wrapped_key;
    db.close();
    assert(wrapped instanceof Uint8Array);
    await vault.changePassword(utf8("another master password"));
    assertNowhere(directory, { wrapped });
    vault.close();
    assertNowhere(directory, { wrapped });
  });
});
