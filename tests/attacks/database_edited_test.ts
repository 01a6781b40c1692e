/**
 * The agent edits the database: another list of hosts, another credential's value under a wide row, a token of its own
 * choosing. The values stay encrypted; that alone stops nothing of it.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { utf8 } from "../../src/core/bytes.ts";
import { draft, withVault } from "../vault/support.ts";

const SECRET = "sk-of-the-narrow-credential";

/** Credentials as earlier programs kept them: the value encrypted, what decides over it in clear and unbound. */
class NaiveVault {
  readonly #key = randomBytes(32);
  readonly database = new DatabaseSync(":memory:");

  constructor() {
    this.database.exec(
      "CREATE TABLE credentials (name TEXT, hosts TEXT, token TEXT, nonce BLOB, tag BLOB, ciphertext BLOB)",
    );
  }

  add(name: string, hosts: string[], token: string, value: string): void {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const ciphertext = Buffer.concat([cipher.update(value), cipher.final()]);
    this.database.prepare("INSERT INTO credentials VALUES (?, ?, ?, ?, ?, ?)")
      .run(name, JSON.stringify(hosts), token, nonce, cipher.getAuthTag(), ciphertext);
  }

  /** The secret that goes out for a token to a host. */
  use(token: string, host: string): string | null {
    const row = this.database.prepare("SELECT * FROM credentials WHERE token = ?").get(token) as
      | { hosts: string; nonce: Uint8Array; tag: Uint8Array; ciphertext: Uint8Array }
      | undefined;
    if (row === undefined || !JSON.parse(row.hosts).includes(host)) return null;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, row.nonce);
    decipher.setAuthTag(row.tag);
    return Buffer.concat([decipher.update(row.ciphertext), decipher.final()]).toString();
  }
}

const VALUE =
  "(nonce, tag, ciphertext) = (SELECT nonce, tag, ciphertext FROM credentials WHERE name = 'narrow')";
const EDITS: Record<string, string> = {
  "the hosts of the one given to the other":
    "UPDATE credentials SET hosts = (SELECT hosts FROM credentials WHERE name = 'wide') WHERE name = 'narrow'",
  "the value of the one put under the other's hosts": `UPDATE credentials SET ${VALUE} WHERE name = 'wide'`,
  "a token of the attacker's choosing, with hosts":
    `UPDATE credentials SET token = 'wk_mine_aaaaaaaaaaaaaaaa', hosts = '["evil.example"]' WHERE name = 'narrow'`,
};

for (const [what, sql] of Object.entries(EDITS)) {
  Deno.test(`an edited database gives nothing away: ${what}`, () =>
    withVault((vault, directory) => {
      const naive = new NaiveVault();
      naive.add("narrow", ["api.example"], "wk_n_0123456789abcdef", SECRET);
      naive.add("wide", ["evil.example"], "wk_w_0123456789abcdef", "worthless");
      naive.database.exec(sql);
      const tokens = ["wk_n_0123456789abcdef", "wk_w_0123456789abcdef", "wk_mine_aaaaaaaaaaaaaaaa"];
      assert.ok(
        tokens.some((token) => naive.use(token, "evil.example") === SECRET),
        "the attack does not even work against a naive vault",
      );
      naive.database.close();

      vault.credentials.add(draft(vault, "narrow", { hosts: ["api.example"] }), utf8(SECRET));
      vault.credentials.add(draft(vault, "wide", { hosts: ["evil.example"] }), utf8("worthless"));
      using database = new DatabaseSync(`${directory}/vault.db`);
      assert.ok(Number(database.prepare(sql).run().changes) === 1, "the edit itself goes through");
      const rows = database.prepare("SELECT id FROM credentials").all() as { id: string }[];
      for (const { id } of rows) {
        let opened = "";
        try {
          opened = Buffer.from(vault.credentials.openValue(id)).toString();
        } catch (error) {
          assert.match(String(error), /changed/);
          continue;
        }
        const row = vault.credentials.list().find((each) => each.id === id);
        assert.ok(
          opened !== SECRET || !row?.hosts.includes("evil.example"),
          "the secret opens under foreign hosts",
        );
      }
      assert.ok(
        rows.some(({ id }) => {
          try {
            vault.credentials.openValue(id);
            return false;
          } catch {
            return true;
          }
        }),
        "the edited row opens no more",
      );
    }));
}
