/**
 * Replaces secrets in a stream of bytes, however it is cut into pieces.
 *
 * @module
 */

import { endsBlankLine, type ScrubSet } from "./scrub_set.ts";
import type { Hit } from "./matcher.ts";
import { MAX_PATTERN_LENGTH } from "./patterns.ts";

/**
 * Bytes that wait for what follows them: always so many, whatever they are, because a number that depended on a pattern having begun
 * would tell how a secret begins.
 */
export const HOLD_BACK: number = MAX_PATTERN_LENGTH;

/** Pieces of so many bytes are worth being searched where they lie. */
export const LARGE_PIECE: number = 32 * HOLD_BACK;

/** Free bytes before and behind text in which something was replaced, so that what goes around it need not be copied either. */
export const OUTPUT_ROOM = 16;

const LF = 0x0a;
const NOTHING = new Uint8Array(0);

/**
 * Scrubs one stream. What comes out lags {@linkcode HOLD_BACK} bytes behind, except at the end and at a border of the set
 * (a line's end), where everything is let go; never because the stream pauses.
 *
 * @example
 * ```ts
 * import { ScrubSet } from "./scrub_set.ts";
 * import { StreamScrubber } from "./stream_scrubber.ts";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const set = new ScrubSet([{
 *   owner: "key",
 *   token: "wk_key_a7x9m2k4a7x9m2k4",
 *   value: bytes("s3cret-value"),
 *   kind: { isPair: false, minimum: 0 },
 * }]);
 * const scrubber = new StreamScrubber(set);
 * let out = "";
 * for (const piece of ["it is s3cr", "et-value."]) out += new TextDecoder().decode(scrubber.push(bytes(piece)));
 * out += new TextDecoder().decode(scrubber.end());
 * console.assert(out === "it is wk_key_a7x9m2k4a7x9m2k4.");
 * ```
 */
export class StreamScrubber<Owner> {
  readonly #set: ScrubSet<Owner>;
  readonly #found = new Set<Owner>();
  /** What waits, from `#start` to `#end`; bytes before were given out. */
  #work: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** How many of the waiting bytes belong to a match that was replaced already. */
  #covered = 0;
  /** The owner of a match that ends where the covered bytes do. */
  #last: Owner | undefined;
  /** The byte before the waiting ones; -1 at the beginning. */
  #before = -1;
  /** Text in which something was replaced, between {@linkcode OUTPUT_ROOM} free bytes. */
  #out: Uint8Array<ArrayBuffer> = new Uint8Array(2 * OUTPUT_ROOM);

  /** Begins a stream. The caller holds the set until the end. */
  constructor(set: ScrubSet<Owner>) {
    this.#set = set;
  }

  /** Whose secrets were found so far. */
  get found(): ReadonlySet<Owner> {
    return this.#found;
  }

  /** Takes a piece, and gives what may go on: a view that is valid until the next call. */
  push(piece: Uint8Array): Uint8Array {
    this.#append(piece);
    return this.#release(this.#work, this.#end, this.#limit(this.#work, this.#end));
  }

