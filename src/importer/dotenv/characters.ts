/**
 * The character classes of dotenv files. They are those of JavaScript's regular expressions, because the `dotenv` package,
 * which everybody's files are written for, reads with one.
 *
 * @module
 */

/** Whether the unit at an offset ends a line; false past the end. Carriage returns are gone by now. */
export function isLineEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x0a || code === 0x2028 || code === 0x2029;
}

/** Whether the unit at an offset is a blank, line ends and the byte order mark among them; false past the end. */
export function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code >= 0xa0 && /\s/.test(text[at] ?? "");
}

/** Whether the unit at an offset may be part of a variable's name: a letter, a digit, `_`, `.` or `-`. */
export function isNamePart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) ||
    code === 0x5f || code === 0x2d || code === 0x2e;
}

/** The offset of the first unit from `at` on that is no blank. */
export function skipBlanks(text: string, at: number): number {
  while (isBlank(text, at)) at++;
  return at;
}

/** The offset of the next line end from `at` on, or of the end of the text. */
export function findLineEnd(text: string, at: number): number {
  while (at < text.length && !isLineEnd(text, at)) at++;
  return at;
}
