/**
 * Tells which values of an environment are secrets of the vault. That is an answer about a guess, so it exists for long
 * values only, and for so many a minute.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { wipe } from "../core/bytes.ts";
import { DeniedError } from "../core/errors.ts";
import type { SealedCredential, Vault } from "../vault/mod.ts";
import type { ValueMatch } from "./api/callers.ts";

/** Shorter values, and shorter secrets, are never compared, bytes. */
export const LEAST_MATCHED = 16;
/** Values that may be asked about at once, and in a minute. */
export const MATCHES_A_MINUTE = 4_096;
/** After so many credentials others get their turn. */
const SLICE = 128;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const COLON = 0x3a;

/** Counts what was asked: a bucket that fills again evenly. */
export class GuessBudget {
  readonly #perMinute: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  /** A full bucket; `Infinity` for who has given the password. */
  constructor(perMinute: number = MATCHES_A_MINUTE, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#now = now;
    this.#left = perMinute;
    this.#at = now();
  }

  /**
   * Takes so many.
   *
   * @throws {DeniedError} `too_many_guesses` if there are not so many left.
   */
  take(count: number): void {
    const now = this.#now();
    this.#left = Math.min(this.#perMinute, this.#left + (now - this.#at) / 60_000 * this.#perMinute);
    this.#at = now;
    if (count > this.#left) {
      throw new DeniedError("cannot compare the environment with the vault: too many values were asked about", {
        code: "too_many_guesses",
        hint: "try again in a minute",
      });
    }
    this.#left -= count;
  }
}

/**
 * Finds the values that are, or contain, a secret of any credential in the vault. One that is exactly the secret of a
 * credential in scope is answered with its name, so that its token can stand in its place.
 *
 * @param values at least {@linkcode LEAST_MATCHED} bytes each, others are passed over
 */
export async function matchValues(
  vault: Vault,
  values: readonly Uint8Array[],
  isInScope: (row: SealedCredential) => boolean,
): Promise<ValueMatch[]> {
  const asked = values.map((value, index) => ({ value: Buffer.from(value.buffer, value.byteOffset, value.length), index }))
    .filter(({ value }) => value.length >= LEAST_MATCHED);
  const matches = new Map<number, ValueMatch>();
  if (asked.length === 0) return [];
  let looked = 0;
  for (const row of vault.credentials.all()) {
    if (++looked % SLICE === 0) await new Promise((resolve) => setTimeout(resolve));
    if (vault.locked) break; // Meanwhile somebody locked it; `openSealed` would say so for each row.
    const { name, token, type, intact } = row.credential;
    if (!intact) continue;
    const secret = vault.credentials.openSealed(row);
    try {
      for (const part of partsOf(secret, type === "basic_auth")) {
        for (const { value, index } of asked) {
          if (value.indexOf(part) < 0) continue;
          const isWhole = value.length === part.length && isInScope(row);
          // A token wins over a mere warning, whatever comes first.
          if (isWhole) matches.set(index, { index, kind: "token", credential: name, token });
          else if (!matches.has(index)) matches.set(index, { index, kind: "secret", credential: name });
        }
      }
    } finally {
      wipe(secret);
    }
  }
  return [...matches.values()].sort((a, b) => a.index - b.index);
}

/** The spellings of a secret that an environment may hold: without the line end of its file; a password without its user. */
function partsOf(secret: Uint8Array, isPair: boolean): Uint8Array[] {
  let end = secret.length;
  while (end > 0 && (secret[end - 1] === LINE_FEED || secret[end - 1] === RETURN)) end--;
  const whole = secret.subarray(0, end);
  const password = isPair ? whole.subarray(whole.indexOf(COLON) + 1) : whole;
  return [whole, ...(password.length < whole.length ? [password] : [])].filter(({ length }) =>
    length >= LEAST_MATCHED
  );
}