  /**
   * The same as {@linkcode push} for a piece of {@linkcode LARGE_PIECE} bytes and more, of which only the borders are copied. What may
   * go on comes in two parts, the first a copy, the second a view, valid until the next call and as long as the piece stays as it is.
   */
  pushLarge(piece: Uint8Array): [border: Uint8Array, rest: Uint8Array] {
    const border = this.push(piece.subarray(0, HOLD_BACK)).slice();
    // What waits now is the end of those bytes, so that the rest can be searched where it lies.
    const waiting = piece.subarray(HOLD_BACK - (this.#end - this.#start));
    const limit = this.#limit(waiting, waiting.length);
    const rest = this.#release(waiting, waiting.length, limit);
    this.#start = this.#end = 0;
    this.#append(waiting.subarray(limit));
    return [border, rest];
  }

  /**
   * The same as {@linkcode push} for a piece in front of which {@linkcode HOLD_BACK} bytes of its buffer may be overwritten: what waited is put
   * there, and all is searched where it lies. What may go on is a view of that buffer if nothing in it was replaced; it is valid as
   * long as the piece, and what lies behind it up to the end of the piece is not needed any more. Else it is a view of another, with
   * {@linkcode OUTPUT_ROOM} free bytes around it.
   */
  pushInPlace(piece: Uint8Array): Uint8Array {
    const held = this.#end - this.#start;
    const waiting = new Uint8Array(piece.buffer, piece.byteOffset - held, held + piece.length);
    waiting.set(this.#work.subarray(this.#start, this.#end));
    const limit = this.#limit(waiting, waiting.length);
    const given = this.#release(waiting, waiting.length, limit);
    this.#start = this.#end = 0;
    this.#append(waiting.subarray(limit));
    return given;
  }

  /** Gives the rest. */
  end(): Uint8Array {
    this.#append(NOTHING);
    return this.#release(this.#work, this.#end, this.#end);
  }

  /** Overwrites what is held; not what was given last, which may be on its way out and has no secret in it any more. */
  wipe(): void {
    this.#work.fill(0);
  }

  #append(piece: Uint8Array): void {
    const held = this.#end - this.#start;
    if (held + piece.length > this.#work.length) {
      const larger = new Uint8Array(roundUp(held + piece.length));
      larger.set(this.#work.subarray(this.#start, this.#end));
      this.#work.fill(0);
      this.#work = larger;
    } else this.#work.copyWithin(0, this.#start, this.#end);
    this.#work.set(piece, held);
    this.#start = 0;
    this.#end = held + piece.length;
  }

  /** Up to where no match can begin that does not end inside of what is there. */
  #limit(bytes: Uint8Array, end: number): number {
    const constant = Math.max(0, end - HOLD_BACK);
    const { border } = this.#set;
    if (border === "none") return constant;
    for (let at = end - 1; at >= constant; at--) {
      if (bytes[at] === LF && (border === "line" || endsBlankLine(bytes, at))) return at + 1;
    }
    return constant;
  }

  #release(bytes: Uint8Array, end: number, limit: number): Uint8Array {
    const hits = this.#set.find(bytes, end, this.#before).filter((hit) => hit.start < limit);
    let given: Uint8Array;
    if (hits.length > 0 || this.#covered > 0) given = this.#replace(bytes, hits, limit);
    else {
      given = bytes.subarray(0, limit);
      if (limit > 0) this.#last = undefined;
    }
    if (limit > 0) this.#before = bytes[limit - 1]!;
    this.#start = limit;
    return given;
  }

  #replace(bytes: Uint8Array, hits: Hit[], limit: number): Uint8Array {
    const set = this.#set;
    hits.sort((a, b) => a.start - b.start || b.end - a.end);
    let cursor = this.#covered;
    let written = 0;
    for (const { start, end, pattern } of hits) {
      const owner = set.ownerOf(pattern);
      this.#found.add(owner);
      const continues = start < cursor ||
        (start === cursor && set.isWindow(pattern) && owner === this.#last);
      if (!continues) {
        written = this.#write(written, bytes.subarray(cursor, start));
        written = this.#write(written, set.replacementOf(pattern));
      }
      if (!continues || end > cursor) {
        cursor = end;
        this.#last = owner;
      }
    }
    if (cursor < limit) written = this.#write(written, bytes.subarray(cursor, limit));
    this.#covered = Math.max(0, cursor - limit);
    if (cursor < limit) this.#last = undefined;
    return this.#out.subarray(OUTPUT_ROOM, OUTPUT_ROOM + written);
  }

  #write(at: number, bytes: Uint8Array): number {
    const end = at + bytes.length;
    if (2 * OUTPUT_ROOM + end > this.#out.length) {
      const larger = new Uint8Array(roundUp(2 * OUTPUT_ROOM + end));
      larger.set(this.#out.subarray(0, OUTPUT_ROOM + at));
      this.#out = larger;
    }
    this.#out.set(bytes, OUTPUT_ROOM + at);
    return end;
  }
}

function roundUp(length: number): number {
  return Math.ceil(length / 4096) * 4096;
}

/** Scrubs bytes that are all there; see {@linkcode StreamScrubber}. Gives `bytes` themselves if nothing was found. */
export function scrubBytes<Owner>(
  set: ScrubSet<Owner>,
  bytes: Uint8Array,
  onFound: (owner: Owner) => void,
): Uint8Array {
  const hits = set.find(bytes, bytes.length, -1);
  if (hits.length === 0) return bytes;
  const scrubber = new StreamScrubber(set);
  const head = scrubber.push(bytes).slice();
  const tail = scrubber.end();
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  for (const owner of scrubber.found) onFound(owner);
  return whole;
}
