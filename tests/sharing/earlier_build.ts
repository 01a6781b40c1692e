/**
 * Makes vaults as earlier builds do, from the description of their format: schema, key, values.
 *
 * @module
 */

import { createCipheriv, randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { argon2id } from "hash-wasm";

/** A credential of an earlier vault. */
export interface Theirs {
  name: string;
  value: string | Uint8Array;
  token: string;
  type?: unknown;
  hosts?: string;
  tags?: string;
  description?: string;
  /** `project/partition`; the schema decides how much of it there is. */
  in?: string;
}

/** Cost of a test vault's key: small, so that tests do not wait. Earlier builds use 64 MiB, three passes, four lanes. */
export const SMALL_COST = { memory: 1024, passes: 1, lanes: 1 };
/** The cost that earlier builds really have. */
export const REAL_COST = { memory: 65_536, passes: 3, lanes: 4 };

const AT = "2025-06-01T10:00:00.123456789+00:00";

/** Writes `vault.db` and `session` into an existing directory. */
export async function makeEarlierVault(
  directory: string,
  password: string,
  schema: 1 | 2 | 3 | 4 | 5,
  credentials: readonly Theirs[],
  { cost = SMALL_COST, session = true } = {},
): Promise<void> {
  const saltBytes = randomBytes(16);
  const saltText = saltBytes.toString("base64").replace(/=+$/, "");
  const derive = async (salt: Uint8Array): Promise<Uint8Array> =>
    await argon2id({
      password,
      salt,
      memorySize: cost.memory,
      iterations: cost.passes,
      parallelism: cost.lanes,
      hashLength: 32,
      outputType: "binary",
    });
  const hash = await derive(saltBytes);
  // Their quirk: the key's salt is the text of the Base64, not its bytes.
  const key = await derive(new TextEncoder().encode(saltText));
  const hashText = hash.toBase64().replace(/=+$/, "");
  const phc = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.lanes}$${saltText}$${hashText}`;

  const db = new DatabaseSync(`${directory}/vault.db`);
  db.exec(`
    CREATE TABLE vault_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE audit_log (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, event_type TEXT NOT NULL,
      credential_name TEXT, wisp_token TEXT, target_host TEXT, target_path TEXT, http_method TEXT,
      response_status INTEGER, denied INTEGER NOT NULL DEFAULT 0, deny_reason TEXT
      ${schema >= 3 ? ", project_name TEXT" : ""});
    CREATE TABLE credentials (id TEXT PRIMARY KEY, name TEXT NOT NULL ${schema < 5 ? "UNIQUE" : ""},
      ${schema >= 4 ? "description TEXT NOT NULL DEFAULT ''," : ""}
      credential_type TEXT NOT NULL, encrypted_value TEXT NOT NULL, wisp_token TEXT NOT NULL UNIQUE,
      hosts TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '', created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL, last_used_at TEXT ${schema >= 2 ? ", partition_id TEXT" : ""});
  `);
  const meta = db.prepare("INSERT INTO vault_meta VALUES (?, ?)");
  meta.run("password_hash", phc);
  meta.run("version", String(schema));
  meta.run("created_at", AT);
  if (schema >= 3) {
    db.exec(
      `CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL DEFAULT '',
      created_at TEXT NOT NULL, updated_at TEXT NOT NULL)`,
    );
  }
  if (schema >= 2) {
    db.exec(`CREATE TABLE partitions (id TEXT PRIMARY KEY, name TEXT NOT NULL ${schema < 5 ? "UNIQUE" : ""},
      description TEXT NOT NULL DEFAULT '' ${schema >= 3 ? ", project_id TEXT" : ""},
      created_at TEXT NOT NULL, updated_at TEXT NOT NULL ${
      schema >= 5 ? ", UNIQUE (project_id, name)" : ""
    })`);
  }
  const ids = new Map<string, string>();
  const projectId = (name: string): string => {
    const known = ids.get(name);
    if (known !== undefined) return known;
    const id = name === "default" ? "default" : crypto.randomUUID();
    db.prepare("INSERT INTO projects VALUES (?, ?, ?, ?, ?)").run(id, name, `about ${name}`, AT, AT);
    ids.set(name, id);
    return id;
  };
  const partitionId = (project: string, name: string): string => {
    const key = `${project}/${name}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = key === "default/personal" ? "personal" : crypto.randomUUID();
    if (schema >= 3) {
      db.prepare(
        "INSERT INTO partitions (id, name, description, project_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
      )
        .run(id, name, `about ${name}`, projectId(project), AT, AT);
    } else {
      db.prepare(
        "INSERT INTO partitions (id, name, description, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
      )
        .run(id, name, `about ${name}`, AT, AT);
    }
    ids.set(key, id);
    return id;
  };
  if (schema >= 2) partitionId("default", "personal");
  for (
    const { name, value, token, type = "BearerToken", hosts = "", tags = "", description = "", in: where }
      of credentials
  ) {
    const [project = "default", partition = "personal"] = (where ?? "default/personal").split("/");
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = Buffer.concat([
      nonce,
      cipher.update(value as Uint8Array),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const columns: Record<string, string> = {
      id: crypto.randomUUID(),
      name,
      credential_type: JSON.stringify(type),
      encrypted_value: sealed.toString("base64"),
      wisp_token: token,
      hosts,
      tags,
      created_at: AT,
      updated_at: AT,
    };
    if (schema >= 4) columns["description"] = description;
    if (schema >= 2) columns["partition_id"] = partitionId(schema >= 3 ? project : "default", partition);
    const names = Object.keys(columns);
    db.prepare(`INSERT INTO credentials (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`)
      .run(...Object.values(columns));
  }
  db.close();
  if (!session) return;
  await Deno.writeTextFile(`${directory}/session`, `${key.toBase64()}\n${AT}\n30\n`, { mode: 0o600 });
}
