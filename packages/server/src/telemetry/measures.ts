import prometheus from 'prom-client';
import { BoundedNames } from './bounded-names.ts';
import { LABEL_LIMIT, LABEL_LIMITS, METRICS, type Metric, SHARED_LABELS } from './metric-table.ts';

/** A text for each label. */
type LabelValues<L extends readonly string[]> = { readonly [K in keyof L]: string };

/** Counts up. */
interface Counter<L extends readonly string[]> {
  add(by: number, ...labels: LabelValues<L>): void;
}

/** Says how much there is. */
interface Gauge<L extends readonly string[]> extends Counter<L> {
  /** From now on the values are those that `read` gives when they are asked for, and no others. */
  readFrom(read: () => Iterable<readonly [value: number, ...labels: LabelValues<L>]>): void;
}

/** Counts durations by how long they were. */
interface Histogram<L extends readonly string[]> {
  observe(seconds: number, ...labels: LabelValues<L>): void;
}

type MeasureOf<M extends Metric> = M['kind'] extends 'counter'
  ? Counter<M['labels']>
  : M['kind'] extends 'gauge'
    ? Gauge<M['labels']>
    : Histogram<M['labels']>;

/** A measure for each metric that is declared. */
export type Measures = { readonly [K in keyof typeof METRICS]: MeasureOf<(typeof METRICS)[K]> };

type Labelled = (values: readonly string[]) => Record<string, string>;

const counterOf = (metric: prometheus.Counter | prometheus.Gauge, labelled: Labelled): Counter<readonly string[]> => ({
  add: (by, ...labels) => metric.inc(labelled(labels), by),
});

const KINDS = {
  counter: (metric: prometheus.CounterConfiguration<string>, labelled: Labelled) =>
    counterOf(new prometheus.Counter(metric), labelled),
  gauge: (metric: prometheus.GaugeConfiguration<string>, labelled: Labelled): Gauge<readonly string[]> => {
    let read: Parameters<Gauge<readonly string[]>['readFrom']>[0] | undefined;
    const gauge = new prometheus.Gauge({
      ...metric,
      collect() {
        if (read === undefined) return;
        this.reset();
        for (const [value, ...labels] of read()) this.inc(labelled(labels), value);
      },
    });
    return {
      ...counterOf(gauge, labelled),
      readFrom(source) {
        read = source;
      },
    };
  },
  histogram: (metric: prometheus.HistogramConfiguration<string>, labelled: Labelled): Histogram<readonly string[]> => {
    const histogram = new prometheus.Histogram(metric);
    return { observe: (seconds, ...labels) => histogram.observe(labelled(labels), seconds) };
  },
};

/** What this process counts, in a registry of Prometheus' own library. Values of labels are bounded where they are counted (ADR 84). */
export const newMeasures = (registry: prometheus.Registry): Measures => {
  const bounds = new Map<string, BoundedNames>();
  const boundOf = (metric: string, label: string): BoundedNames => {
    const key = SHARED_LABELS.has(label) ? label : `${metric} ${label}`;
    const bound = bounds.get(key) ?? new BoundedNames(LABEL_LIMITS[label] ?? LABEL_LIMIT);
    bounds.set(key, bound);
    return bound;
  };
  const measureOf = (key: string, { kind, labels, buckets, ...metric }: Metric) => {
    const bounded = labels.map((label) => [label, boundOf(key, label)] as const);
    const labelled: Labelled = (values) => {
      const named: Record<string, string> = {};
      for (const [at, [label, bound]] of bounded.entries()) named[label] = bound.of(values[at] ?? '');
      return named;
    };
    const made = { ...metric, labelNames: [...labels], registers: [registry] };
    return kind === 'histogram'
      ? KINDS.histogram({ ...made, buckets: [...(buckets ?? [])] }, labelled)
      : KINDS[kind](made, labelled);
  };
  return Object.fromEntries(
    Object.entries<Metric>(METRICS).map(([key, metric]) => [key, measureOf(key, metric)]),
  ) as unknown as Measures;
};
