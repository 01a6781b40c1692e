/**
 * Commands printed for people to run, spelled so that a shell reads them back unchanged.
 *
 * @module
 */

/** Quotes a word for a POSIX shell, if it needs quotes. The result holds no unquoted metacharacter. */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A whole command line. */
export function commandLine(...words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}
