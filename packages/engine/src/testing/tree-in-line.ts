import { SUCCESS } from '../model/tree.ts';
import type { TestTree } from './journey-harness.ts';

/** A node of a tree in line: its type, its settings, and where outcomes lead that leave the line. */
export type NodeInLine = readonly [
  type: string,
  config?: Readonly<Record<string, unknown>>,
  others?: Readonly<Record<string, string>>,
];

/** A tree whose nodes have the outcome `outcome`, and follow each other; the last one leads to `end`. */
export const treeInLine = (nodes: readonly NodeInLine[], end = SUCCESS): TestTree => ({
  entry: 'node-0',
  nodes: Object.fromEntries(
    nodes.map(([type, config = {}, others = {}], at) => {
      const next = at + 1 < nodes.length ? `node-${at + 1}` : end;
      return [`node-${at}`, { type, config, to: { ...others, outcome: next } }];
    }),
  ),
});
