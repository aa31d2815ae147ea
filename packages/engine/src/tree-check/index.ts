export { checkTrees } from './check-trees.ts';
export type { CheckedTree, TreeReading } from './parsed-node.ts';
export * from './tree-finding.ts';
