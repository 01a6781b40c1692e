import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { WispKeyError } from "../../src/core/errors.ts";
import { Vault } from "../../src/vault/mod.ts";
import { draft, withVault } from "./support.ts";

/** Random edits; `deno task soak` asks for more. */
const EDITS = Number(Deno.env.get("WISPKEY_TAMPER_EDITS") ?? "250");

/** What the owner relies on: the log, and the credentials with their values. */
function contents(vault: Vault): string {
  const rows = vault.audit.query();
  const credentials = vault.credentials.list().map((each) => {
    const { lastUsedAt: _lastUsedAt, ...rest } = each;
    return [rest, vault.credentials.openValue(each.id).toHex()];
  });
  return JSON.stringify([rows, credentials]);
}

/** `detected` where anything is said, `harmless` where nothing is and nothing changed. */
async function outcome(directory: string, key: Uint8Array, original: string): Promise<string> {
  let vault: Vault | undefined;
  try {
    vault = await Vault.openWithKey(directory, key);
    if (!vault.verify().ok) return "detected";
    return contents(vault) === original ? "harmless" : "unnoticed";
  } catch (error) {
    if (error instanceof WispKeyError) return "detected";
    throw error;
  } finally {
    vault?.close();
  }
}

Deno.test(`${EDITS} random edits of the database file are each detected or harmless`, async () => {
  await withVault(async (vault, directory) => {
    vault.credentials.add(draft(vault, "k"), utf8("a secret of some length"));
    for (let i = 0; i < 60; i++) {
      vault.audit.append(
        [{ event: "CredentialUsed", credential: "k", host: `h${i}.test`, path: `/${i}` }],
        1_000 + i,
      );
    }
    const original = contents(vault);
    const key = vault.exportDataKey();
    vault.close();
    const bytes = await Deno.readFile(`${directory}/vault.db`);
    const other = `${directory}-edited`;
    await Deno.mkdir(other, { mode: 0o700 });
    const found: Record<string, number> = {};
    for (let i = 0; i < EDITS; i++) {
      const edited = bytes.slice();
      const at = Math.floor(Math.random() * edited.length);
      const length = i % 3 === 0 ? 1 + Math.floor(Math.random() * 40) : 1;
      for (let k = at; k < Math.min(at + length, edited.length); k++) {
        edited[k] = Math.floor(Math.random() * 256);
      }
      await Deno.writeFile(`${other}/vault.db`, edited, { mode: 0o600 });
      const what = await outcome(other, key, original);
      assert.notEqual(
        what,
        "unnoticed",
        `bytes ${at} to ${at + length}: ${edited.subarray(at, at + length).toHex()}`,
      );
      found[what] = (found[what] ?? 0) + 1;
      for (const suffix of ["-wal", "-shm"]) {
        await Deno.remove(`${other}/vault.db${suffix}`).catch(() => undefined);
      }
    }
    assert.ok((found.detected ?? 0) > 0, JSON.stringify(found));
  });
});
