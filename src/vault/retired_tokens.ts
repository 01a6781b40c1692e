/**
 * Tokens that were ours once. They are kept as keyed fingerprints, so that an old one is refused by name and the
 * table tells nobody what they were.
 *
 * @module
 */

import { equalInConstantTime, utf8 } from "../core/bytes.ts";
import { canonical } from "../core/canonical.ts";
import type { Credential } from "../core/credential.ts";
import { Columns } from "./columns.ts";
import type { VaultContext } from "./context.ts";
import { FORMAT_VERSION, type VaultKeys } from "./keys.ts";

/** Why a token is no longer valid. */
export type RetirementReason = "rotated" | "removed";

/** What is known of a retired token. */
export interface RetiredToken {
  /** Name of its credential when it was retired. */
  credentialName: string;
  /** Project of the credential. */
  projectId: string;
  /** Why. */
  reason: RetirementReason;
}

const SHOWN_BYTES = 8;

/** Keyed fingerprint of a token as the log shows it: 16 hex digits. */
export function tokenFingerprint(keys: VaultKeys, token: string): string {
  return keys.mac("tokens", utf8(token)).subarray(0, SHOWN_BYTES).toHex();
}

/** The table of retired tokens. */
export class RetiredTokens {
  readonly #context: VaultContext;

  /** The table in the vault of `context`. */
  constructor(context: VaultContext) {
    this.#context = context;
  }

  /** Remembers the token of a credential, inside the transaction that takes it away. */
  insert(credential: Credential, reason: RetirementReason, at: number): void {
    const { db, keys } = this.#context;
    const fingerprint = keys.mac("tokens", utf8(credential.token));
    const { id, name, projectId } = credential;
    db.prepare("INSERT OR REPLACE INTO retired_tokens VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(
        fingerprint,
        id,
        name,
        projectId,
        reason,
        at,
        mac(keys, fingerprint, id, name, projectId, reason, at),
      );
  }

  /**
   * Looks up a token; a row that was changed behind our back is as none.
   *
   * @throws {LockedError} `vault_locked`.
   */
  find(token: string): RetiredToken | undefined {
    const { db, keys } = this.#context;
    if (db.prepare("SELECT 1 FROM retired_tokens LIMIT 1").get() === undefined) return undefined;
    const fingerprint = keys.mac("tokens", utf8(token));
    const row = db.prepare("SELECT * FROM retired_tokens WHERE fingerprint = ?", { bigints: true }).get(
      fingerprint,
    );
    if (row === undefined) return undefined;
    const columns = new Columns(row);
    const credentialName = columns.text("credential_name");
    const projectId = columns.text("project_id");
    const reason = columns.text("reason");
    const expected = mac(
      keys,
      fingerprint,
      columns.text("credential_id"),
      credentialName,
      projectId,
      reason,
      columns.integer("retired_at"),
    );
    if (!equalInConstantTime(columns.bytes("mac"), expected) || columns.damaged) return undefined;
    return { credentialName, projectId, reason: reason === "rotated" ? "rotated" : "removed" };
  }
}

function mac(
  keys: VaultKeys,
  fingerprint: Uint8Array,
  id: string,
  name: string,
  projectId: string,
  reason: string,
  at: number,
): Uint8Array {
  return keys.mac(
    "rows",
    canonical(["wispkey retired token", FORMAT_VERSION, fingerprint, id, name, projectId, reason, at]),
  );
}
