/**
 * Words in commands that are printed for people to run.
 *
 * @module
 */

/** Quotes a word for a POSIX shell, if it needs quotes. The result holds no unquoted metacharacter. */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
