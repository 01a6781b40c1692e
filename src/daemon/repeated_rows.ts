/**
 * Rows that an agent can bring about as often as it likes: the first of a kind is written at once, those like it are counted
 * for a while and written as one.
 *
 * @module
 */

import type { AuditEntry } from "../core/audit.ts";

/** Rows that look the same are counted for so long before they are written as one, milliseconds. */
export const COALESCE_MS = 5_000;

/** Different rows counted at once; more are written as they come. */
const MAX_COUNTED = 256;

interface Counted {
  readonly entry: AuditEntry;
  readonly timer: ReturnType<typeof setTimeout>;
  more: number;
}

/** Counts refusals, dry runs of refusals, and answers that were scrubbed. */
export class RepeatedRows {
  readonly #write: (entry: AuditEntry) => void;
  readonly #counted = new Map<string, Counted>();

  /**
   * Has counted nothing yet.
   *
   * @param write writes the row that tells how many there were
   */
  constructor(write: (entry: AuditEntry) => void) {
    this.#write = write;
  }

  /** Whether a row like this one was written a moment ago, so that it is counted and not to be written now. */
  count(entry: AuditEntry): boolean {
    if (!isNoise(entry)) return false;
    const key = kindOf(entry);
    const known = this.#counted.get(key);
    if (known !== undefined) {
      known.more++;
      return true;
    }
    if (this.#counted.size < MAX_COUNTED) {
      const timer = setTimeout(() => this.#tell(key), COALESCE_MS);
      this.#counted.set(key, { entry, timer, more: 0 });
    }
    return false;
  }

  /** Writes what was counted so far. */
  flush(): void {
    for (const key of [...this.#counted.keys()]) this.#tell(key);
  }

  #tell(key: string): void {
    const counted = this.#counted.get(key);
    if (counted === undefined) return;
    this.#counted.delete(key);
    clearTimeout(counted.timer);
    const { entry, more } = counted;
    if (more > 0) this.#write({ ...entry, reason: `${entry.reason ?? "denied"} (${more} more)` });
  }
}

/** Without using anything, that is; a result comes once for each use. */
function isNoise({ denied, event, refersTo }: AuditEntry): boolean {
  if (refersTo !== undefined) return false;
  return denied === true || event === "ResponseScrubbed" || event === "PolicyWouldDeny";
}

function kindOf({ event, credential, host, method, reason, caller }: AuditEntry): string {
  return JSON.stringify([event, credential, host, method, reason, caller]);
}
