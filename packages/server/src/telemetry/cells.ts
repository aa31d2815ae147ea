import type { BoundedNames } from './bounded-names.ts';

/** A text for each label. */
export type LabelValues<L extends readonly string[]> = { readonly [K in keyof L]: string };

type Level<T> = Map<string, Level<T> | T>;

/** A cell for each combination of labels that was named, found in some ten nanoseconds. */
export class Cells<T extends object> {
  readonly #bounds: readonly BoundedNames[];
  readonly #make: () => T;
  readonly #root: Level<T> = new Map();
  readonly #all: { readonly labels: readonly string[]; readonly cell: T }[] = [];
  /** Where there are no labels. */
  readonly #only: T | undefined;

  constructor(bounds: readonly BoundedNames[], make: () => T) {
    this.#bounds = bounds;
    this.#make = make;
    this.#only = bounds.length === 0 ? this.#made([]) : undefined;
  }

  get all(): readonly { readonly labels: readonly string[]; readonly cell: T }[] {
    return this.#all;
  }

  of(labels: readonly string[]): T {
    if (this.#only !== undefined) return this.#only;
    let level = this.#root;
    const last = labels.length - 1;
    for (let at = 0; at < last; at += 1) {
      const next = level.get(labels[at] ?? '');
      if (next === undefined) return this.#slowly(labels);
      level = next as Level<T>;
    }
    return (level.get(labels[last] ?? '') as T | undefined) ?? this.#slowly(labels);
  }

  /** Of a combination that comes for the first time, or has a name beyond the bound. */
  #slowly(given: readonly string[]): T {
    const labels = given.map((name, at) => this.#bounds[at]?.of(name) ?? name);
    let level = this.#root;
    const last = labels.length - 1;
    for (const name of labels.slice(0, last)) {
      const next = (level.get(name) as Level<T> | undefined) ?? new Map();
      level.set(name, next);
      level = next;
    }
    const name = labels[last] ?? '';
    const cell = (level.get(name) as T | undefined) ?? this.#made(labels);
    level.set(name, cell);
    return cell;
  }

  #made(labels: readonly string[]): T {
    const cell = this.#make();
    this.#all.push({ labels, cell });
    return cell;
  }
}
