/**
 * Checks every row of an open vault and names each that is not as it was written.
 *
 * @module
 */

import { equalInConstantTime, wipe } from "../core/bytes.ts";
import { DeniedError, WispKeyError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { open } from "./aead.ts";
import type { AuditVerdict } from "./audit/check.ts";
import { METADATA_COLUMNS, readCredentialRow, valueBinding } from "./credential_row.ts";
import { readPartition, readProject } from "./group_row.ts";
import { LEDGER_TABLES, LedgerChange } from "./ledger.ts";
import { rowId } from "./documents.ts";
import type { VaultParts } from "./parts.ts";

/** One thing that is not as it should be. */
export interface VaultProblem {
  /** Machine-readable name, `snake_case`: `credential_tampered`, `rows_changed_outside`, `audit_tampered` … */
  code: string;
  /** What it concerns. */
  kind: "database" | "credential" | "project" | "partition" | "setting" | "document" | "rows" | "audit";
  /** Name of the row, or of the table. */
  name: string;
  /** One line for people. */
  message: string;
}

/** What was checked and what was found. */
export interface VaultReport {
  /** Whether nothing was found. */
  ok: boolean;
  /** Number of credentials. */
  credentials: number;
  /** Names of those that were added without the password and not confirmed since. */
  unconfirmed: string[];
  /** Number of rows in the log. */
  auditRows: number;
  /** How many of these were written while locked. */
  unauthenticatedRows: number;
  /** Number of the first bad row of the log, if any. */
  badAuditSeq: number | undefined;
  /** What was found. */
  problems: VaultProblem[];
}

/** Rows as they are; the ledger as they would make it. */
export interface RowCheck {
  /** Number of credentials. */
  credentials: number;
  /** Names of those whose hosts nobody confirmed. */
  unconfirmed: string[];
  /** Rows that are not intact. */
  problems: VaultProblem[];
  /** A ledger of exactly these rows. */
  found: LedgerChange;
}

/** Checks each row by itself. Values are decrypted one at a time and wiped. */
export function checkRows({ context, settings, documents }: VaultParts, openValues: boolean): RowCheck {
  const { db, keys } = context;
  const problems: VaultProblem[] = [];
  const found = new LedgerChange(keys, 0, 0, new Map());
  const bad = (kind: "credential" | "project" | "partition" | "setting" | "document", name: string) =>
    problems.push({
      code: `${kind}_tampered`,
      kind,
      name,
      message: `the ${kind} '${escapeText(name)}' was changed behind our back`,
    });

  let credentials = 0;
  const unconfirmed: string[] = [];
  const columns = openValues ? `${METADATA_COLUMNS}, ciphertext` : METADATA_COLUMNS;
  for (
    const row of db.prepare(`SELECT ${columns} FROM credentials ORDER BY name`, { bigints: true }).iterate()
  ) {
    credentials++;
    const { credential, revision, value, mac } = readCredentialRow(row, keys);
    found.toggle("credentials", credential.id, mac);
    const plain = openValues
      ? open(keys.key("values"), value, valueBinding(credential, revision))
      : undefined;
    if (!credential.intact || (openValues && plain === undefined)) bad("credential", credential.name);
    else if (!credential.hostsConfirmed && credential.hosts.length > 0) unconfirmed.push(credential.name);
    wipe(plain);
  }
  for (const row of db.prepare("SELECT * FROM projects ORDER BY name", { bigints: true }).iterate()) {
    const { project, mac } = readProject(row, keys);
    found.toggle("projects", project.id, mac);
    if (!project.intact) bad("project", project.name);
  }
  for (const row of db.prepare("SELECT * FROM partitions ORDER BY name", { bigints: true }).iterate()) {
    const { partition, mac } = readPartition(row, keys);
    found.toggle("partitions", partition.id, mac);
    if (!partition.intact) bad("partition", partition.name);
  }
  for (const { key, mac, intact } of settings.rows()) {
    found.toggle("settings", key, mac);
    if (!intact) bad("setting", key);
  }
  for (const { mac, intact, ...info } of documents.rows()) {
    found.toggle("documents", rowId(info), mac);
    if (!intact) bad("document", rowId(info));
  }
  return { credentials, unconfirmed, problems, found };
}

/** Checks the whole vault: database, each row, the rows together, the log. */
export function verifyVault(parts: VaultParts, checkLog: () => AuditVerdict): VaultReport {
  const { context, documents } = parts;
  const { db, keys } = context;
  const report: VaultReport = {
    ok: true,
    credentials: 0,
    unconfirmed: [],
    auditRows: 0,
    unauthenticatedRows: 0,
    badAuditSeq: undefined,
    problems: [],
  };
  const problem = (kind: VaultProblem["kind"], code: string, name: string, message: string) =>
    report.problems.push({ kind, code, name, message });
  // A database that is damaged at one place may answer at another: each part is checked for itself.
  const part = (check: () => void) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof WispKeyError)) throw error;
      problem(error instanceof DeniedError ? "rows" : "database", error.code, "vault.db", error.message);
    }
  };

  part(() => {
    const { credentials, unconfirmed, problems, found } = checkRows(parts, true);
    report.credentials = credentials;
    report.unconfirmed = unconfirmed;
    report.problems.push(...problems);
    const expected = context.ledger.read(keys);
    for (const table of LEDGER_TABLES) {
      if (equalInConstantTime(expected.digest(table), found.digest(table))) continue;
      problem("rows", "rows_changed_outside", table, `${table}: rows were removed, put back or replaced`);
    }
  });
  part(() => {
    for (const info of documents.unreadable()) {
      const name = rowId(info);
      if (report.problems.some((known) => known.kind === "document" && known.name === name)) continue;
      problem(
        "document",
        "document_tampered",
        name,
        `the document '${escapeText(name)}' was changed behind our back`,
      );
    }
  });
  part(() => {
    report.auditRows = context.audit.count();
    const log = checkLog();
    if (log.badBlocks.length > 0) {
      // It only makes searching fast: without it every row is read.
      for (const first of log.badBlocks) context.audit.index.drop(first, first);
      const message = "the index of the log did not say what its rows say; it is made anew";
      problem("audit", "audit_index_changed", "index", message);
    }
    if (log.ok) report.unauthenticatedRows = log.unauthenticated;
    else {
      report.badAuditSeq = log.badSeq;
      problem("audit", "audit_tampered", `row ${log.badSeq}`, `the log, row ${log.badSeq}: ${log.reason}`);
    }
  });
  part(() => {
    for (const row of db.prepare("PRAGMA quick_check(10)").all()) {
      const text = String(Object.values(row)[0]);
      if (text !== "ok") {
        problem("database", "vault_corrupt", "vault.db", `the database: ${escapeText(text)}`);
      }
    }
    if (db.prepare("PRAGMA foreign_key_check").get() !== undefined) {
      const message = "the database: a row names a project or partition that is not there";
      problem("database", "vault_corrupt", "vault.db", message);
    }
  });
  report.ok = report.problems.length === 0;
  return report;
}
