/**
 * Moves into the log what an earlier process left in the journal.
 *
 * @module
 */

import type { TimedEntry } from "../../core/audit.ts";
import { beginGeneration, readGeneration } from "./generation.ts";
import type { VaultContext } from "../context.ts";
import { JournalFile } from "./journal_file.ts";
import { type JournalLine, readLine } from "./journal_line.ts";

/** Lines of one generation. */
interface Part {
  readonly lines: readonly JournalLine[];
  /** Whether a line among them is not as it was written. */
  readonly changed: boolean;
}

/**
 * Reads the files and puts their rows into the log: those of the generation under way, and those of the next one, which
 * was begun if the process ended while the rows of the first were on their way into the log.
 */
export function recoverJournal(paths: readonly string[], context: VaultContext, vaultId: string): void {
  // What a process that is about to end has still under way gets into the log either before this or not at all.
  context.db.transaction("process", () => {
    const texts = paths.map(JournalFile.read);
    const generation = readGeneration(context.db);
    const underWay = readPart(texts, context, vaultId, generation);
    const next = readPart(texts, context, vaultId, generation + 1);
    const isTwice = (line: JournalLine) => line.again && underWay.lines.length > 0;
    const lines = [...underWay.lines, ...next.lines.filter((line) => !isTwice(line))];
    const rows: TimedEntry[] = lines.flatMap((line) => line.rows);
    if (underWay.changed || next.changed) {
      const entry = { event: "VaultChangedOutside", reason: "the audit journal was changed" } as const;
      rows.push({ entry, at: context.now() });
    }
    beginGeneration(context.db, generation, generation + 2);
    context.audit.appendTimed(rows);
  });
}

/** The lines of a generation, from whichever file begins with one of them. A line that is not as it was written ends them. */
function readPart(
  texts: readonly string[],
  context: VaultContext,
  vaultId: string,
  generation: number,
): Part {
  for (const text of texts) {
    const lines: JournalLine[] = [];
    // What follows the last line break was cut off by the end of the process, before anybody relied on it.
    for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
      const read = readLine(context.keys, { vaultId, generation, index }, line);
      if (read === undefined) {
        // Lines of an older generation are in the log already; then the first one tells.
        if (index === 0) break;
        // After a power cut a part of the file may be zeros that never reached the disk, which is no more than a cut.
        return { lines, changed: !line.includes("\0") };
      }
      lines.push(read);
    }
    if (lines.length > 0) return { lines, changed: false };
  }
  return { lines: [], changed: false };
}
