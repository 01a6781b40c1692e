import type { ByteStream } from "../../../src/proxy/http/types.ts";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import { latin1Text } from "../../../src/proxy/http/latin1.ts";

/** A stream that gives prepared pieces and keeps what is written. */
export class MemoryStream implements ByteStream {
  readonly #pieces: Uint8Array[];
  readonly written: Uint8Array[] = [];
  closed = false;
  ended = false;
  /** Thrown by the next reads once the pieces are used up, instead of the end. */
  failure: Error | undefined;
  /** Largest number of bytes one write takes. */
  writeLimit = Infinity;

  constructor(pieces: readonly (Uint8Array | string)[]) {
    this.#pieces = pieces.map((piece) => typeof piece === "string" ? utf8(piece) : piece).filter((p) =>
      p.length > 0
    );
  }

  read(buffer: Uint8Array): Promise<number | null> {
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      return this.failure === undefined ? Promise.resolve(null) : Promise.reject(this.failure);
    }
    const count = Math.min(buffer.length, piece.length);
    buffer.set(piece.subarray(0, count));
    if (count < piece.length) this.#pieces.unshift(piece.subarray(count));
    return Promise.resolve(count);
  }

  write(bytes: Uint8Array): Promise<number> {
    const count = Math.min(bytes.length, this.writeLimit);
    this.written.push(bytes.slice(0, count));
    return Promise.resolve(count);
  }

  closeWrite(): Promise<void> {
    this.ended = true;
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }

  get text(): string {
    return latin1Text(concat(...this.written));
  }
}

/** Cuts bytes at the given places, taken modulo the length. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const border of [...borders, bytes.length]) {
    pieces.push(bytes.slice(from, border));
    from = border;
  }
  return pieces;
}
