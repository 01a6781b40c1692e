/**
 * What a format's reader makes of a file: named values, and for each how a token is written in its place.
 *
 * @module
 */

import type { NamedValue } from "../recognize/recognize.ts";
import type { Swap } from "../splice.ts";

/** Formats, as `--format` names them. */
export const FORMATS = [
  "dotenv",
  "json",
  "yaml",
  "ini",
  "npmrc",
  "netrc",
  "git-credentials",
  "csv",
] as const;

/** One of {@linkcode FORMATS}. */
export type Format = typeof FORMATS[number];

/** One value of a file. */
export interface SourceEntry extends NamedValue {
  /** Its line, from 1. */
  readonly line: number;
  /** What makes the file hold the token in the place of the value. */
  readonly swap: (token: string) => Swap;
}

/** Reads one format. */
export type Reader = (text: string) => SourceEntry[] | Promise<SourceEntry[]>;

/** Counts lines up to ascending offsets, each unit once. */
export class LineCounter {
  readonly #text: string;
  #at = 0;
  #line = 1;

  /** Starts at the first line of `text`. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The line of an offset that is not before the last one asked for. */
  lineOf(offset: number): number {
    for (;;) {
      const next = this.#text.indexOf("\n", this.#at);
      if (next < 0 || next >= offset) return this.#line;
      this.#at = next + 1;
      this.#line++;
    }
  }
}
