/**
 * WebSocket frames, RFC 6455 section 5: reading and writing their heads, masking. No input and output here.
 *
 * @module
 */

/** What a frame is for, RFC 6455 section 5.2. */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** Longest payload of a close, ping or pong frame, in bytes. */
export const MAX_CONTROL_PAYLOAD = 125;
/** Length of a masking key, in bytes. */
const MASK_LENGTH = 4;

/** Why a WebSocket connection is closed, RFC 6455 section 7.4.1. */
export const CloseCode = {
  protocolError: 1002,
  policyViolation: 1008,
  tooBig: 1009,
  goingAway: 1001,
} as const;

/** The head of a frame. */
export interface FrameHead {
  /** Whether it is the last frame of its message. */
  readonly fin: boolean;
  /** One of {@linkcode Opcode}. */
  readonly opcode: number;
  /** Length of the payload, in bytes. */
  readonly length: number;
  /** Masking key, if the payload is masked. */
  readonly mask: Uint8Array | null;
}

/** A peer that does not keep to the protocol, or says what it may not; the connection ends with `closeCode`. */
export class WebSocketError extends Error {
  /** One of {@linkcode CloseCode}. */
  readonly closeCode: number;

  /** Makes one; the peers are told `reason`, at most 123 bytes of ASCII. */
  constructor(closeCode: number, reason: string) {
    super(reason);
    this.name = "WebSocketError";
    this.closeCode = closeCode;
  }
}

/** Whether an opcode is that of a close, ping or pong frame. */
export function isControl(opcode: number): boolean {
  return opcode >= 0x8;
}

/**
 * Reads the head of a frame.
 *
 * @param masked whether the payload has to be masked (from clients) or must not be (from servers)
 * @returns the head and its own length in bytes, or null if more bytes are needed
 * @throws {WebSocketError} 1002 for reserved bits and opcodes, wrong masking, lengths that are not written the shortest way
 * or beyond 2^53, and control frames that are long or fragmented.
 */
export function readFrameHead(bytes: Uint8Array, masked: boolean): { head: FrameHead; size: number } | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return null;
  const opcode = first & 0x0f;
  if ((first & 0x70) !== 0) throw protocolError("reserved bits are set");
  if (opcode > Opcode.binary && opcode < Opcode.close || opcode > Opcode.pong) {
    throw protocolError("the opcode is unknown");
  }
  if ((second & 0x80) !== 0 !== masked) {
    throw protocolError(masked ? "a frame is not masked" : "a frame is masked");
  }
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const size = 2 + lengthBytes + (masked ? MASK_LENGTH : 0);
  if (bytes.length < size) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = lengthBytes === 0
    ? short
    : lengthBytes === 2
    ? view.getUint16(2)
    : Number(view.getBigUint64(2));
  const least = lengthBytes === 0 ? 0 : lengthBytes === 2 ? 126 : 65_536;
  if (length < least || length > Number.MAX_SAFE_INTEGER) {
    throw protocolError("the length is written wrongly");
  }
  const fin = (first & 0x80) !== 0;
  if (isControl(opcode) && (!fin || length > MAX_CONTROL_PAYLOAD)) {
    throw protocolError("a control frame is long or fragmented");
  }
  return { head: { fin, opcode, length, mask: masked ? bytes.slice(size - MASK_LENGTH, size) : null }, size };
}

/** The head of a frame as bytes, the length written the shortest way. */
export function frameHead({ fin, opcode, length, mask }: FrameHead): Uint8Array<ArrayBuffer> {
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = new Uint8Array(2 + lengthBytes + (mask?.length ?? 0));
  head[0] = (fin ? 0x80 : 0) | opcode;
  const view = new DataView(head.buffer);
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  head[1] = (mask === null ? 0 : 0x80) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (mask !== null) head.set(mask, 2 + lengthBytes);
  return head;
}

/** A fresh masking key, unpredictable as RFC 6455 section 5.3 wants it. */
export function newMask(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(MASK_LENGTH));
}

/** Masks or unmasks in place; `offset` is how many bytes of the payload came before. */
export function applyMask(bytes: Uint8Array, mask: Uint8Array, offset = 0): void {
  for (let i = 0; i < bytes.length; i++) bytes[i]! ^= mask[(offset + i) & 3]!;
}

/** A close frame's payload: the code and what it means. */
export function closePayload(code: number, reason: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(reason).subarray(0, MAX_CONTROL_PAYLOAD - 2);
  const payload = new Uint8Array(2 + text.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text, 2);
  return payload;
}

function protocolError(why: string): WebSocketError {
  return new WebSocketError(CloseCode.protocolError, why);
}
