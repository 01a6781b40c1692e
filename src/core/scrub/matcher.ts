/**
 * Finds many patterns at once. Text is not read byte by byte: of each occurrence of a pattern exactly one *sampled* block of
 * a few bytes is looked at, every `stride` bytes, and only where a filter knows the block are patterns compared.
 * Unlike a table of shifts (Wu and Manber), where to look next does not depend on what was seen, so that
 * the processor need not wait for memory.
 *
 * @module
 */

import { wipe } from "../bytes.ts";
import type { Pattern } from "./patterns.ts";

/** Where a pattern was found. */
export interface Hit {
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset after its last. */
  readonly end: number;
  /** Its index in the list that the matcher was made from. */
  readonly pattern: number;
}

/** Patterns of fewer bytes would make the stride of all others small, so each class of lengths is searched by itself. */
const CLASSES: readonly { readonly least: number; readonly block: BlockLength }[] = [
  { least: 2, block: 2 },
  { least: 8, block: 4 },
  { least: 16, block: 4 },
];
/**
 * The last class looks at so many bytes if it has more patterns than {@linkcode MANY}: of hexadecimal text there are so few blocks
 * of four that they would have them all.
 */
const BLOCK_OF_MANY = 8;
/** Bytes that are looked at in one place. */
type BlockLength = 2 | 4 | 8;

/** Largest distance between two looks, bytes; each pattern takes as many entries. */
const MAX_STRIDE = 64;
/** The same for more patterns than {@linkcode MANY}, so that the tables stay in the processor's cache. */
const MAX_STRIDE_OF_MANY = 16;
const MANY = 4_000;

/** Searches for a fixed list of patterns; holds copies of them until it is wiped. */
export class Matcher {
  readonly #classes: SampledClass[] = [];

  /** Compiles patterns; each must be of 2 bytes or more. */
  constructor(patterns: readonly Pattern[]) {
    for (const [i, { least, block }] of CLASSES.entries()) {
      const below = CLASSES[i + 1]?.least ?? Infinity;
      const members = patterns.flatMap(({ bytes: { length } }, index) =>
        length >= least && length < below ? [index] : []
      );
      if (members.length === 0) continue;
      const isManyLong = below === Infinity && members.length > MANY;
      this.#classes.push(new SampledClass(patterns, members, isManyLong ? BLOCK_OF_MANY : block));
    }
  }

