/** The agent reads every file of the vault, also while it is unlocked, and tries what it finds as a key. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createDecipheriv } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { createCipheriv, randomBytes } from "node:crypto";
import { Home } from "../e2e/harness.ts";

interface Sealed {
  nonce: Uint8Array;
  tag: Uint8Array;
  ciphertext: Uint8Array;
}

/** Every run of 32 bytes in files, as they stand, in Base64 and in hex, tried as the key of a value. */
function openedByAnything(files: readonly Uint8Array[], { nonce, tag, ciphertext }: Sealed): boolean {
  const candidates = new Set<string>();
  for (const bytes of files) {
    const text = Buffer.from(bytes).toString("latin1");
    for (const [found] of text.matchAll(/[A-Za-z0-9+/_-]{43}=?/g)) {
      candidates.add(Buffer.from(found, "base64").toString("hex"));
    }
    for (const [found] of text.matchAll(/[0-9a-fA-F]{64}/g)) candidates.add(found.toLowerCase());
    for (let at = 0; at + 32 <= bytes.length; at++) {
      // Text and empty pages hold no raw key: in 32 random bytes some are high, few repeat.
      const run = bytes.subarray(at, at + 32);
      if (new Set(run).size > 20 && run.some((byte) => byte >= 0x80)) {
        candidates.add(Buffer.from(run).toString("hex"));
      }
    }
  }
  for (const candidate of candidates) {
    const key = Buffer.from(candidate, "hex");
    if (key.length !== 32) continue;
    try {
      const decipher = createDecipheriv("aes-256-gcm", key, nonce);
      decipher.setAuthTag(tag);
      decipher.update(ciphertext);
      decipher.final();
      return true;
    } catch {
      // Not the key.
    }
  }
  return false;
}

Deno.test("no file of an unlocked vault holds a key that opens it", async () => {
  const key = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const ciphertext = Buffer.concat([cipher.update("secret"), cipher.final()]);
  const sealed = { nonce, tag: cipher.getAuthTag(), ciphertext };
  const session = new TextEncoder().encode(JSON.stringify({ key: key.toString("base64"), expires: 0 }));
  assert.ok(openedByAnything([session], sealed), "a naive session file opens a naive vault");
  assert.ok(openedByAnything([new Uint8Array([...randomBytes(7), ...key, 1])], sealed), "so does a raw one");

  await using home = await Home.withVault();
  await home.ok("add", "k", "--value", "a-secret-value-0123456789", "--hosts", "api.example.com");
  await home.json("serve", "--random-port", "--daemon");
  const files: Uint8Array[] = [];
  for await (const { name, isFile } of Deno.readDir(home.vault)) {
    if (isFile) files.push(await Deno.readFile(`${home.vault}/${name}`));
  }
  assert.ok(files.length >= 4);
  using database = new DatabaseSync(`${home.vault}/vault.db`, { readOnly: true });
  const row = database.prepare("SELECT nonce, tag, ciphertext FROM credentials").get() as unknown as Sealed;
  assert.ok(!openedByAnything(files, row), "something on disk opens the value");
});
