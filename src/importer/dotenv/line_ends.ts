/**
 * Reading with one kind of line end, and finding the way back to the text as it was.
 *
 * @module
 */

/** A text whose line ends are all `\n`. */
export interface NormalText {
  /** The text. */
  readonly text: string;
  /** The offset in the original text of an offset in this one. */
  original(offset: number): number;
}

/** Makes `\r\n` and `\r` into `\n`. */
export function normalizeLineEnds(source: string): NormalText {
  if (!source.includes("\r")) return { text: source, original: (offset) => offset };
  // Offsets in the new text from which on one more unit is missing; ascending.
  const shorter: number[] = [];
  const text = source.replace(/\r\n?/g, (ending, at: number) => {
    if (ending.length === 2) shorter.push(at - shorter.length + 1);
    return "\n";
  });
  return {
    text,
    original(offset) {
      let low = 0;
      let high = shorter.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((shorter[middle] ?? 0) <= offset) low = middle + 1;
        else high = middle;
      }
      return offset + low;
    },
  };
}
