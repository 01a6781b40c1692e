/**
 * Reads the keys of one `[[policy]]` table, noting each mistake with its place and going on.
 *
 * @module
 */

import { didYouMean, type PolicyMistake, quoted, ValueMistake } from "./mistake.ts";
import { Lines, type Position, type TomlNode } from "./positions.ts";

/** A date with a time and a zone, as the TOML parser gives it. */
export interface MomentLike {
  /** Whether it has a date and a time. */
  isDateTime(): boolean;
  /** Whether it lacks an offset from UTC. */
  isLocal(): boolean;
  /** Milliseconds since the epoch. */
  getTime(): number;
}

/** Gathers mistakes. */
export class Mistakes {
  readonly #lines: Lines;
  readonly #found: PolicyMistake[] = [];

  /** Mistakes in a text. */
  constructor(text: string) {
    this.#lines = new Lines(text);
  }

  /** Those found so far, in the order of the text. */
  get found(): readonly PolicyMistake[] {
    return this.#found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  /** Notes one at an offset. */
  at(offset: number, message: string): void {
    this.#found.push({ ...this.#lines.at(offset), message });
  }

  /** Notes one at a line and column, as a parser gives them. */
  atPosition(position: Position, message: string): void {
    this.at(this.#lines.offset(position), message);
  }

  /** Line of an offset. */
  line(offset: number): number {
    return this.#lines.at(offset).line;
  }
}

/** A table and where its parts stand. */
export class Fields {
  readonly #table: Readonly<Record<string, unknown>>;
  readonly #node: TomlNode;
  readonly #mistakes: Mistakes;

  /** Reads `table`, which stands at `node`. */
  constructor(table: Readonly<Record<string, unknown>>, node: TomlNode, mistakes: Mistakes) {
    this.#table = table;
    this.#node = node;
    this.#mistakes = mistakes;
  }

  /** Offset of the table's header. */
  get start(): number {
    return this.#node.key;
  }

  /** Whether a key is given. */
  has(key: string): boolean {
    return Object.hasOwn(this.#table, key);
  }

  /** Notes a mistake in a key itself. */
  wrongKey(key: string, message: string): void {
    this.#mistakes.at(this.#node.entries.get(key)?.key ?? this.start, message);
  }

  /** Notes a mistake in a value. */
  wrongValue(key: string, message: string, item?: number): void {
    const value = this.#node.entries.get(key);
    const place = item === undefined ? value : value?.items[item] ?? value;
    this.#mistakes.at(place?.value ?? this.start, message);
  }

  /** Notes keys that mean nothing; `what` has the known ones. Answers whether there were any. */
  refuseUnknown(known: readonly string[], what = "a policy"): boolean {
    let found = false;
    for (const key of Object.keys(this.#table)) {
      if (known.includes(key)) continue;
      found = true;
      this.wrongKey(
        key,
        `unknown key ${quoted(key)}${didYouMean(key, known, `${what} has ${known.join(", ")}`)}`,
      );
    }
    return found;
  }

  /** A text, converted; null if it is absent or wrong. */
  text<T>(key: string, convert: (text: string) => T): T | null {
    const value = this.#value(key);
    if (value === undefined) return null;
    if (typeof value !== "string") return this.#wrongType(key, value, "a text in quotes");
    return this.#converted(key, () => convert(value));
  }

  /** Whatever the key holds, converted; null if it is absent or wrong. */
  any<T>(key: string, convert: (value: unknown) => T): T | null {
    const value = this.#value(key);
    return value === undefined ? null : this.#converted(key, () => convert(value));
  }

  /** True or false; false if it is absent or wrong. */
  flag(key: string): boolean {
    const value = this.#value(key);
    if (value === undefined || typeof value === "boolean") return value ?? false;
    return this.#wrongType(key, value, "true or false, without quotes") ?? false;
  }

  /**
   * A list of texts, each converted; with `single` one text stands for a list of one. Null if it is absent; of a wrong list,
   * what is right in it.
   */
  list<T>(key: string, convert: (text: string) => T, { single = false } = {}): T[] | null {
    const value = this.#value(key);
    if (value === undefined) return null;
    const kind = single ? "a text in quotes, or a list of them" : 'a list of texts: ["…", "…"]';
    if (single && typeof value === "string") {
      const one = this.#converted(key, () => convert(value));
      return one === null ? [] : [one];
    }
    if (!Array.isArray(value)) return this.#wrongType(key, value, kind);
    if (value.length === 0) {
      this.wrongValue(
        key,
        `${key} is empty: leave it out to say nothing, or write deny = true to allow nothing`,
      );
    }
    const items: T[] = [];
    const seen = new Set<string>();
    for (const [i, item] of value.entries()) {
      if (typeof item !== "string") this.#wrongType(key, item, "a text in quotes", i);
      else if (seen.has(item)) this.wrongValue(key, `${quoted(item)} is named twice in ${key}`, i);
      else {
        seen.add(item);
        const converted = this.#converted(key, () => convert(item), i);
        if (converted !== null) items.push(converted);
      }
    }
    return items;
  }

  #value(key: string): unknown {
    return this.has(key) ? this.#table[key] : undefined;
  }

  #converted<T>(key: string, convert: () => T, item?: number): T | null {
    try {
      return convert();
    } catch (error) {
      if (!(error instanceof ValueMistake)) throw error;
      this.wrongValue(key, error.message, item);
      return null;
    }
  }

  #wrongType(key: string, value: unknown, wanted: string, item?: number): null {
    this.wrongValue(key, `${key} must be ${wanted}, not ${kindOf(value)}`, item);
    return null;
  }
}

/** Whether a value is a date of TOML. */
export function isMoment(value: unknown): value is MomentLike {
  return value instanceof Date && "isLocal" in value;
}

/** What kind of value it is, for messages. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isMoment(value)) return "a date";
  switch (typeof value) {
    case "string":
      return "a text";
    case "boolean":
      return value ? "true" : "false";
    case "number":
    case "bigint":
      return "a number";
    default:
      return "a table";
  }
}
