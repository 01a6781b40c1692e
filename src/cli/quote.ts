/**
 * Commands printed for people to run, spelled so that a shell reads them back unchanged.
 *
 * @module
 */

import { shellQuote } from "../core/shell_quote.ts";

/** A whole command line. */
export function commandLine(...words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}
