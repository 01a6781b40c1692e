/**
 * Whether characters were drawn or written.
 *
 * @module
 */

/** Entropy of the characters by their own frequency, bits each. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const c of text) counts.set(c, (counts.get(c) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count / text.length * Math.log2(count / text.length);
  return bits;
}

const WRITTEN =
  /x{5}|\*{3}|0{8}|\.{3}|…|1234567890|abcdefghij|example|placeholder|your|changeme|dummy|redacted|<[\w -]+>|fake|sample|insert|replace/i;

/** Small letters in words, numbers behind them: `the-real-key-1`. */
const WORDS = /^(?:[a-z]+[-_.])+[a-z]*[-_.]?\d{0,12}$/;

/** Whether the drawn part of a key was drawn: examples, patterns and placeholders were not. */
export function isDrawn(text: string): boolean {
  return text.length >= 12 && !WRITTEN.test(text) && !WORDS.test(text) && entropyOf(text) >= 2.8;
}

/** Whether a text of unknown kind reads like a key: letters and digits mixed, no words. */
export function looksDrawn(text: string): boolean {
  if (!/^[\w+/=.~-]{16,}$/.test(text) || /^wk_/.test(text)) return false;
  return /[A-Za-z]/.test(text) && /\d/.test(text) && isDrawn(text) && entropyOf(text) >= 3.2 &&
    !/^[a-z]+(?:[-_.][a-z0-9]+)*$/.test(text) &&
    !/^[\w-]+(?:\.[\w-]+)+\.(?:com|org|net|io|dev|local|test)$/i.test(text);
}
