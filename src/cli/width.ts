/**
 * How many terminal columns a text takes. Follows Unicode's East Asian Width (UAX #11) for wide characters, counts a
 * grapheme once, and gives two columns to what is drawn as an emoji.
 *
 * @module
 */

const ASCII = /^[\x20-\x7e]*$/;
const EMOJI = /\p{Emoji_Presentation}|\u{fe0f}/u;
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

// Ranges of East Asian Width W and F, joined where only unassigned code points lie between them.
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd],
];

let segmenter: Intl.Segmenter | undefined;

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  if (EMOJI.test(grapheme)) return 2;
  const first = grapheme.codePointAt(0) ?? 0;
  return WIDE.some(([from, to]) => first >= from && first <= to) ? 2 : 1;
}

/** Columns a text takes; it must not hold control characters. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  return graphemes(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0);
}

/** Fills a text with blanks up to a width. */
export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Cuts a text to a width of at least 1; what was cut shows as `…`. Never splits a grapheme. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const grapheme of graphemes(text)) {
    const columns = graphemeWidth(grapheme);
    if (used + columns > width - 1) break;
    kept += grapheme;
    used += columns;
  }
  return `${kept}…`;
}

/** Breaks a text at blanks into lines of at most `width` columns, at least 2; a longer word is broken wherever it must be. */
export function wrapText(text: string, width: number): string[] {
  if (displayWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((each) => piecesOf(each, width))) {
    if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function piecesOf(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = "";
  for (const grapheme of graphemes(word)) {
    if (piece !== "" && displayWidth(piece) + graphemeWidth(grapheme) > width) {
      const end = breakOf(piece);
      pieces.push(piece.slice(0, end));
      piece = piece.slice(end);
    }
    piece += grapheme;
  }
  return [...pieces, piece];
}

/** Where a piece of a long name is best broken: behind its last hyphen or the like, if half of it stands before that. */
function breakOf(piece: string): number {
  const end = Math.max(...["-", "_", ".", "/", ":"].map((mark) => piece.lastIndexOf(mark))) + 1;
  return end > piece.length / 2 ? end : piece.length;
}
