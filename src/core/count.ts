/**
 * Numbers of things, in words.
 *
 * @module
 */

/** `1 credential`, `3 credentials`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
