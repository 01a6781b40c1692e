/**
 * Credentials that were put down for an import and wait for the word to take them over. They lie in memory only, bounded
 * in size and in time.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { FailedError, NotFoundError } from "../../core/errors.ts";
import { EMPTY_IMPORT, importDigest } from "../../core/import_digest.ts";
import type { Vault } from "../../vault/mod.ts";
import type { StagedCredential } from "../api/sharing.ts";

/** Most bytes of values staged at once. */
const MAX_STAGED_BYTES = 256 * 1024 * 1024;
/** Most credentials staged at once. */
const MAX_STAGED = 100_000;
/** What was staged is forgotten after so long without a call, milliseconds. */
const STAGED_MS = 5 * 60_000;

/** A staged credential and its value. */
export interface StagedEntry {
  /** What it is. */
  readonly credential: StagedCredential;
  /** The secret; wiped when the import is over. */
  readonly value: Uint8Array;
}

/** One import under way. */
export class StagedImport {
  /** What was staged, in order. */
  readonly entries: StagedEntry[] = [];
  #digest = EMPTY_IMPORT;
  #bytes = 0;

  /** Digest over everything staged so far; see `core/import_digest.ts`. */
  get digest(): string {
    return this.#digest;
  }

  /**
   * Puts credentials down; their values are copied.
   *
   * @param payload the values one after the other
   * @throws {FailedError} `import_too_large`, `bad_parameters`.
   */
  async add(credentials: readonly StagedCredential[], payload: Uint8Array): Promise<void> {
    this.#bytes += payload.length;
    if (this.#bytes > MAX_STAGED_BYTES || this.entries.length + credentials.length > MAX_STAGED) {
      throw new FailedError(
        "cannot import so much at once: it is larger than 256 MiB or 100,000 credentials",
        {
          code: "import_too_large",
          hint: "export and import it partition by partition",
        },
      );
    }
    const total = credentials.reduce((sum, { length }) => sum + length, 0);
    if (total !== payload.length) {
      throw new FailedError("cannot import: the lengths of the values do not add up", {
        code: "bad_parameters",
      });
    }
    let at = 0;
    for (const credential of credentials) {
      this.entries.push({ credential, value: payload.slice(at, at += credential.length) });
    }
    this.#digest = await importDigest(this.#digest, credentials, payload);
  }

  /** Wipes the values. */
  wipe(): void {
    for (const { value } of this.entries) wipe(value);
    this.entries.length = 0;
  }
}

/** The import under way on a vault: one at a time, so that what lies in memory is bounded. */
export class StagingArea {
  #current: { session: string; staged: StagedImport; timer: ReturnType<typeof setTimeout> } | undefined;

  /** Begins an import; one that was under way is forgotten. */
  begin(): { session: string; staged: StagedImport } {
    this.clear();
    const session = crypto.randomUUID();
    const staged = new StagedImport();
    this.#current = { session, staged, timer: this.#expire() };
    return { session, staged };
  }

  /**
   * The import of a session; its time begins anew.
   *
   * @throws {NotFoundError} `import_not_found`.
   */
  get(session: string): StagedImport {
    if (this.#current?.session !== session) {
      throw new NotFoundError("cannot go on with the import: it was given up, or another one began", {
        code: "import_not_found",
        hint: "import again",
      });
    }
    clearTimeout(this.#current.timer);
    this.#current.timer = this.#expire();
    return this.#current.staged;
  }

  /** Forgets the import under way. */
  clear(): void {
    clearTimeout(this.#current?.timer);
    this.#current?.staged.wipe();
    this.#current = undefined;
  }

  #expire(): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.clear(), STAGED_MS);
    // A command that is done ends all the same.
    Deno.unrefTimer(timer);
    return timer;
  }
}

const areas = new WeakMap<Vault, StagingArea>();

/** The staging area of an open vault. */
export function stagingArea(vault: Vault): StagingArea {
  let area = areas.get(vault);
  if (area === undefined) areas.set(vault, area = new StagingArea());
  return area;
}
