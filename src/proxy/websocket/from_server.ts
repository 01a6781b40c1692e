/**
 * What a server sends over a WebSocket, with secrets replaced by their tokens. A message is scrubbed as one text however it
 * is cut into frames.
 *
 * @module
 */

import { scrubBytes, type ScrubSet, StreamScrubber } from "../../core/scrub/mod.ts";
import { CloseCode, isControl, MAX_CONTROL_PAYLOAD, Opcode, WebSocketError } from "./frame.ts";
import type { FrameReader } from "./frame_reader.ts";
import type { FrameWriter } from "./frame_writer.ts";

/** Frames up to this length are kept together; longer ones are passed on in pieces, bytes. */
const WHOLE_FRAME_BYTES = 64 * 1024;

/** Relays frames until the server ends; `set` null passes them unsearched. Tells of its close frame; `check` throws once it may not go on. */
export async function relayFromServer<Owner>(
  reader: FrameReader,
  writer: FrameWriter,
  set: ScrubSet<Owner> | null,
  onFound: (owner: Owner) => void,
  onClose: () => void,
  check: () => void,
): Promise<void> {
  /** Opcode for the next frame of the message that is under way; null between messages. */
  let message: number | null = null;
  let scrubber: StreamScrubber<Owner> | null = null;
  for (let head = await reader.next(); head !== null; head = await reader.next()) {
    check();
    if (isControl(head.opcode)) {
      const payload = await reader.payload(head.length);
      const scrubbed = set === null ? payload : scrubBytes(set, payload, onFound);
      await writer.frame(head.opcode, true, cut(scrubbed));
      if (head.opcode === Opcode.close) onClose();
      continue;
    }
    if ((head.opcode === Opcode.continuation) !== (message !== null)) {
      throw new WebSocketError(CloseCode.protocolError, "a message begins within another");
    }
    if (message === null && head.fin && head.length <= WHOLE_FRAME_BYTES) {
      const payload = await reader.payload(head.length);
      await writer.frame(head.opcode, true, set === null ? payload : scrubBytes(set, payload, onFound));
      continue;
    }
    message ??= head.opcode;
    if (set !== null) scrubber ??= new StreamScrubber(set);
    for (let piece = await reader.piece(); piece !== null; piece = await reader.piece()) {
      const given = scrubber?.push(piece) ?? piece;
      if (given.length === 0) continue;
      await writer.frame(message, false, given);
      message = Opcode.continuation;
    }
    if (!head.fin) continue;
    await writer.frame(message, true, scrubber?.end() ?? new Uint8Array(0));
    for (const owner of scrubber?.found ?? []) onFound(owner);
    message = null;
    scrubber = null;
  }
}

/** A control frame's payload that a token made too long, without half a character at its end. */
function cut(payload: Uint8Array): Uint8Array {
  if (payload.length <= MAX_CONTROL_PAYLOAD) return payload;
  let end = MAX_CONTROL_PAYLOAD;
  while (end > 0 && (payload[end]! & 0xc0) === 0x80) end--;
  return payload.subarray(0, end);
}
