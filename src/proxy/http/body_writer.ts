/**
 * Bodies that go out, in any framing, at the pace of whoever reads them.
 *
 * @module
 */

import type { BodySource } from "./body.ts";
import { MEDIUM_BLOCK } from "./blocks.ts";
import { CR, LF } from "./chars.ts";
import { HttpError } from "./errors.ts";
import type { HeaderList } from "./headers.ts";
import type { OutputBuffer } from "./output.ts";
import { writeFieldLines } from "./serialize.ts";
import type { Framing } from "./types.ts";

/** Longest chunk size line. */
const CHUNK_HEAD = 10;
/** The line end behind the data of a chunk. */
const CHUNK_END = 2;
const CHUNK_OVERHEAD = CHUNK_HEAD + CHUNK_END;
/** So many bytes are worth being written from where they are. */
const WRITE_THROUGH = MEDIUM_BLOCK;

/** What a writer may overwrite of the buffer that a piece lies in. */
export type Room = Pick<BodySource, "roomBefore" | "roomAfter">;

/**
 * Writes one body behind whatever the output already holds, such as the head: a small message is one write. If the
 * body fails, nothing that would make it look complete has been written: close the connection.
 */
export class BodyWriter {
  readonly #output: OutputBuffer;
  readonly #framing: Framing;
  #remaining: number;
  #sent = 0;
  #waiting = false;
  #secret = false;

  /** Writes a body delimited by `framing`. */
  constructor(output: OutputBuffer, framing: Framing) {
    this.#output = output;
    this.#framing = framing;
    this.#remaining = framing.kind === "length" ? framing.length : framing.kind === "none" ? 0 : Infinity;
  }

  /** Content bytes accepted so far. */
  get bytesSent(): number {
    return this.#sent;
  }

  /** Whether `pump` waits for its source, so that no write is under way and no piece is in use. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /**
   * Takes a whole source, its trailers included, and resolves when all is written. What has been gathered is sent
   * before waiting for the source, so that events leave when they arrive.
   */
  async pump(source: BodySource): Promise<void> {
    this.#secret = source.secret === true;
    for (;;) {
      let piece = source.read();
      if (piece instanceof Promise) {
        if (this.#output.pending > 0) {
          // If the write fails first, nobody waits for the read any more.
          piece.catch(() => {});
          await this.#output.flush();
        }
        this.#waiting = true;
        piece = await piece;
        this.#waiting = false;
      }
      if (piece === null) break;
      const blocked = this.write(piece, source);
      if (blocked !== undefined) await blocked;
    }
    await this.end(source.trailers);
  }

  /**
   * Writes or gathers a piece; if a promise is returned, the piece must stay as it is until that resolves.
   *
   * @param room what of the piece's buffer may be overwritten
   * @throws {HttpError} 500 `bad_outgoing_value` if it is more than the declared length.
   */
  write(piece: Uint8Array, room: Room = {}): Promise<void> | undefined {
    if (piece.length === 0) return undefined;
    if (piece.length > this.#remaining) throw wrongLength("longer");
    this.#remaining -= piece.length;
    this.#sent += piece.length;
    if (this.#framing.kind === "chunked") return this.#writeChunked(piece, room);
    if (piece.length < WRITE_THROUGH && piece.length <= this.#output.room) {
      this.#output.bytes(piece, this.#secret);
      return undefined;
    }
    if (this.#output.pending === 0 || piece.length > this.#output.room) {
      return this.#output.writeThrough(piece);
    }
    this.#output.bytes(piece, this.#secret);
    return this.#output.flush();
  }

  /**
   * Ends the body and resolves when all is written. Trailers go out with the chunked coding only; elsewhere there is
   * no place for them.
   *
   * @throws {HttpError} 500 `bad_outgoing_value` if it is less than the declared length.
   */
  end(trailers: HeaderList | null = null): Promise<void> {
    if (this.#framing.kind === "length" && this.#remaining > 0) throw wrongLength("shorter");
    if (this.#framing.kind === "chunked") {
      this.#output.text("0\r\n");
      if (trailers !== null) writeFieldLines(this.#output, trailers);
      this.#output.text("\r\n");
    }
    return this.#output.flush();
  }

  #writeChunked(piece: Uint8Array, { roomBefore = 0, roomAfter = 0 }: Room): Promise<void> | undefined {
    const isFramable = roomBefore >= CHUNK_HEAD && roomAfter >= CHUNK_END;
    if (isFramable && piece.length >= WRITE_THROUGH && this.#output.pending === 0) {
      return this.#output.writeThrough(chunkAround(piece));
    }
    if (piece.length + CHUNK_OVERHEAD > this.#output.room) return this.#writeManyChunks(piece);
    this.#chunk(piece);
    return piece.length < WRITE_THROUGH ? undefined : this.#output.flush();
  }

  async #writeManyChunks(piece: Uint8Array): Promise<void> {
    for (let from = 0; from < piece.length;) {
      await this.#output.flush();
      const count = Math.min(piece.length - from, this.#output.room - CHUNK_OVERHEAD);
      this.#chunk(piece.subarray(from, from + count));
      from += count;
    }
  }

  #chunk(piece: Uint8Array): void {
    this.#output.text(sizeLine(piece));
    this.#output.bytes(piece, this.#secret);
    this.#output.text("\r\n");
  }
}

/** The chunk of a piece, written around it in its buffer. */
function chunkAround(piece: Uint8Array): Uint8Array {
  const head = sizeLine(piece);
  const length = head.length + piece.length + CHUNK_END;
  const chunk = new Uint8Array(piece.buffer, piece.byteOffset - head.length, length);
  for (let i = 0; i < head.length; i++) chunk[i] = head.charCodeAt(i);
  chunk[length - 2] = CR;
  chunk[length - 1] = LF;
  return chunk;
}

function sizeLine({ length }: Uint8Array): string {
  return `${length.toString(16)}\r\n`;
}

function wrongLength(how: string): HttpError {
  return new HttpError(
    500,
    "bad_outgoing_value",
    `cannot send the body: it is ${how} than its declared length`,
  );
}
