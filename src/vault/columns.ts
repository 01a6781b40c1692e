/**
 * Reading rows that someone else may have written: a value of the wrong kind never throws, it marks the row damaged.
 *
 * @module
 */

import type { Row, SqlValue } from "./database.ts";

const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Reads the columns of one row. */
export class Columns {
  readonly #row: Row;
  #damaged = false;

  /** Reads from `row`, whose integers may be `number` or `bigint`. */
  constructor(row: Row) {
    this.#row = row;
  }

  /** Whether any column read so far was not of its kind. */
  get damaged(): boolean {
    return this.#damaged;
  }

  /** A text; `""` if it is none. */
  text(column: string): string {
    const value = this.#row[column];
    return typeof value === "string" ? value : this.#damage("");
  }

  /** A text or null. */
  optionalText(column: string): string | null {
    return this.#isNull(column) ? null : this.text(column);
  }

  /** A safe integer; 0 if it is none. */
  integer(column: string): number {
    const value = toNumber(this.#row[column]);
    return Number.isSafeInteger(value) ? value : this.#damage(0);
  }

  /** A safe integer or null. */
  optionalInteger(column: string): number | null {
    return this.#isNull(column) ? null : this.integer(column);
  }

  /** Bytes; none if they are not. */
  bytes(column: string): Uint8Array {
    const value = this.#row[column];
    return value instanceof Uint8Array ? value : this.#damage(NOTHING);
  }

  /** Bytes or null. */
  optionalBytes(column: string): Uint8Array | null {
    return this.#isNull(column) ? null : this.bytes(column);
  }

  /** JSON that `accept` recognises, else `fallback`. */
  json<T>(column: string, accept: (value: unknown) => value is T, fallback: T): T {
    try {
      const value: unknown = JSON.parse(this.text(column));
      if (accept(value)) return value;
    } catch {
      // Not JSON: damaged like any other wrong value.
    }
    return this.#damage(fallback);
  }

  #isNull(column: string): boolean {
    return this.#row[column] === null;
  }

  #damage<T>(fallback: T): T {
    this.#damaged = true;
    return fallback;
  }
}

function toNumber(value: SqlValue | undefined): number {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : NaN;
}

/** Whether a value is a list of texts. */
export function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** A text as the database gives it back: well-formed, and without NUL, where SQLite would cut it. */
export function storableText(text: string): string {
  return text.replaceAll("\0", "\ufffd").toWellFormed();
}
