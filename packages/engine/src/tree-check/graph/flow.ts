import type { TreeWork } from './check-work.ts';

interface Directed<Way> {
  readonly entry: string;
  /** The nodes that can be reached, each after those before it, but for where a loop closes. */
  readonly inOrder: readonly { readonly id: string; readonly ways: readonly Way[] }[];
  readonly work: TreeWork;
}

/** How facts pass through a tree. */
interface Flow<T, Way> {
  readonly atStart: T;
  /** What is known behind a way. */
  pass(before: T, way: Way): T;
  /** What holds by each of two ways to a place. */
  join(one: T, other: T): T;
  isSame(one: T, other: T): boolean;
  /** Where no way leads, which makes the place one that is not reached. */
  readonly isNone?: (value: T) => boolean;
  /** The steps that 1 way counts as. */
  readonly steps: number;
}

/**
 * What is known where a node or an end is entered; a place that no path leads to is absent. Nodes are visited after those before them, so that a tree
 * without loops takes 1 round, and one with loops as many more as loops lie inside each other.
 */
export const flowOver = <T, Way extends { readonly to: string }>(
  { entry, inOrder, work }: Directed<Way>,
  flow: Flow<T, Way>,
): ReadonlyMap<string, T> => {
  const place = new Map(inOrder.map(({ id }, at) => [id, at]));
  const entered = new Map<string, T>([[entry, flow.atStart]]);
  const open = new Uint8Array(inOrder.length).fill(1, 0, 1);
  for (let first = 0; first < inOrder.length; ) {
    let next = inOrder.length;
    for (let at = first; at < inOrder.length; at += 1) {
      work.spend(1);
      const node = inOrder[at];
      const before = node && entered.get(node.id);
      if (open[at] === 0 || before === undefined) continue;
      open[at] = 0;
      for (const way of node?.ways ?? []) {
        work.spend(flow.steps);
        const known = entered.get(way.to);
        const passed = flow.pass(before, way);
        if (known === undefined ? flow.isNone?.(passed) : flow.isSame(known, flow.join(known, passed))) continue;
        entered.set(way.to, known === undefined ? passed : flow.join(known, passed));
        const target = place.get(way.to);
        if (target === undefined) continue;
        open[target] = 1;
        if (target <= at) next = Math.min(next, target);
      }
    }
    first = next;
  }
  return entered;
};
