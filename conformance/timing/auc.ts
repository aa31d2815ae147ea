/** How well one value tells which of two classes it is of: 0.5 is not at all, 0 and 1 are always. */
export interface Separation {
  /** The chance that a value of the first class is larger than one of the second; halves count for equal ones. */
  readonly auc: number;
  /** The ends of its interval of 95 %. */
  readonly low: number;
  readonly high: number;
}

/** The quantile of the normal distribution for 95 % on both sides. */
const Z = 1.959964;

/** For each value of one sample, the share of the other that lies below it. */
const placements = (values: readonly number[], others: readonly number[]): readonly number[] => {
  const sorted = [...others].sort((a, b) => a - b);
  const countOf = (counts: (other: number) => boolean): number => {
    let from = 0;
    let to = sorted.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (counts(sorted[middle] ?? Number.POSITIVE_INFINITY)) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  return values.map((value) => {
    const below = countOf((other) => other < value);
    const upTo = countOf((other) => other <= value);
    return (below + upTo) / 2 / sorted.length;
  });
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / values.length;
const varianceOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return values.reduce((sum, it) => sum + (it - mean) ** 2, 0) / (values.length - 1);
};

/**
 * The area under the ROC curve, which is the statistic of Mann and Whitney over the number of pairs: U / (n · m). Its interval is that of
 * DeLong, DeLong and Clarke-Pearson (1988): the variances of the placements of both samples, each over its size.
 */
export const separation = (first: readonly number[], second: readonly number[]): Separation => {
  const ofFirst = placements(first, second);
  const ofSecond = placements(second, first);
  const auc = meanOf(ofFirst);
  const error = Math.sqrt(varianceOf(ofFirst) / first.length + varianceOf(ofSecond) / second.length);
  return { auc, low: auc - Z * error, high: auc + Z * error };
};
