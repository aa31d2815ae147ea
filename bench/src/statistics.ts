/** The middle of the values, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The value below which that share of the values lies, by nearest rank. */
export const percentile = (values: Iterable<number>, share: number): number => {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) throw new RangeError('There is no percentile of nothing.');
  if (!(share >= 0 && share <= 1)) throw new RangeError(`A share is between 0 and 1, and this is ${share}.`);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

/** Median with the least and the largest value; of an even number of values the mean of the middle two. */
export const spreadOf = (values: Iterable<number>): Spread => {
  const sorted = Float64Array.from(values).sort();
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new RangeError('There is no median of nothing.');
  const above = sorted[sorted.length >> 1] ?? Number.NaN;
  const below = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return { median: (above + below) / 2, min, max };
};
