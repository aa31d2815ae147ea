import type { BoundedNames } from './bounded-names.ts';
import { Cells, type LabelValues } from './cells.ts';
import type { Metric } from './metric-table.ts';
import { type Measure, named, type Sample } from './sample.ts';

interface Count {
  value: number;
}

/** Says how much there is, by what it is told, or by whom it asks when it is asked. */
export class Gauge<L extends readonly string[]> implements Measure {
  readonly #metric: Metric<L>;
  readonly #bounds: readonly BoundedNames[];
  #told: Cells<Count>;
  #read: (() => Iterable<readonly [value: number, ...labels: LabelValues<L>]>) | undefined;

  constructor(metric: Metric<L>, bounds: readonly BoundedNames[]) {
    this.#metric = metric;
    this.#bounds = bounds;
    this.#told = this.#empty();
  }

  add(by: number, ...labels: LabelValues<L>): void {
    this.#told.of(labels).value += by;
  }

  /** Asks that one from now on, and nobody else. */
  readFrom(read: () => Iterable<readonly [value: number, ...labels: LabelValues<L>]>): void {
    this.#read = read;
  }

  samples(): readonly Sample[] {
    if (this.#read !== undefined) {
      this.#told = this.#empty();
      for (const [value, ...labels] of this.#read()) this.#told.of(labels).value += value;
    }
    return this.#told.all.map(({ labels, cell }) => ({ labels: named(this.#metric, labels), value: cell.value }));
  }

  #empty(): Cells<Count> {
    return new Cells(this.#bounds, () => ({ value: 0 }));
  }
}
