const UNITS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

const unitOf = (word: string): number | undefined => {
  if (/^d(ays?)?$/.test(word)) return UNITS.d;
  if (/^h(ours?|rs?)?$/.test(word)) return UNITS.h;
  if (/^m(in(utes?|s)?)?$/.test(word)) return UNITS.m;
  if (/^s(ec(onds?|s)?)?$/.test(word)) return UNITS.s;
  return /^(ms|milli(s|seconds?)?)$/.test(word) ? UNITS.ms : undefined;
};

/**
 * A length of time in words, as AM takes it: `2 days`, `1 hour and 30 minutes`; a bare number is minutes. In milliseconds,
 * without end for `unlimited`; undefined for what cannot be read.
 */
export const parseElapsedTime = (text: string): number | undefined => {
  const words = text.trim().toLowerCase();
  if (/^(unlimited|infinity|infinite|indefinite|undefined|none)$/.test(words)) return Number.POSITIVE_INFINITY;
  if (/^(zero|disabled)$/.test(words)) return 0;
  if (/^\d{1,9}$/.test(words)) return Number(words) * 60_000;
  const parts = words.split(/,|\band\b/).map((part) => part.trim());
  let millis = 0;
  for (const part of parts) {
    const [, number, word = ''] = /^(\d{1,9})\s*([a-z]+)$/.exec(part) ?? [];
    const unit = unitOf(word);
    if (number === undefined || unit === undefined) return undefined;
    millis += Number(number) * unit;
  }
  return millis;
};
