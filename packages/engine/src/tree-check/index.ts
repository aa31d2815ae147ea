export { checkTrees, type TreeCheckOptions } from './check-trees.ts';
export type { CheckedTree } from './parsed-node.ts';
export * from './tree-finding.ts';
