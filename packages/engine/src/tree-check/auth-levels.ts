import { FAILURE, SUCCESS } from '../model/tree.ts';
import { type LevelChange, levelAfter, SAME_LEVEL } from './level-change.ts';
import { type PathStep, pathTo } from './proof-flow.ts';
import type { TreeGraph } from './tree-graph.ts';

interface LevelStep extends PathStep {
  readonly level: number;
  readonly from?: { readonly step: LevelStep; readonly outcome: string };
}

/** A level is compared in each round, and its path is kept. */
const STEPS_OF_LEVEL = 8;

/**
 * The lowest level with which a path enters each node and end. As many rounds as there are nodes reach every path; a level that still falls
 * afterwards falls in a loop, and has no bound but the one that a node compares it with.
 */
const lowestLevels = (
  { entry, nodes, work }: TreeGraph,
  level: number,
  counts: (change: LevelChange) => LevelChange = (change) => change,
): ReadonlyMap<string, LevelStep> => {
  const lowest = new Map<string, LevelStep>([[entry, { id: entry, level }]]);
  let open = new Set([entry]);
  for (let round = 0; open.size > 0; round += 1) {
    const next = new Set<string>();
    for (const id of open) {
      const step = lowest.get(id);
      const node = nodes.get(id);
      if (step === undefined || node === undefined) continue;
      for (const { outcome, to, authLevel } of node.ways) {
        work.spend(STEPS_OF_LEVEL);
        const change = counts(authLevel);
        const known = lowest.get(to);
        const reached = levelAfter(step.level, change);
        if (known !== undefined && known.level <= reached) continue;
        lowest.set(to, { id: to, level: round < nodes.size ? reached : change.least, from: { step, outcome } });
        next.add(to);
      }
    }
    open = next;
  }
  return lowest;
};

/** What happens to the level between the start of a tree and each of its ends. */
export const levelChangesOfTree = (graph: TreeGraph): Readonly<Record<'atSuccess' | 'atFailure', LevelChange>> => {
  const gains = lowestLevels(graph, 0, (change) => ({ ...SAME_LEVEL, gain: change.gain }));
  // The level that a comparison ensures does not depend on the one at the start.
  const leasts = lowestLevels(graph, Number.NEGATIVE_INFINITY);
  const changeAt = (end: string): LevelChange => {
    const gain = gains.get(end);
    const least = leasts.get(end);
    return gain === undefined || least === undefined ? SAME_LEVEL : { gain: gain.level, least: least.level };
  };
  return { atSuccess: changeAt(SUCCESS), atFailure: changeAt(FAILURE) };
};

/** By graph, how a path comes to Success with the lowest level: many levels may name the same journey. */
const lowestAtSuccess = new WeakMap<TreeGraph, { readonly end: LevelStep | undefined }>();

/** A path that comes to Success with a lower level, and how low that is; undefined where there is none. */
export const pathBelowLevel = (
  graph: TreeGraph,
  level: number,
): { readonly path: string; readonly level: number } | undefined => {
  const { end } = lowestAtSuccess.get(graph) ?? { end: lowestLevels(graph, 0).get(SUCCESS) };
  lowestAtSuccess.set(graph, { end });
  return end === undefined || end.level >= level ? undefined : { path: pathTo(end, graph.nodes), level: end.level };
};
