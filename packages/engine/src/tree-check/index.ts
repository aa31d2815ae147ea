export { checkTrees, type TreeStrength, treeStrengths } from './check-trees.ts';
export type { CheckedTree, TreeReading } from './parsed-node.ts';
export * from './tree-finding.ts';
