/**
 * The few statistics a benchmark needs: medians, and how far the runs lie apart.
 *
 * @module
 */

/** Median with the smallest and the largest value seen. */
export interface Spread {
  /** The middle value. */
  readonly median: number;
  /** The smallest. */
  readonly min: number;
  /** The largest. */
  readonly max: number;
  /** How many values there were. */
  readonly runs: number;
}

/** The value below which the given share (0 to 1) of a sorted list lies; NaN for none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return NaN;
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Sums up the runs of one measurement. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    runs: sorted.length,
  };
}

/** Divides pairwise: runs of one round share the machine's mood, so their ratio is steadier than that of medians. */
export function ratios(values: readonly number[], against: readonly number[]): number[] {
  return values.flatMap((value, index) => {
    const other = against[index];
    return other === undefined || other === 0 ? [] : [value / other];
  });
}
