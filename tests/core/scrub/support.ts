import { Buffer } from "node:buffer";
import { utf8 } from "../../../src/core/bytes.ts";
import { HOLD_BACK, ScrubSet, StreamScrubber } from "../../../src/core/scrub/mod.ts";

export const TOKEN = "wk_key_a7x9m2k4a7x9m2k4";

/** A set of secrets that share a token. */
export function setOf(
  values: readonly (string | Uint8Array)[],
  options: { isPair?: boolean; minimum?: number } = {},
): ScrubSet<number> {
  return new ScrubSet(values.map((value, owner) => ({
    owner,
    token: TOKEN,
    value: typeof value === "string" ? utf8(value) : value,
    kind: { isPair: options.isPair ?? false, minimum: options.minimum ?? 0 },
  })));
}

/** How a scrubber is given a piece. */
export type Way = "copied" | "large" | "in place";

/** Puts a piece through a scrubber; whatever of its buffer was lent is spoilt afterwards. */
export function push(scrubber: StreamScrubber<number>, piece: Uint8Array, way: Way): string {
  if (way === "copied" || (way === "large" && piece.length < HOLD_BACK)) {
    return latin1(scrubber.push(piece));
  }
  const buffer = new Uint8Array(HOLD_BACK + piece.length).fill(0xee);
  const placed = buffer.subarray(HOLD_BACK);
  placed.set(piece);
  const given = way === "large"
    ? scrubber.pushLarge(placed).map(latin1).join("")
    : latin1(scrubber.pushInPlace(placed));
  buffer.fill(0xee);
  return given;
}

/** Puts pieces through a scrubber; the text that comes out has one character a byte. */
export function scrubbed(
  set: ScrubSet<number>,
  pieces: readonly Uint8Array[],
  way: Way = "copied",
): string {
  const scrubber = new StreamScrubber(set);
  return pieces.map((piece) => push(scrubber, piece, way)).join("") + latin1(scrubber.end());
}

/** Scrubs a text at once; in and out are UTF-8. */
export function scrubText(set: ScrubSet<number>, text: string): string {
  return Buffer.from(scrubbed(set, [utf8(text)]), "latin1").toString("utf8");
}

/** One character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** Cuts bytes at offsets. */
export function cut(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const places = [0, ...offsets.map((offset) => offset % (bytes.length + 1)), bytes.length].sort((a, b) =>
    a - b
  );
  return places.slice(1).map((end, i) => bytes.slice(places[i], end));
}
