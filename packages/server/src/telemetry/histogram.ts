import type { BoundedNames } from './bounded-names.ts';
import { Cells, type LabelValues } from './cells.ts';
import type { Metric } from './metric-table.ts';
import { type Measure, named, type Sample } from './sample.ts';

interface Distribution {
  /** How many values were within each bucket and not within the one before; those above all are in `count` alone. */
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Counts durations by how long they were. */
export class Histogram<L extends readonly string[]> implements Measure {
  readonly #metric: Metric<L>;
  readonly #buckets: readonly number[];
  readonly #cells: Cells<Distribution>;

  constructor(metric: Metric<L>, bounds: readonly BoundedNames[]) {
    const { buckets = [] } = metric;
    this.#metric = metric;
    this.#buckets = buckets;
    this.#cells = new Cells(bounds, () => ({ counts: buckets.map(() => 0), sum: 0, count: 0 }));
  }

  observe(seconds: number, ...labels: LabelValues<L>): void {
    const cell = this.#cells.of(labels);
    cell.sum += seconds;
    cell.count += 1;
    for (let at = 0; at < this.#buckets.length; at += 1) {
      if (seconds > (this.#buckets[at] ?? 0)) continue;
      cell.counts[at] = (cell.counts[at] ?? 0) + 1;
      return;
    }
  }

  samples(): readonly Sample[] {
    const { name } = this.#metric;
    return this.#cells.all.flatMap(({ labels: values, cell }) => {
      const labels = named(this.#metric, values);
      let within = 0;
      const buckets = this.#buckets.map((le, at) => {
        within += cell.counts[at] ?? 0;
        return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: within };
      });
      return [
        ...buckets,
        { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: cell.count },
        { metricName: `${name}_sum`, labels, value: cell.sum },
        { metricName: `${name}_count`, labels, value: cell.count },
      ];
    });
  }
}
