/**
 * The check of the log as a daemon does it: between the slices everything else goes on.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { AuditVerdict, Vault } from "../vault/mod.ts";
import { lockedError } from "./service.ts";

/**
 * Checks the whole log.
 *
 * @throws {LockedError} `vault_locked` if the vault is or becomes locked.
 */
export async function checkLog(vault: Vault): Promise<AuditVerdict> {
  for (;;) {
    const check = vault.beginAuditCheck();
    let verdict: AuditVerdict | undefined;
    while (verdict === undefined) {
      // A timer would take two milliseconds at each of thousands of slices.
      await new Promise<void>((resolve) => void setImmediate(resolve));
      if (vault.locked) throw lockedError();
      verdict = check.step();
    }
    // Rows were removed from the log's beginning while it was read.
    if (!verdict.ok && check.overtaken) continue;
    for (const first of verdict.badBlocks) vault.audit.index.drop(first, first);
    return verdict;
  }
}
