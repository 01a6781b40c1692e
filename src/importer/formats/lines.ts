/**
 * The lines of a text with their offsets.
 *
 * @module
 */

/** One line, without its end. */
export interface Line {
  /** What stands on it. */
  readonly text: string;
  /** Offset of its first unit. */
  readonly start: number;
  /** Its number, from 1. */
  readonly number: number;
}

/** Every line; ends are `\n`, `\r\n` or `\r`. */
export function* linesOf(text: string): Generator<Line, void> {
  const end = /\r\n?|\n/g;
  let start = 0;
  for (let number = 1; start <= text.length; number++) {
    const match = end.exec(text);
    const stop = match?.index ?? text.length;
    yield { text: text.slice(start, stop), start, number };
    if (match === null) return;
    start = end.lastIndex;
  }
}
