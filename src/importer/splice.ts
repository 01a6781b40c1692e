/**
 * Rewriting a text by swapping pieces of it and nothing else.
 *
 * @module
 */

/** A piece of a text: offsets in UTF-16 units, the end is not part of it. */
export interface Span {
  /** First unit. */
  readonly start: number;
  /** One past the last unit. */
  readonly end: number;
}

/** One swap: what lies in `span` becomes `text`. */
export interface Swap {
  /** What goes. */
  readonly span: Span;
  /** What comes in its place. */
  readonly text: string;
}

/**
 * The text with every swap made; every unit outside the spans stays as it is.
 *
 * @throws {RangeError} for spans that overlap or lie outside the text.
 *
 * @example
 * ```ts
 * import { splice } from "./splice.ts";
 *
 * console.assert(splice("A=secret # note", [{ span: { start: 2, end: 8 }, text: "wk_1" }]) === "A=wk_1 # note");
 * ```
 */
export function splice(text: string, swaps: readonly Swap[]): string {
  const pieces: string[] = [];
  let done = 0;
  for (const { span, text: piece } of [...swaps].sort((a, b) => a.span.start - b.span.start)) {
    if (span.start < done || span.end < span.start || span.end > text.length) {
      throw new RangeError(`no piece of the text that is left: ${span.start} to ${span.end}`);
    }
    pieces.push(text.slice(done, span.start), piece);
    done = span.end;
  }
  pieces.push(text.slice(done));
  return pieces.join("");
}
