/**
 * JSON as a source. Nothing is built from the text: its strings are visited where they stand, so that a hostile file costs
 * no more than its length.
 *
 * @module
 */

import { utf8 } from "../../core/bytes.ts";
import { FailedError } from "../../core/errors.ts";
import { visitJsonStrings } from "../../core/json_strings.ts";
import { entriesOf, type Leaf } from "./tree.ts";
import { LineCounter, type SourceEntry } from "./types.ts";

/** Units that become a string at once; more arguments would not fit on the stack. */
const PIECE = 8192;

/**
 * The texts of a JSON.
 *
 * @throws {FailedError} `source_unreadable` if it is none.
 */
export function readJson(text: string): SourceEntry[] {
  return entriesOf(leavesOf(text));
}

function leavesOf(text: string): Leaf[] {
  const bytes = utf8(text);
  const leaves: Leaf[] = [];
  const units = new UnitCounter(bytes);
  const lines = new LineCounter(text);
  const whole = visitJsonStrings(latin1(bytes), () => true, ({ start, end, pointer }) => {
    const span = { start: units.at(start), end: units.at(end) };
    leaves.push({
      path: ["0", ...pathOf(pointer)],
      value: JSON.parse(`"${text.slice(span.start, span.end)}"`) as string,
      line: lines.lineOf(span.start),
      swap: (token) => ({ span, text: token }),
    });
  });
  if (whole) return leaves;
  throw new FailedError("cannot read the source: it is no JSON, or nested too deeply", {
    code: "source_unreadable",
    hint: "if it is something else, say so with --as",
  });
}

function pathOf(pointer: string): string[] {
  return pointer.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function latin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  }
  return pieces.join("");
}

/** Turns ascending offsets in UTF-8 into offsets in UTF-16. */
class UnitCounter {
  readonly #bytes: Uint8Array;
  #byte = 0;
  #unit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  at(offset: number): number {
    for (; this.#byte < offset; this.#byte++) {
      const byte = this.#bytes[this.#byte] ?? 0;
      // Continuation bytes begin no character; those of four bytes take two units.
      if ((byte & 0xc0) !== 0x80) this.#unit += byte >= 0xf0 ? 2 : 1;
    }
    return this.#unit;
  }
}
