/**
 * Reading the log, open or locked.
 *
 * @module
 */

import type { AuditFilter, AuditRow } from "../core/audit.ts";
import { FACETS } from "../core/audit_block.ts";
import type { AuditIndex } from "./audit_index.ts";
import { readAuditRow } from "./audit_record.ts";
import type { Database } from "./database.ts";

const COLUMNS = "seq, at, record, mac";

/** Reads rows: oldest first, or with `last` newest first. */
export function queryAudit(db: Database, index: AuditIndex, filter: AuditFilter): AuditRow[] {
  return [...eachAuditRow(db, index, filter)];
}

/** The same one by one, for more rows than are to be held at once. */
export function* eachAuditRow(
  db: Database,
  index: AuditIndex,
  filter: AuditFilter,
): Generator<AuditRow, void> {
  if (!isSearch(filter)) {
    const { afterSeq = 0, upToSeq = Number.MAX_SAFE_INTEGER, last } = filter;
    const order = last === undefined ? "ORDER BY seq" : "ORDER BY seq DESC LIMIT ?";
    const rows = db.prepare(`SELECT ${COLUMNS} FROM audit WHERE seq > ? AND seq <= ? ${order}`, {
      bigints: true,
    });
    const values = last === undefined
      ? [afterSeq, upToSeq]
      : [afterSeq, upToSeq, Math.max(0, Math.trunc(last))];
    for (const row of rows.iterate(...values)) yield readAuditRow(row).row;
    return;
  }
  const found = index.search(filter);
  if (filter.last === undefined) found.reverse();
  const one = db.prepare(`SELECT ${COLUMNS} FROM audit WHERE seq = ?`, { bigints: true });
  for (const seq of found) {
    const row = one.get(seq);
    // It may have been removed a moment ago, because of its age.
    if (row !== undefined) yield readAuditRow(row).row;
  }
}

function isSearch(filter: AuditFilter): boolean {
  return FACETS.some((facet) => filter[facet] !== undefined) || filter.denied !== undefined ||
    filter.since !== undefined || filter.until !== undefined;
}
