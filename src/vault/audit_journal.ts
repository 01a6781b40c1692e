/**
 * The journal of the log: a file to which rows are appended before they go into the database together with many others.
 * One small write is ten times as fast as a transaction, and a secret waits for it at every use; like a transaction
 * it survives the end of the process at any moment.
 *
 * Each line is `MAC, blank, JSON [[at, entry], …]`, where the MAC (HMAC-SHA256, hex) covers vault, generation, number of
 * the line and text. Settling moves the rows into the log and begins the next generation in one transaction; lines of
 * an older generation mean nothing. Cut off lines cannot be missed, but only while no process holds the vault open.
 *
 * @module
 */

import { AUDIT_EVENTS, type AuditEntry, type TimedEntry } from "../core/audit.ts";
import { equalInConstantTime, utf8 } from "../core/bytes.ts";
import { FailedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { VaultContext } from "./context.ts";
import { FORMAT_VERSION } from "./keys.ts";

/** Name of the file in the vault directory. */
export const JOURNAL_NAME = "audit.journal";

const MAC_DIGITS = 64;

/** The journal of the one process that holds the vault open. */
export class AuditJournal {
  readonly #context: VaultContext;
  readonly #vaultId: string;
  readonly #file: Deno.FsFile;
  readonly #checkpointer: Checkpointer;
  #generation: number;
  #lines = 0;
  #size = 0;

  private constructor(context: VaultContext, vaultId: string, file: Deno.FsFile) {
    this.#context = context;
    this.#vaultId = vaultId;
    this.#file = file;
    this.#checkpointer = context.db.checkpointElsewhere();
    this.#generation = readGeneration(context);
  }

  /** Moves into the log what an earlier process left, and begins an empty file, owner-only, never through a link. */
  static open(path: string, context: VaultContext, vaultId: string): AuditJournal {
    recover(path, context, vaultId);
    try {
      removeIfThere(path);
      const file = Deno.openSync(path, { append: true, createNew: true, mode: 0o600 });
      return new AuditJournal(context, vaultId, file);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /**
   * Appends rows; they are safe from the end of this process when it returns.
   *
   * @throws {LockedError} `vault_locked`; {FailedError} `audit_unavailable`, and then nothing was appended.
   */
  write(rows: readonly TimedEntry[]): void {
    const text = JSON.stringify(rows.map(({ entry, at }) => [at, entry]));
    const mac = lineMac(this.#context, this.#vaultId, this.#generation, this.#lines, text);
    const bytes = utf8(`${mac.toHex()} ${text}\n`);
    try {
      for (let sent = 0; sent < bytes.length;) sent += this.#file.writeSync(bytes.subarray(sent));
    } catch (cause) {
      this.#cutTo(this.#size);
      throw unwritable(JOURNAL_NAME, cause);
    }
    this.#lines++;
    this.#size += bytes.length;
  }

  /**
   * Appends rows to the log, among them all that were written here since the last time, and empties the journal.
   *
   * @returns their numbers in the log
   */
  settle(rows: readonly TimedEntry[]): number[] {
    const { db, audit } = this.#context;
    const seqs = db.transaction("process", () => {
      if (this.#lines > 0) nextGeneration(this.#context, this.#generation);
      return audit.appendTimed(rows);
    });
    if (this.#lines > 0) {
      this.#generation++;
      this.#lines = 0;
      this.#cutTo(0);
    }
    this.#checkpointer.changed();
    return seqs;
  }

  /**
   * Closes the file; what was not settled stays in it for the next process. Resolves when nobody else writes to the
   * database on our behalf any more.
   */
  close(): Promise<void> {
    const checkpointed = this.#checkpointer.close();
    this.#file.close();
    return checkpointed;
  }

  #cutTo(size: number): void {
    try {
      this.#file.truncateSync(size);
      this.#size = size;
    } catch {
      // Its lines are of an older generation now, or lack their end: either way they mean nothing.
    }
  }
}

/** Reads what an earlier process left and puts it into the log. A line that is not as it was written ends the reading. */
function recover(path: string, context: VaultContext, vaultId: string): void {
  const text = readIfThere(path);
  const generation = readGeneration(context);
  const rows: TimedEntry[] = [];
  let changed = false;
  // What follows the last line break was cut off by the end of the process, before anybody relied on it.
  for (const [i, line] of text.split("\n").slice(0, -1).entries()) {
    const found = readLine(context, vaultId, generation, i, line);
    // Lines of an older generation are in the log already; then the first one tells.
    // After a power cut a part of the file may be zeros that never reached the disk, which is no more than a cut.
    if (found === undefined) changed = i > 0 && !line.includes("\0");
    if (found === undefined) break;
    rows.push(...found);
  }
  if (changed) {
    const entry: AuditEntry = { event: "VaultChangedOutside", reason: "the audit journal was changed" };
    rows.push({ entry, at: context.now() });
  }
  context.db.transaction("process", () => {
    nextGeneration(context, generation);
    context.audit.appendTimed(rows);
  });
}

function readLine(
  context: VaultContext,
  vaultId: string,
  generation: number,
  index: number,
  line: string,
): TimedEntry[] | undefined {
  const text = line.slice(MAC_DIGITS + 1);
  const mac = lineMac(context, vaultId, generation, index, text);
  if (!equalInConstantTime(utf8(line.slice(0, MAC_DIGITS)), utf8(mac.toHex()))) return undefined;
  const rows = JSON.parse(text) as [at: number, entry: AuditEntry][];
  return rows.filter(([, entry]) => AUDIT_EVENTS.includes(entry.event)).map(([at, entry]) => ({ entry, at }));
}

function lineMac(
  { keys }: VaultContext,
  vaultId: string,
  generation: number,
  index: number,
  text: string,
): Uint8Array<ArrayBuffer> {
  // Only the text may hold a line break, and it comes last, so no two different lines give the same input.
  return keys.mac(
    "audit",
    utf8(`wispkey journal ${FORMAT_VERSION}\n${vaultId}\n${generation}\n${index}\n${text}`),
  );
}

function readGeneration({ db }: VaultContext): number {
  return Number(db.prepare("SELECT generation FROM audit_journal").get()?.generation ?? 0);
}

/** Another process may have gone on since: an older one must not undo that. */
function nextGeneration({ db }: VaultContext, from: number): void {
  db.prepare("UPDATE audit_journal SET generation = ? WHERE generation = ?").run(from + 1, from);
}

function readIfThere(path: string): string {
  try {
    return Deno.lstatSync(path).isFile ? Deno.readTextFileSync(path) : "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw unwritable(path, error);
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function unwritable(path: string, cause: unknown): FailedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FailedError(`cannot write the audit journal '${escapeText(path)}': ${why}`, {
    code: "audit_unavailable",
    hint: "wispkey doctor",
    cause,
  });
}
