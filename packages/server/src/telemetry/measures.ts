import { BoundedNames } from './bounded-names.ts';
import { Counter } from './counter.ts';
import { Gauge } from './gauge.ts';
import { Histogram } from './histogram.ts';
import { LABEL_LIMIT, LABEL_LIMITS, METRICS, type Metric, SHARED_LABELS } from './metric-table.ts';

type MeasureOf<M extends Metric> = M['kind'] extends 'counter'
  ? Counter<M['labels']>
  : M['kind'] extends 'gauge'
    ? Gauge<M['labels']>
    : Histogram<M['labels']>;

/** A measure for each metric that is declared. */
export type Measures = { readonly [K in keyof typeof METRICS]: MeasureOf<(typeof METRICS)[K]> };

const KINDS = { counter: Counter, gauge: Gauge, histogram: Histogram };

/**
 * What this process counts. The measures are ours, and not those of the library that tells of them: theirs cost 0.3 µs for each value, and a
 * step of a journey has some twenty (ADR 84).
 */
export const newMeasures = (): Measures => {
  const bounds = new Map<string, BoundedNames>();
  const boundOf =
    (metric: string) =>
    (label: string): BoundedNames => {
      const key = SHARED_LABELS.has(label) ? label : `${metric} ${label}`;
      const bound = bounds.get(key) ?? new BoundedNames(LABEL_LIMITS[label] ?? LABEL_LIMIT);
      bounds.set(key, bound);
      return bound;
    };
  return Object.fromEntries(
    Object.entries<Metric>(METRICS).map(([key, metric]) => [
      key,
      new KINDS[metric.kind](metric, metric.labels.map(boundOf(key))),
    ]),
  ) as unknown as Measures;
};
