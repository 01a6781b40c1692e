/**
 * Lines of the log's journal: `MAC, blank, text`, where the text is JSON, `[[at, entry], …]`, and the MAC (HMAC-SHA256, hex)
 * covers vault, generation, number of the line and text.
 *
 * @module
 */

import { AUDIT_EVENTS, type AuditEntry, type TimedEntry } from "../../core/audit.ts";
import { equalInConstantTime, utf8 } from "../../core/bytes.ts";
import { FORMAT_VERSION, type LogKeys } from "../keys.ts";

const MAC_DIGITS = 64;
/** What the text of a repeated line begins with. */
const AGAIN = "again";

/** Where a line stands. */
export interface LinePlace {
  /** Id of the vault. */
  readonly vaultId: string;
  /** Generation of the journal. */
  readonly generation: number;
  /** Number of the line in its generation, from 0. */
  readonly index: number;
}

/** What a line holds. */
export interface JournalLine {
  /** Its rows. */
  readonly rows: readonly TimedEntry[];
  /** Whether the generation before holds them too. */
  readonly again: boolean;
}

/** A line as it is written, line break included. */
export function writeLine(keys: LogKeys, place: LinePlace, { rows, again }: JournalLine): Uint8Array {
  const text = (again ? AGAIN : "") + JSON.stringify(rows.map(({ entry, at }) => [at, entry]));
  return utf8(`${lineMac(keys, place, text).toHex()} ${text}\n`);
}

/** Reads a line, without its line break; undefined if it is not as it was written at this place. */
export function readLine(keys: LogKeys, place: LinePlace, line: string): JournalLine | undefined {
  const text = line.slice(MAC_DIGITS + 1);
  const mac = lineMac(keys, place, text);
  if (!equalInConstantTime(utf8(line.slice(0, MAC_DIGITS)), utf8(mac.toHex()))) return undefined;
  const again = text.startsWith(AGAIN);
  const rows = JSON.parse(again ? text.slice(AGAIN.length) : text) as [at: number, entry: AuditEntry][];
  return {
    again,
    rows: rows.filter(([, entry]) => AUDIT_EVENTS.includes(entry.event)).map(([at, entry]) => ({
      entry,
      at,
    })),
  };
}

function lineMac(keys: LogKeys, place: LinePlace, text: string): Uint8Array<ArrayBuffer> {
  const { vaultId, generation, index } = place;
  // Only the text may hold a line break, and it comes last, so no two different lines give the same input.
  return keys.mac(
    "audit",
    utf8(`wispkey journal ${FORMAT_VERSION}\n${vaultId}\n${generation}\n${index}\n${text}`),
  );
}