  /**
   * All occurrences of all patterns in the first `end` bytes, in no certain order.
   *
   * @param before the byte before the first, or -1: decides about whole words
   */
  find(bytes: Uint8Array, end: number, before: number): Hit[] {
    const hits: Hit[] = [];
    for (const members of this.#classes) members.find(bytes, end, before, hits);
    return hits;
  }

  /** Overwrites everything that tells of the patterns. */
  wipe(): void {
    for (const members of this.#classes) members.wipe();
  }
}

const EMPTY = -1;
/** Bits of the filter an entry: seldom is a block of other text taken for one of ours. */
const FILTER_BITS = 32;
/** Least and most bits of the filter, as powers of two: less than 4 KiB would save nothing. */
const FILTER_SIZES = [15, 23] as const;

class SampledClass {
  readonly #block: BlockLength;
  readonly #stride: number;
  /** One bit for each hash of a block. */
  readonly #filter: Int32Array;
  readonly #filterShift: number;
  /** Open addressing: blocks, and the first entry of each. */
  readonly #keys: Int32Array;
  readonly #heads: Int32Array;
  readonly #tableShift: number;
  /** Entries: a pattern, the offset of the block in it, the next entry of the same block. */
  readonly #entries: Int32Array;
  /** All patterns' bytes one after another, and for each where it lies, its length and its index outside. */
  readonly #bytes: Uint8Array;
  readonly #starts: Int32Array;
  readonly #indices: Int32Array;
  readonly #wholeWord: Uint8Array;

  constructor(patterns: readonly Pattern[], members: readonly number[], block: BlockLength) {
    const own = members.map((index) => patterns[index]!);
    const shortest = own.reduce((least, { bytes }) => Math.min(least, bytes.length), Infinity);
    const longest = own.length > MANY ? MAX_STRIDE_OF_MANY : MAX_STRIDE;
    this.#block = block;
    this.#stride = Math.min(longest, shortest - block + 1);
    const count = own.length * this.#stride;
    this.#filterShift = 32 - clamp(Math.ceil(Math.log2(count * FILTER_BITS)), ...FILTER_SIZES);
    this.#filter = new Int32Array(2 ** (32 - this.#filterShift) / 32);
    this.#tableShift = 32 - clamp(Math.ceil(Math.log2(count * 2)), 4, 26);
    this.#keys = new Int32Array(2 ** (32 - this.#tableShift));
    this.#heads = new Int32Array(this.#keys.length).fill(EMPTY);
    this.#entries = new Int32Array(count * 3);
    this.#bytes = new Uint8Array(own.reduce((sum, { bytes }) => sum + bytes.length, 0));
    this.#starts = new Int32Array(own.length + 1);
    this.#indices = Int32Array.from(members);
    this.#wholeWord = Uint8Array.from(own, ({ wholeWord }) => wholeWord ? 1 : 0);
    let at = 0;
    let entry = 0;
    for (const [i, { bytes }] of own.entries()) {
      this.#bytes.set(bytes, at);
      at += bytes.length;
      this.#starts[i + 1] = at;
      // The end of a pattern: beginnings ("sk-proj-") are what secrets of one provider have in common.
      const from = bytes.length - block - this.#stride + 1;
      for (let offset = from; offset < from + this.#stride; offset++) {
        this.#enter(entry++, i, offset, blockAt(bytes, offset, block));
      }
    }
  }

  find(bytes: Uint8Array, end: number, before: number, hits: Hit[]): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const scan = SCANS[this.#block];
    const stride = this.#stride;
    const last = end - this.#block;
    for (let at = 0;; at += stride) {
      at = scan(view, at, last, stride, this.#filter, this.#filterShift);
      if (at > last) return;
      this.#compare(bytes, end, before, at, blockAt(bytes, at, this.#block), hits);
    }
  }

  wipe(): void {
    wipe(this.#bytes);
    for (const table of [this.#filter, this.#keys, this.#entries]) table.fill(0);
    this.#heads.fill(EMPTY);
  }

  #enter(entry: number, pattern: number, offset: number, block: number): void {
    const bit = Math.imul(block, FACTOR) >>> this.#filterShift;
    this.#filter[bit >>> 5]! |= 1 << (bit & 31);
    const slot = this.#slotOf(block);
    this.#entries[entry * 3] = pattern;
    this.#entries[entry * 3 + 1] = offset;
    this.#entries[entry * 3 + 2] = this.#heads[slot]!;
    this.#keys[slot] = block;
    this.#heads[slot] = entry;
  }

  /** The slot of a block, or the free one where it would be. */
  #slotOf(block: number): number {
    const mask = this.#keys.length - 1;
    let slot = Math.imul(block, 0x85ebca6b) >>> this.#tableShift;
    while (this.#heads[slot] !== EMPTY && this.#keys[slot] !== block) slot = (slot + 1) & mask;
    return slot;
  }

  #compare(
    bytes: Uint8Array,
    end: number,
    before: number,
    position: number,
    block: number,
    hits: Hit[],
  ): void {
    const entries = this.#entries;
    for (let entry = this.#heads[this.#slotOf(block)]!; entry !== EMPTY; entry = entries[entry * 3 + 2]!) {
      const pattern = entries[entry * 3]!;
      const from = this.#starts[pattern]!;
      const length = this.#starts[pattern + 1]! - from;
      const start = position - entries[entry * 3 + 1]!;
      if (start < 0 || start + length > end || !this.#equals(bytes, start, from, length)) continue;
      const isWord = this.#wholeWord[pattern] === 0 || isWholeWord(bytes, start, start + length, end, before);
      if (isWord) hits.push({ start, end: start + length, pattern: this.#indices[pattern]! });
    }
  }

  #equals(bytes: Uint8Array, start: number, from: number, length: number): boolean {
    const own = this.#bytes;
    // From the end, because beginnings are what secrets have in common.
    for (let i = length - 1; i >= 0; i--) if (bytes[start + i] !== own[from + i]) return false;
    return true;
  }
}

/** The first place from `at` on, by strides, whose block the filter knows; beyond `last` if there is none. */
type Scan = (
  view: DataView,
  at: number,
  last: number,
  stride: number,
  filter: Int32Array,
  shift: number,
) => number;

/** Nearly all time of a search is spent here, so they do nothing else. */
const SCANS: Readonly<Record<BlockLength, Scan>> = {
  2: (view, at, last, stride, filter, shift) => {
    for (; at <= last; at += stride) if (has(filter, shift, view.getUint16(at, true))) break;
    return at;
  },
  // Four places for each branch: what one of them waits for, the others need not.
  4: (view, at, last, stride, filter, shift) => {
    for (const end = last - 3 * stride; at <= end; at += 4 * stride) {
      const any = has(filter, shift, view.getInt32(at, true)) |
        has(filter, shift, view.getInt32(at + stride, true)) |
        has(filter, shift, view.getInt32(at + 2 * stride, true)) |
        has(filter, shift, view.getInt32(at + 3 * stride, true));
      if (any !== 0) break;
    }
    for (; at <= last; at += stride) if (has(filter, shift, view.getInt32(at, true))) break;
    return at;
  },
  8: (view, at, last, stride, filter, shift) => {
    for (; at <= last; at += stride) {
      if (has(filter, shift, mixed(view.getInt32(at, true), view.getInt32(at + 4, true)))) break;
    }
    return at;
  },
};

const FACTOR = 0x9e3779b1;

/** The bit of a block in a filter, 0 or 1. */
function has(filter: Int32Array, shift: number, block: number): number {
  const hash = Math.imul(block, FACTOR) >>> shift;
  return (filter[hash >>> 5]! >>> (hash & 31)) & 1;
}

function blockAt(bytes: Uint8Array, at: number, block: BlockLength): number {
  const pair = bytes[at]! | (bytes[at + 1]! << 8);
  if (block === 2) return pair;
  const four = pair | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  return block === 4 ? four : mixed(four, blockAt(bytes, at + 4, 4));
}

/** One number for two: whatever falls together is told apart when patterns are compared. */
function mixed(first: number, second: number): number {
  return Math.imul(first, 0x85ebca6b) ^ second;
}

/** Whether nothing next to a range makes it a part of a longer word. */
function isWholeWord(bytes: Uint8Array, start: number, stop: number, end: number, before: number): boolean {
  const previous = start > 0 ? bytes[start - 1]! : before;
  const next = stop < end ? bytes[stop]! : -1;
  return !(isWordByte(bytes[start]!) && isWordByte(previous)) &&
    !(isWordByte(bytes[stop - 1]!) && isWordByte(next));
}

function isWordByte(byte: number): boolean {
  const letter = byte | 0x20;
  return byte >= 0 &&
    ((letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
