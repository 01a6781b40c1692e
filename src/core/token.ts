/**
 * Wisp tokens: `wk_<slug>_<16 of a-z0-9>`, the names by which agents use secrets they never see.
 *
 * @module
 */

/** What every token begins with. */
export const TOKEN_PREFIX = "wk_";

/** Characters of the random part; 36^16 is about 82.7 bits. */
export const TOKEN_RANDOM_LENGTH = 16;

/** Longest slug, so that a token stays readable. */
export const MAX_SLUG_LENGTH = 32;

/** Characters a token may consist of, after its prefix. */
export const TOKEN_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789_";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
// The largest multiple of 36 that fits a byte: bytes from here on are drawn again, so every character is equally likely.
const UNBIASED_LIMIT = 252;

/** The readable part of a token: the name in lower case ASCII letters and digits, everything else one `_`. */
export function tokenSlug(name: string): string {
  const slug = name.normalize("NFKD").toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/_+$/, "");
  return slug === "" ? "key" : slug;
}

/**
 * Mints a token for a credential name.
 *
 * @param fillRandom fills an array with random bytes; the system's CSPRNG unless a test says otherwise
 *
 * @example
 * ```ts
 * import { mintToken } from "./token.ts";
 *
 * console.log(mintToken("openai prod")); // wk_openai_prod_k3v09…
 * ```
 */
export function mintToken(
  name: string,
  fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => void crypto.getRandomValues(bytes),
): string {
  let random = "";
  const draw = new Uint8Array(TOKEN_RANDOM_LENGTH * 2);
  while (random.length < TOKEN_RANDOM_LENGTH) {
    fillRandom(draw);
    for (const byte of draw) {
      if (byte < UNBIASED_LIMIT && random.length < TOKEN_RANDOM_LENGTH) {
        random += ALPHABET[byte % ALPHABET.length];
      }
    }
  }
  return `${TOKEN_PREFIX}${tokenSlug(name)}_${random}`;
}

/** Longest token, one of another program included. */
const MAX_TOKEN_LENGTH = 256;

/** Whether a text can be a token at all, minted here or by an earlier build. */
export function isTokenForm(text: string): boolean {
  return text.length <= MAX_TOKEN_LENGTH && /^wk_[a-z0-9_]*[a-z0-9]{8}$/.test(text);
}

/** Whether a whole text has the form of a token minted by this program (16 random characters). */
export function isMintedForm(text: string): boolean {
  return /^wk_[a-z0-9_]+_[a-z0-9]{16}$/.test(text);
}
