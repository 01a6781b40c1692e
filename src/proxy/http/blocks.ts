/**
 * Buffers that are used again and again. Every connection needs a few, most of them for a moment only, so they are
 * lent from here instead of being made and collected.
 *
 * @module
 */

/** What an idle connection waits with for its next bytes. */
export const SMALL_BLOCK: number = 4 * 1024;
/** What a message is written from. */
export const MEDIUM_BLOCK: number = 16 * 1024;
/** What a busy tunnel is carried in. */
export const LARGE_BLOCK: number = 64 * 1024;
/** What a long body is carried in. Twice as much at once saves a quarter of what it costs; more would not fit the processor's cache. */
export const BODY_BLOCK: number = 128 * 1024;
/**
 * What is kept free in front of the bytes in a block for bodies, so that a body's reader has room there: for what it held back of the piece
 * before, and for the size of a chunk.
 */
export const HEADROOM: number = 512;
/** A block for bodies and what goes around it: a head, chunk sizes. */
export const OUTPUT_BLOCK: number = 132 * 1024;

/** Kept for later use, at most this many bytes of each size. */
const KEPT_BYTES = 4 * 1024 * 1024;

const free = new Map<number, Uint8Array<ArrayBuffer>[]>([
  [SMALL_BLOCK, []],
  [MEDIUM_BLOCK, []],
  [LARGE_BLOCK, []],
  [BODY_BLOCK, []],
  [OUTPUT_BLOCK, []],
]);

/** Lends a buffer of at least `size` bytes; its content is whatever was in it. */
export function takeBlock(size: number): Uint8Array<ArrayBuffer> {
  for (const [length, list] of free) {
    if (size <= length) return list.pop() ?? new Uint8Array(length);
  }
  return new Uint8Array(size);
}

/**
 * Gives a buffer back. The caller must hold no view of it any more, and no read or write may still be using it;
 * whoever put a secret into it has wiped it.
 */
export function giveBlock(block: Uint8Array<ArrayBuffer>): void {
  const list = free.get(block.length);
  if (list !== undefined && list.length * block.length < KEPT_BYTES) list.push(block);
}
