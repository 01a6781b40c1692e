/**
 * The index of the log: for each run of {@linkcode BLOCK_ROWS} rows one block that holds, column by column, what rows are
 * searched by. A search over a million rows reads a few megabytes of numbers and no row that it does not want.
 *
 * A block follows from its rows alone, so a check of the log makes it anew and compares. It is neither encrypted nor
 * authenticated itself: a reader without the key has to be able to use it.
 *
 * @module
 */

import type { AuditFilter, AuditRow } from "./audit.ts";

/** Numbers in the log that one block covers: block `n` those from `n * BLOCK_ROWS + 1` on. */
export const BLOCK_ROWS = 4096;

/** Texts by which rows are found. The order is part of the format. */
export const FACETS = ["event", "credential", "caller", "host"] as const;

/** One of {@linkcode FACETS}. */
export type Facet = typeof FACETS[number];

/** The part of a row that the index knows. */
export type IndexedRow = Pick<AuditRow, "seq" | "at" | Facet | "denied">;

const PRESENT = 1;
const DENIED = 2;

/** Bytes of the columns: a word number of 16 bits for each facet, then one byte of flags, for each row. */
export const CELL_BYTES: number = BLOCK_ROWS * (FACETS.length * 2 + 1);
/** Bytes of the times: 64-bit floating point, milliseconds since the epoch, for each row. */
export const TIME_BYTES: number = BLOCK_ROWS * 8;

/** What is known of a block before its columns are read. */
export interface BlockHead {
  /** Number of the first row it covers. */
  readonly first: number;
  /** Earliest time of a row. */
  readonly from: number;
  /** Latest time of a row. */
  readonly to: number;
  /** The different texts of each facet. A column holds their positions here plus one; 0 is none. */
  readonly words: Readonly<Record<Facet, readonly string[]>>;
}

/** A whole block. Numbers are little-endian. */
export interface AuditBlock extends BlockHead {
  /** {@linkcode CELL_BYTES}. */
  readonly cells: Uint8Array<ArrayBuffer>;
  /** {@linkcode TIME_BYTES}. */
  readonly times: Uint8Array<ArrayBuffer>;
}

/** First number of the block that a row belongs to. */
export function blockOf(seq: number): number {
  return seq - (seq - 1) % BLOCK_ROWS;
}

