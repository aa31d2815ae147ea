export {
  checkTrees,
  classFindings,
  type FindingOfNamed,
  journeyFindings,
  levelFindings,
  type TreeProofs,
  type TreeStrength,
  treeProofs,
  treeStrengths,
} from './check-trees.ts';
export type { MappedClass } from './class-rules.ts';
export { STEPS_OF_COMMAND, STEPS_OF_REQUEST, STEPS_OF_TREE } from './graph/check-work.ts';
export type { LevelJourney } from './level-rules.ts';
export type { CheckedTree, TreeReading } from './parsed-node.ts';
export { backChannelTreesIn, innerTreesIn, type NamedScripts, scriptsIn, treesAround } from './read-trees.ts';
export * from './tree-finding.ts';
