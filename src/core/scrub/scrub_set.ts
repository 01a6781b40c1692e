/**
 * The secrets that a host may receive, compiled: what its responses are searched for.
 *
 * @module
 */

import { wipe } from "../bytes.ts";
import { type Hit, Matcher } from "./matcher.ts";
import { expandSecret, type Pattern, type SecretKind, spellToken } from "./patterns.ts";

/** One secret and what it is replaced by. */
export interface ScrubSecret<Owner> {
  /** Whose secret it is; told of when it is found. */
  readonly owner: Owner;
  /** The wisp token. */
  readonly token: string;
  /** The secret; stays the caller's, who wipes it. */
  readonly value: Uint8Array;
  /** How it is expanded. */
  readonly kind: SecretKind;
}

/** Where text may be let go without waiting for more, because no pattern can lie across. */
export type Border = "line" | "blank-line" | "none";

/**
 * Patterns ready to be searched for. It is shared: whoever holds it calls `retain` and, in the end, `release`; the last
 * one to let go wipes it, so that a response under way is scrubbed to its end whatever happens meanwhile.
 */
export class ScrubSet<Owner = unknown> {
  /** After which bytes text may be let go. */
  readonly border: Border;
  readonly #matcher: Matcher;
  readonly #owners: readonly Owner[];
  readonly #replacements: readonly Uint8Array[];
  readonly #windows: Uint8Array;
  #holders = 1;

  /** Compiles secrets, held once by the caller. A secret without patterns is passed over. */
  constructor(secrets: Iterable<ScrubSecret<Owner>>) {
    const patterns: Pattern[] = [];
    const owners: Owner[] = [];
    const replacements: Uint8Array[] = [];
    for (const { owner, token, value, kind } of secrets) {
      const spelled = new Map<string, Uint8Array>();
      for (const pattern of expandSecret(value, kind)) {
        patterns.push(pattern);
        owners.push(owner);
        // The same for all patterns of a spelling and a length modulo four.
        const removed = pattern.bytes.length;
        const key = pattern.spelled + removed % 4;
        let replacement = spelled.get(key);
        if (replacement === undefined) {
          spelled.set(key, replacement = spellToken(token, pattern.spelled, removed));
        }
        replacements.push(replacement);
      }
    }
    this.#matcher = new Matcher(patterns);
    this.#owners = owners;
    this.#replacements = replacements;
    this.#windows = Uint8Array.from(patterns, ({ isWindow }) => isWindow ? 1 : 0);
    this.border = borderOf(patterns);
    wipe(...patterns.map(({ bytes }) => bytes));
  }

  /** Number of patterns. */
  get size(): number {
    return this.#owners.length;
  }

  /** Those with a secret that is looked for. */
  get owners(): ReadonlySet<Owner> {
    return new Set(this.#owners);
  }

  /** Whether the last holder let go, so that nothing is found any more. */
  get released(): boolean {
    return this.#holders === 0;
  }

  /** Holds it once more. */
  retain(): this {
    if (this.#holders === 0) throw new Error("the patterns were wiped");
    this.#holders++;
    return this;
  }

  /** Lets go; the last holder's call wipes it. */
  release(): void {
    if (this.#holders > 0 && --this.#holders === 0) this.#matcher.wipe();
  }

  /** All occurrences; see {@linkcode Matcher.find}. */
  find(bytes: Uint8Array, end: number, before: number): Hit[] {
    return this.#matcher.find(bytes, end, before);
  }

  /** Whose secret a pattern spells. */
  ownerOf(pattern: number): Owner {
    return this.#owners[pattern]!;
  }

  /** What stands in for a pattern. */
  replacementOf(pattern: number): Uint8Array {
    return this.#replacements[pattern]!;
  }

  /** Whether a pattern is a part of a longer spelling. */
  isWindow(pattern: number): boolean {
    return this.#windows[pattern] === 1;
  }
}

const LF = 0x0a;
const CR = 0x0d;

/** Whether a line feed ends an empty line, as far as the bytes before it tell. */
export function endsBlankLine(bytes: Uint8Array, at: number): boolean {
  if (at === 0) return false;
  return bytes[at - 1] === LF || (bytes[at - 1] === CR && at > 1 && bytes[at - 2] === LF);
}

function borderOf(patterns: readonly Pattern[]): Border {
  let border: Border = "line";
  for (const { bytes } of patterns) {
    for (let at = bytes.indexOf(LF); at >= 0 && at < bytes.length - 1; at = bytes.indexOf(LF, at + 1)) {
      // A pattern that begins with the line end may begin with the empty line's own.
      if (at === 0 || (at === 1 && bytes[0] === CR) || endsBlankLine(bytes, at)) return "none";
      border = "blank-line";
    }
  }
  return border;
}
