/**
 * Feeds one unfinished message in very many very small frames to the relay, in a heap that could not hold an object for each.
 *
 * @module
 */

import { FrameReader } from "../../src/proxy/websocket/frame_reader.ts";
import { FrameWriter } from "../../src/proxy/websocket/frame_writer.ts";
import { relayFromClient } from "../../src/proxy/websocket/from_client.ts";

const FRAMES = 900_000;
const AT_ONCE = 1_000;
const FRAME_BYTES = 7;

/** A frame with one byte, fin not set, masked with zeros. */
function frame(opcode: number): number[] {
  return [opcode, 0x81, 0, 0, 0, 0, 0x61];
}

const many = Uint8Array.from(Array.from({ length: AT_ONCE }, () => frame(0x0)).flat());
let given = 0;
const stream = {
  read(buffer: Uint8Array): Promise<number | null> {
    if (given >= FRAMES) return Promise.resolve(null);
    const fits = Math.min(AT_ONCE, Math.floor(buffer.length / FRAME_BYTES));
    const bytes = given === 0 ? Uint8Array.from(frame(0x1)) : many.subarray(0, fits * FRAME_BYTES);
    given += bytes.length / FRAME_BYTES;
    buffer.set(bytes);
    return Promise.resolve(bytes.length);
  },
  write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
  closeWrite: () => Promise.resolve(),
  close: () => {},
};
await relayFromClient(
  new FrameReader({ stream, buffered: new Uint8Array(0) }, true),
  new FrameWriter(stream, true),
  { takesTokens: true, check: () => {}, look: () => {}, inject: () => Promise.resolve(null) },
  () => {},
);
console.log(`${given} frames`);
