/**
 * Removing the oldest rows of the log, a few at a time.
 *
 * @module
 */

import { countOf } from "../core/count.ts";
import { setImmediate } from "node:timers";
import type { Retention, Vault } from "../vault/mod.ts";

/**
 * Removes what has to go and writes that down. Stops where the vault is locked meanwhile; the next time goes on from there.
 *
 * @returns how many rows went
 * @throws {DeniedError} `audit_tampered` if a row that is to go is not as it was written.
 */
export async function pruneLog(vault: Vault, retention: Retention): Promise<number> {
  const upTo = vault.audit.lastToPrune(retention);
  let removed = 0;
  try {
    while (upTo > 0 && !vault.locked) {
      const went = vault.pruneAudit(upTo);
      if (went === 0) break;
      removed += went;
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  } finally {
    if (removed > 0) {
      const reason = `${countOf(removed, "row")}, up to row ${upTo}`;
      vault.audit.append([{ event: "LogPruned", reason }], Date.now());
    }
  }
  return removed;
}
