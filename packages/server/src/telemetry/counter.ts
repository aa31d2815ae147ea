import type { BoundedNames } from './bounded-names.ts';
import { Cells, type LabelValues } from './cells.ts';
import type { Metric } from './metric-table.ts';
import { type Measure, named, type Sample } from './sample.ts';

interface Count {
  value: number;
}

/** Counts up. */
export class Counter<L extends readonly string[]> implements Measure {
  readonly #metric: Metric<L>;
  readonly #cells: Cells<Count>;

  constructor(metric: Metric<L>, bounds: readonly BoundedNames[]) {
    this.#metric = metric;
    this.#cells = new Cells(bounds, () => ({ value: 0 }));
  }

  add(by: number, ...labels: LabelValues<L>): void {
    this.#cells.of(labels).value += by;
  }

  samples(): readonly Sample[] {
    return this.#cells.all.map(({ labels, cell }) => ({ labels: named(this.#metric, labels), value: cell.value }));
  }
}
