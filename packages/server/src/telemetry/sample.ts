import type { Metric } from './metric-table.ts';

/** One line of what is told: a value, by the labels that it has. */
export interface Sample {
  /** The metric's own where absent. */
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What is counted of one metric. */
export interface Measure {
  samples(): readonly Sample[];
}

export const named = (metric: Metric, values: readonly string[]): Record<string, string> =>
  Object.fromEntries(metric.labels.map((label, at) => [label, values[at] ?? '']));
