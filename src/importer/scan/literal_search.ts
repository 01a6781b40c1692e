/**
 * Finds where any of many short texts begins, without looking at every byte: after Wu and Manber (1994), two bytes at a time
 * tell how far the next beginning must at least be. Letters match in either case.
 *
 * @module
 */

/** Bytes of every text that are looked at; each must have as many. */
const LEAST_LITERAL = 3;
/** How far one can go where nothing ends. */
const FARTHEST = LEAST_LITERAL - 1;

/** Lower case of each byte. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);

/** A set of texts to look for. */
export class LiteralSearch {
  readonly #shift = new Uint8Array(0x10000).fill(FARTHEST);
  /** By the last two of the first three bytes: the texts, as numbers. */
  readonly #buckets = new Map<number, number[]>();
  readonly #literals: readonly Uint8Array[];

  /**
   * Prepares the search.
   *
   * @param literals ASCII, three characters at least
   * @throws {RangeError} for a shorter one.
   */
  constructor(literals: readonly string[]) {
    this.#literals = literals.map((text) => Uint8Array.from(text.toLowerCase(), (c) => c.charCodeAt(0)));
    for (const [index, literal] of this.#literals.entries()) {
      const [first = 0, second = 0, third = 0] = literal;
      if (literal.length < LEAST_LITERAL) {
        throw new RangeError(`'${literals[index]}' is too short to look for`);
      }
      this.#spread(first, second, 1);
      this.#spread(second, third, 0);
      const key = second << 8 | third;
      const bucket = this.#buckets.get(key);
      if (bucket === undefined) this.#buckets.set(key, [index]);
      else bucket.push(index);
    }
  }

  /**
   * Calls `found` for each text at each place where it begins, from left to right.
   *
   * @param found gets the number of the text and the offset of its first byte
   */
  search(bytes: Uint8Array, found: (literal: number, start: number) => void): void {
    const shift = this.#shift;
    const { length } = bytes;
    for (let at = FARTHEST; at < length;) {
      const block = bytes[at - 1]! << 8 | bytes[at]!;
      const step = shift[block]!;
      if (step > 0) {
        at += step;
        continue;
      }
      const key = FOLD[bytes[at - 1]!]! << 8 | FOLD[bytes[at]!]!;
      for (const literal of this.#buckets.get(key)!) {
        if (matches(this.#literals[literal]!, bytes, at - FARTHEST)) found(literal, at - FARTHEST);
      }
      at++;
    }
  }

  /** Two folded bytes, in each of their cases, allow no more than `step`. */
  #spread(first: number, second: number, step: number): void {
    for (const a of casesOf(first)) {
      for (const b of casesOf(second)) {
        const block = a << 8 | b;
        this.#shift[block] = Math.min(this.#shift[block]!, step);
      }
    }
  }
}

function casesOf(byte: number): number[] {
  return byte >= 0x61 && byte <= 0x7a ? [byte, byte - 0x20] : [byte];
}

function matches(literal: Uint8Array, bytes: Uint8Array, start: number): boolean {
  if (start + literal.length > bytes.length) return false;
  for (let i = 0; i < literal.length; i++) if (FOLD[bytes[start + i]!] !== literal[i]) return false;
  return true;
}
