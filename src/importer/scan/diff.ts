/**
 * The lines that a diff adds, as git writes it with no context (`-U0`).
 *
 * @module
 */

import { concat } from "../../core/bytes.ts";

/** Lines that were added together. */
export interface AddedLines {
  /** The commit, 40 or 64 hexadecimal digits; empty for what is only staged. */
  readonly commit: string;
  /** The file, from the root of the repository. */
  readonly path: string;
  /** Line of the first one in the file. */
  readonly line: number;
  /** The lines, without their signs. */
  readonly bytes: Uint8Array;
}

const LINE_FEED = 0x0a;
const PLUS = 0x2b;
/** Added lines are handed over at the latest after so many bytes. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Longer heads of a diff are cut; a path has at most 4096 bytes. */
const HEAD = 8192;

/** Takes the output of git as it comes and hands over what was added. */
export class DiffReader {
  readonly #added: (lines: AddedLines) => void;
  #rest: Uint8Array = new Uint8Array(0);
  #commit = "";
  #path = "";
  /** Line of the next added one; 0 outside of a hunk. */
  #line = 0;
  #first = 0;
  /** Added lines that a hunk's head still announces. */
  #left = 0;
  #removed = 0;
  #lines: Uint8Array[] = [];
  #size = 0;

  /** Hands added lines to `added`. */
  constructor(added: (lines: AddedLines) => void) {
    this.#added = added;
  }

  /** Takes the next bytes; they are not changed afterwards by the caller. */
  push(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      const piece = bytes.subarray(start, end);
      this.#take(this.#rest.length === 0 ? piece : concat(this.#rest, piece));
      this.#rest = new Uint8Array(0);
      start = end + 1;
    }
    if (start < bytes.length) this.#rest = concat(this.#rest, bytes.subarray(start));
  }

  /** Takes what is left. */
  end(): void {
    if (this.#rest.length > 0) this.#take(this.#rest);
    this.#rest = new Uint8Array(0);
    this.#flush();
  }

  #take(line: Uint8Array): void {
    // What a hunk announces is content, whatever it looks like.
    if (this.#left > 0 && line[0] === PLUS) {
      this.#left--;
      this.#lines.push(line.subarray(1), NEW_LINE);
      this.#size += line.length;
      this.#line++;
      if (this.#size > MOST_BYTES) this.#flush();
      return;
    }
    if (this.#removed > 0 && line[0] === 0x2d) {
      this.#removed--;
      return;
    }
    this.#readHead(new TextDecoder().decode(line.subarray(0, HEAD)));
  }

  #readHead(text: string): void {
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text);
    if (hunk !== null) {
      this.#flush();
      this.#removed = Number(hunk[1] ?? 1);
      this.#line = this.#first = Number(hunk[2]);
      this.#left = Number(hunk[3] ?? 1);
      return;
    }
    const commit = /^commit ([0-9a-f]{40,64})$/.exec(text)?.[1];
    if (commit !== undefined) {
      this.#flush();
      this.#commit = commit;
    } else if (text.startsWith("+++ ")) {
      this.#flush();
      this.#path = unquoted(text.slice(4)).replace(/^b\//, "");
    }
  }

  #flush(): void {
    if (this.#lines.length > 0) {
      this.#added({
        commit: this.#commit,
        path: this.#path,
        line: this.#first,
        bytes: concat(...this.#lines),
      });
    }
    this.#lines = [];
    this.#size = 0;
    this.#first = this.#line;
  }
}

const NEW_LINE = new Uint8Array([LINE_FEED]);

/** A path as git writes it, in quotes with escapes if it holds anything odd. */
function unquoted(path: string): string {
  const inner = /^"(.*)"\s*$/.exec(path)?.[1];
  if (inner === undefined) return path.replace(/[\t\r]$/, "");
  return inner.replace(/\\([\\"abfnrtv])/g, (_, c: string) => ESCAPES[c] ?? c);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};
