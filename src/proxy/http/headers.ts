/**
 * Header fields in the order, spelling and number in which they came.
 *
 * @module
 */

/** One field. `value` holds one character per byte (Latin-1) and no surrounding blanks. */
export interface HeaderField {
  /** Name as received. */
  readonly name: string;
  /** Name in lower case, to compare with. */
  readonly lower: string;
  /** Value, one character per byte. */
  readonly value: string;
}

/**
 * An ordered list of fields. Names are matched without regard to case; a list of this size is faster to walk than
 * any map is to build.
 *
 * @example
 * ```ts
 * import { HeaderList } from "./headers.ts";
 *
 * const headers = new HeaderList([["Set-Cookie", "a=1"], ["set-cookie", "b=2"]]);
 * console.assert(headers.getAll("Set-Cookie").length === 2);
 * ```
 */
export class HeaderList implements Iterable<HeaderField> {
  readonly #fields: HeaderField[] = [];

  /** Makes a list of name and value pairs. */
  constructor(fields: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of fields) this.append(name, value);
  }

  /** Number of fields. */
  get size(): number {
    return this.#fields.length;
  }

  /** Value of the first field of that name. */
  get(name: string): string | undefined {
    const lower = name.toLowerCase();
    for (const field of this.#fields) if (field.lower === lower) return field.value;
    return undefined;
  }

  /** Values of all fields of that name, in order. */
  getAll(name: string): string[] {
    const lower = name.toLowerCase();
    const values: string[] = [];
    for (const field of this.#fields) if (field.lower === lower) values.push(field.value);
    return values;
  }

  /** Whether there is a field of that name. */
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Whether a comma-separated field such as `Connection` holds a token, without regard to case. */
  hasToken(name: string, token: string): boolean {
    const lower = name.toLowerCase();
    const wanted = token.toLowerCase();
    for (const field of this.#fields) {
      if (field.lower !== lower) continue;
      for (const item of field.value.split(",")) if (item.trim().toLowerCase() === wanted) return true;
    }
    return false;
  }

  /** Adds a field at the end. */
  append(name: string, value: string): void {
    this.#fields.push({ name, lower: name.toLowerCase(), value });
  }

  /** Removes all fields of that name and tells how many there were. */
  delete(name: string): number {
    const lower = name.toLowerCase();
    const fields = this.#fields;
    let kept = 0;
    for (const field of fields) if (field.lower !== lower) fields[kept++] = field;
    const removed = fields.length - kept;
    fields.length = kept;
    return removed;
  }

  /** Walks the fields in order. */
  [Symbol.iterator](): Iterator<HeaderField> {
    return this.#fields[Symbol.iterator]();
  }
}
