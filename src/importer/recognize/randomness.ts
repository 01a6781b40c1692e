/**
 * Telling what a machine drew at random from what a person wrote. Asked only of values whose name says that they are secret:
 * of anything else there are too many hashes, ids and versions that look alike.
 *
 * @module
 */

/** Shannon entropy of the characters of a text, in bits a character; 0 for an empty one. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  const length = [...text].length;
  for (const count of counts.values()) bits -= count / length * Math.log2(count / length);
  return bits;
}

/** Least length of a value that counts as random. */
const LEAST_LENGTH = 12;
/** Least entropy of it, bits a character: words have less in so few characters, hexadecimal digits just reach it. */
const LEAST_ENTROPY = 2.9;

/** The same for letters of one case alone, which is what words are made of. */
const LEAST_LETTERS = 3.9;

/** Whether a value looks drawn at random: long, one piece, and no row of words. */
export function looksRandom(value: string): boolean {
  if (value.length < LEAST_LENGTH || /\s/.test(value)) return false;
  const digit = /\d/.test(value);
  const mixed = /[a-z]/.test(value) && /[A-Z]/.test(value);
  if (isWords(value)) return false;
  const least = digit || mixed ? LEAST_ENTROPY : LEAST_LETTERS;
  return entropyOf(value.slice(0, 256)) >= least;
}

/** Whether a value is words and small numbers, joined: `created_at`, `my-service-v2`, `us-east-1`, `someCamelName`. */
function isWords(value: string): boolean {
  const parts = value.split(/[-_./:@]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);
  return parts.every((part) => /^(?:[A-Z]?[a-z]{1,14}|[A-Z]{2,12}|v?\d{1,4}|[a-z]?)$/.test(part));
}
