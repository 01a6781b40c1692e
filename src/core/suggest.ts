/**
 * "Did you mean": the nearest word to a mistyped one.
 *
 * @module
 */

/**
 * Edits that turn one word into another, two swapped neighbours counting as one
 * (optimal string alignment distance).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/**
 * The word that was probably meant, or undefined if none is near: at most a third of the letters may differ, or
 * the typed word begins it.
 */
export function nearest(typed: string, words: Iterable<string>): string | undefined {
  // Longer than any word of ours: no typing error, and the distance takes time by the square of the length.
  if (typed.length > 40) return undefined;
  const lower = typed.toLowerCase();
  let best: { word: string; distance: number } | undefined;
  for (const word of words) {
    const begins = lower.length >= 2 && word.startsWith(lower);
    const distance = begins ? 0.5 : editDistance(lower, word);
    if (distance > Math.max(1, Math.floor(word.length / 3)) && !begins) continue;
    if (best === undefined || distance < best.distance) best = { word, distance };
  }
  return best?.word;
}
