/**
 * Settling what was changed behind our back, once its owner has looked.
 *
 * @module
 */

import type { AuditNote } from "./context.ts";
import type { VaultParts } from "./parts.ts";
import { checkRows } from "./verify.ts";

/** Writes the ledger anew from the rows as they stand; see `Vault.acceptRows`. */
export function acceptRows(parts: VaultParts, note: AuditNote): void {
  const { context } = parts;
  const { db, keys, ledger } = context;
  db.transaction("power", () => {
    const { found, problems } = checkRows(parts, false);
    const reason = problems.length === 0
      ? "rows accepted as they stand"
      : `rows accepted, ${problems.length} refused`;
    const [seq] = context.audit.append([{ event: "VaultChangedOutside", reason, ...note }], context.now());
    found.generation = ledger.newest(keys) + 1;
    found.auditSeq = seq ?? 0;
    ledger.write(keys, found);
  });
}