/** Makes a block of its rows, given in any order. */
export class BlockBuilder {
  /** Number of the first row it may hold. */
  readonly first: number;
  readonly #words: Record<Facet, Map<string, number>> = {
    event: new Map(),
    credential: new Map(),
    caller: new Map(),
    host: new Map(),
  };
  readonly #cells = new Uint8Array(CELL_BYTES);
  readonly #columns = columnsOf(this.#cells);
  readonly #times = new Float64Array(BLOCK_ROWS);
  #from = Infinity;
  #to = 0;

  /** Begins the block whose first row is `first`. */
  constructor(first: number) {
    this.first = first;
  }

  /** Adds a row of this block. */
  add(row: IndexedRow): void {
    const at = row.seq - this.first;
    this.#times[at] = row.at;
    this.#from = Math.min(this.#from, row.at);
    this.#to = Math.max(this.#to, row.at);
    for (const facet of FACETS) {
      const text = row[facet];
      if (text === undefined) continue;
      const words = this.#words[facet];
      let word = words.get(text);
      if (word === undefined) words.set(text, word = words.size + 1);
      this.#columns[facet][at] = word;
    }
    this.#columns.flags[at] = PRESENT | (row.denied === true ? DENIED : 0);
  }

  /** The block as far as it was made. */
  finish(): AuditBlock {
    const words = (facet: Facet) => [...this.#words[facet].keys()];
    return {
      first: this.first,
      from: this.#from === Infinity ? 0 : this.#from,
      to: this.#to,
      words: {
        event: words("event"),
        credential: words("credential"),
        caller: words("caller"),
        host: words("host"),
      },
      cells: this.#cells,
      times: new Uint8Array(this.#times.buffer),
    };
  }
}

type Columns = Record<Facet, Uint16Array> & { flags: Uint8Array };

function columnsOf(cells: Uint8Array<ArrayBuffer>): Columns {
  const column = (index: number) =>
    new Uint16Array(cells.buffer, cells.byteOffset + index * BLOCK_ROWS * 2, BLOCK_ROWS);
  return {
    event: column(0),
    credential: column(1),
    caller: column(2),
    host: column(3),
    flags: cells.subarray(FACETS.length * BLOCK_ROWS * 2),
  };
}

/** Which words of a block a search wants; null if the block has no row for it. */
export interface BlockQuery {
  /** For each facet that is asked for: by word number, whether it is wanted. */
  readonly wanted: readonly { readonly facet: Facet; readonly words: Uint8Array }[];
  /** Flags that rows must have, of those in `mask`. */
  readonly flags: number;
  /** Flags that are looked at. */
  readonly mask: number;
  /** Whether the times have to be looked at. */
  readonly timed: boolean;
}

/** Prepares a search in a block from its head alone. */
export function queryBlock(head: BlockHead, filter: AuditFilter): BlockQuery | null {
  const { since = -Infinity, until = Infinity } = filter;
  if (head.to < since || head.from >= until) return null;
  const wanted: { facet: Facet; words: Uint8Array }[] = [];
  for (const facet of FACETS) {
    const text = filter[facet];
    if (text === undefined) continue;
    const words = new Uint8Array(head.words[facet].length + 1);
    head.words[facet].forEach((word, i) => words[i + 1] = fits(facet, word, text) ? 1 : 0);
    if (!words.includes(1)) return null;
    wanted.push({ facet, words });
  }
  const { denied } = filter;
  return {
    wanted,
    flags: PRESENT | (denied === true ? DENIED : 0),
    mask: PRESENT | (denied === undefined ? 0 : DENIED),
    timed: head.from < since || head.to >= until,
  };
}

/**
 * Calls `found` with the position in the block of each row that fits, the newest first, until it answers false.
 *
 * @param times needed if the query is `timed`
 * @returns false if `found` ended it
 */
export function searchBlock(
  query: BlockQuery,
  filter: AuditFilter,
  cells: Uint8Array<ArrayBuffer>,
  times: Float64Array | null,
  found: (position: number) => boolean,
): boolean {
  const { since = -Infinity, until = Infinity } = filter;
  const columns = columnsOf(cells);
  const { flags } = columns;
  // One tight loop a column: each leaves fewer rows to the next.
  let left = BLOCK_ROWS;
  for (let i = 0; i < BLOCK_ROWS; i++) candidates[i] = BLOCK_ROWS - 1 - i;
  for (const { facet, words } of query.wanted) left = keep(left, columns[facet], words);
  for (let i = 0; i < left; i++) {
    const at = candidates[i] ?? 0;
    if (((flags[at] ?? 0) & query.mask) !== query.flags) continue;
    if (query.timed && times !== null) {
      const time = times[at] ?? 0;
      if (time < since || time >= until) continue;
    }
    if (!found(at)) return false;
  }
  return true;
}

const candidates = new Uint16Array(BLOCK_ROWS);

/** Keeps those of the first `count` candidates whose word is wanted; answers how many are left. */
function keep(count: number, column: Uint16Array, words: Uint8Array): number {
  let left = 0;
  for (let i = 0; i < count; i++) {
    const at = candidates[i] ?? 0;
    if (words[column[at] ?? 0] === 1) candidates[left++] = at;
  }
  return left;
}

/** Whether a row that is in no block fits a search. */
export function fitsFilter(row: IndexedRow, filter: AuditFilter): boolean {
  if (filter.since !== undefined && row.at < filter.since) return false;
  if (filter.until !== undefined && row.at >= filter.until) return false;
  if (filter.denied !== undefined && (row.denied === true) !== filter.denied) return false;
  return FACETS.every((facet) => {
    const wanted = filter[facet];
    const text = row[facet];
    return wanted === undefined || (text !== undefined && fits(facet, text, wanted));
  });
}

/** A host without a port stands for that host on every port. */
function fits(facet: Facet, text: string, wanted: string): boolean {
  if (text === wanted) return true;
  return facet === "host" && text.startsWith(`${wanted}:`) && /^:\d{1,5}$/.test(text.slice(wanted.length));
}
