/**
 * Follows the frames of a zstd stream (RFC 8878, section 3.1) without decoding them, because the decoder does not tell whether the
 * last one was cut off.
 *
 * @module
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MAGIC_LENGTH = 4;
const BLOCK_HEADER_LENGTH = 3;
const CHECKSUM_LENGTH = 4;
/** A block of this type holds one byte that is repeated. */
const RUN = 1;
/** Longest field that is gathered: the rest of a frame's header, after its descriptor. */
const MAX_FIELD = 14;

type Field = "magic" | "skippable size" | "descriptor" | "header" | "block header" | "checksum";

/** Takes the stream piece by piece and knows at each point whether it may end there. */
export class ZstdFrames {
  #next: Field = "magic";
  #wanted = MAGIC_LENGTH;
  readonly #field = new Uint8Array(MAX_FIELD);
  #have = 0;
  #skip = 0;
  #hasChecksum = false;
  #frames = 0;
  #broken = false;

  /** Data frames that have ended so far; skippable ones do not count. */
  get ended(): number {
    return this.#frames;
  }

  /** Whether the stream is at the end of a frame, and so may be over. */
  get isComplete(): boolean {
    return !this.#broken && this.#skip === 0 && this.#next === "magic" && this.#have === 0 &&
      this.#frames > 0;
  }

  /**
   * Takes the next bytes, all of them or, if `toFrameEnd`, those up to where the next data frame ends.
   *
   * @returns how many were taken
   */
  push(piece: Uint8Array, toFrameEnd = false): number {
    const before = this.#frames;
    let at = 0;
    while (at < piece.length && !this.#broken) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, piece.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else {
        this.#field[this.#have++] = piece[at++]!;
      }
      while (this.#skip === 0 && this.#have === this.#wanted && !this.#broken) this.#take();
      if (toFrameEnd && this.#frames > before) break;
    }
    return at;
  }

  /** A field is there: what follows it? */
  #take(): void {
    const view = new DataView(this.#field.buffer);
    this.#have = 0;
    switch (this.#next) {
      case "magic": {
        const magic = view.getUint32(0, true);
        if (magic === MAGIC) return this.#expect("descriptor", 1);
        // Sixteen magic numbers, all alike.
        if (((magic & 0xfffffff0) >>> 0) === SKIPPABLE) return this.#expect("skippable size", 4);
        this.#broken = true;
        return;
      }
      case "skippable size":
        this.#skip = view.getUint32(0, true);
        return this.#expect("magic", MAGIC_LENGTH);
      case "descriptor": {
        const descriptor = view.getUint8(0);
        this.#hasChecksum = (descriptor & 0b100) !== 0;
        return this.#expect("header", headerLength(descriptor));
      }
      case "header":
        return this.#expect("block header", BLOCK_HEADER_LENGTH);
      case "block header": {
        const header = view.getUint16(0, true) | (view.getUint8(2) << 16);
        const isLast = (header & 1) === 1;
        this.#skip = ((header >> 1) & 3) === RUN ? 1 : header >> 3;
        if (!isLast) return this.#expect("block header", BLOCK_HEADER_LENGTH);
        return this.#expect("checksum", this.#hasChecksum ? CHECKSUM_LENGTH : 0);
      }
      case "checksum":
        this.#frames++;
        return this.#expect("magic", MAGIC_LENGTH);
    }
  }

  #expect(field: Field, length: number): void {
    this.#next = field;
    this.#wanted = length;
  }
}

/** Bytes of a frame's header after its descriptor: window, dictionary and content size, each of which may be absent. */
function headerLength(descriptor: number): number {
  const isSingleSegment = (descriptor & 0b100000) !== 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  return (isSingleSegment ? 0 : 1) + dictionary + contentSize;
}
