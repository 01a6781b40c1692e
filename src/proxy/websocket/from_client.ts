/**
 * What a client sends over a WebSocket. Where a credential may stand in its messages they are read as a whole and its secret
 * put in; else they pass as they came, after a look for tokens at the beginning of each.
 *
 * @module
 */

import type { Spot } from "../../core/sightings.ts";
import { MAX_TOKEN_LENGTH } from "../../core/token_finder.ts";
import { concat } from "../../core/bytes.ts";
import { latin1Text } from "../http/mod.ts";
import {
  applyMask,
  CloseCode,
  type FrameHead,
  frameHead,
  isControl,
  Opcode,
  WebSocketError,
} from "./frame.ts";
import type { FrameReader } from "./frame_reader.ts";
import type { FrameWriter } from "./frame_writer.ts";

/** So much of each message is looked at where no secret may stand in it, bytes. */
const LOOK_BYTES = 64 * 1024;
/** Longest message that is read as a whole, bytes. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/** What a message with secrets in it becomes. */
export interface Injected {
  /** The new payload, wiped by {@linkcode done}. */
  readonly payload: Uint8Array;
  /** Called once it was written, with success or without. */
  readonly done: (sent: boolean) => void;
}

/** The rules of one connection. */
export interface MessageRules {
  /** Whether some credential may stand in messages to this host. */
  readonly takesTokens: boolean;
  /** Throws once the connection may not go on: its caller was ended, or a credential that opened it is not what it was. */
  readonly check: () => void;
  /** Looks at text in which no secret may stand; throws if there is a token. */
  readonly look: (text: string, spot: Spot) => void;
  /** Puts secrets into a whole message; null if there is no token in it. */
  readonly inject: (payload: Uint8Array<ArrayBuffer>, isText: boolean) => Promise<Injected | null>;
}

/** Relays frames until the client ends. Tells of its close frame. */
export async function relayFromClient(
  reader: FrameReader,
  writer: FrameWriter,
  rules: MessageRules,
  onClose: () => void,
): Promise<void> {
  const relay = rules.takesTokens
    ? new WholeMessages(reader, writer, rules)
    : new WatchedMessages(reader, writer, rules);
  for (let head = await reader.next(); head !== null; head = await reader.next()) {
    rules.check();
    if (isControl(head.opcode)) {
      const masked = await reader.payload(head.length);
      rules.look(latin1Text(unmasked(masked, head.mask, 0)), CONTROL);
      await writer.raw(concat(frameHead(head), masked));
      if (head.opcode === Opcode.close) onClose();
      continue;
    }
    if ((head.opcode === Opcode.continuation) !== relay.isOpen) {
      throw new WebSocketError(CloseCode.protocolError, "a message begins within another");
    }
    await relay.frame(head);
  }
}

/** Messages in which no secret may stand: passed on frame by frame, byte for byte. */
class WatchedMessages {
  isOpen = false;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #rules: MessageRules;
  /** End of what has passed of the message, in which a token may have begun. */
  #tail = "";
  #looked = 0;

  constructor(reader: FrameReader, writer: FrameWriter, rules: MessageRules) {
    this.#reader = reader;
    this.#writer = writer;
    this.#rules = rules;
  }

  async frame(head: FrameHead): Promise<void> {
    let start: Uint8Array = frameHead(head);
    let offset = 0;
    for (let piece = await this.#reader.piece(); piece !== null; piece = await this.#reader.piece()) {
      this.#look(piece, head.mask, offset);
      offset += piece.length;
      await this.#writer.raw(start.length > 0 ? concat(start, piece) : piece);
      start = NOTHING;
    }
    if (start.length > 0) await this.#writer.raw(start);
    this.isOpen = !head.fin;
    if (!head.fin) return;
    this.#tail = "";
    this.#looked = 0;
  }

  #look(piece: Uint8Array, mask: Uint8Array | null, offset: number): void {
    if (this.#looked >= LOOK_BYTES) return;
    const text = this.#tail +
      latin1Text(unmasked(piece.subarray(0, LOOK_BYTES - this.#looked), mask, offset));
    this.#rules.look(text, MESSAGE);
    this.#tail = text.slice(-(MAX_TOKEN_LENGTH - 1));
    this.#looked += piece.length;
  }
}

/** Messages that are gathered, so that secrets can be put in. */
class WholeMessages {
  isOpen = false;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #rules: MessageRules;
  /** What has come of the message, and room for more: one buffer, however small the frames are. */
  #message = new Uint8Array(0);
  #opcode = 0;
  #length = 0;

  constructor(reader: FrameReader, writer: FrameWriter, rules: MessageRules) {
    this.#reader = reader;
    this.#writer = writer;
    this.#rules = rules;
  }

  async frame(head: FrameHead): Promise<void> {
    if (!this.isOpen) this.#opcode = head.opcode;
    this.#length += head.length;
    if (this.#length > MAX_MESSAGE_BYTES) {
      throw new WebSocketError(CloseCode.tooBig, `messages to this host may have ${MAX_MESSAGE_BYTES} bytes`);
    }
    const payload = await this.#reader.payload(head.length);
    if (head.mask !== null) applyMask(payload, head.mask);
    this.#append(payload);
    this.isOpen = !head.fin;
    if (!head.fin) return;
    const message = this.#message.subarray(0, this.#length);
    this.#message = new Uint8Array(0);
    this.#length = 0;
    const injected = await this.#rules.inject(message, this.#opcode === Opcode.text);
    if (injected === null) return await this.#writer.frame(this.#opcode, true, message);
    let sent = false;
    try {
      await this.#writer.frame(this.#opcode, true, injected.payload, true);
      sent = true;
    } finally {
      injected.done(sent);
    }
  }

  /** Puts the newest frame, whose length is counted already, behind the others. */
  #append(payload: Uint8Array<ArrayBuffer>): void {
    if (this.#length === payload.length) {
      this.#message = payload;
      return;
    }
    if (this.#length > this.#message.length) {
      const larger = new Uint8Array(Math.max(this.#length, Math.min(2 * this.#length, MAX_MESSAGE_BYTES)));
      larger.set(this.#message);
      this.#message = larger;
    }
    this.#message.set(payload, this.#length - payload.length);
  }
}

const MESSAGE: Spot = { in: "message", escape: "none" };
const CONTROL: Spot = { in: "elsewhere", what: "a WebSocket control frame" };
const NOTHING = new Uint8Array(0);

function unmasked(bytes: Uint8Array, mask: Uint8Array | null, offset: number): Uint8Array {
  if (mask === null) return bytes;
  const copy = bytes.slice();
  applyMask(copy, mask, offset);
  return copy;
}
