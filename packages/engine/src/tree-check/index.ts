export {
  checkTrees,
  classFindings,
  type FindingOfNamed,
  levelFindings,
  type TreeProofs,
  type TreeStrength,
  treeProofs,
  treeStrengths,
} from './check-trees.ts';
export type { MappedClass } from './class-rules.ts';
export type { LevelJourney } from './level-rules.ts';
export type { CheckedTree, TreeReading } from './parsed-node.ts';
export * from './tree-finding.ts';
