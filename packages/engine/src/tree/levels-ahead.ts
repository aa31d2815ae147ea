import { SUCCESS } from '../model/tree.ts';
import { innermostFirst, loopsOf } from './loops.ts';

/** What of a compiled node is read here. */
interface LeveledNode {
  readonly id: string;
  readonly authLevelGain: number;
  readonly connections: ReadonlyMap<string, string>;
}

/** The nodes of one loop, or one node that is in no loop. */
interface Group {
  readonly nodes: LeveledNode[];
  /** Where the connections of its nodes lead. */
  readonly targets: string[];
}

/**
 * By node, the most that the level can grow from there to Success; a node that is absent does not lead there. Each node and each connection is looked
 * at once. All nodes of a loop have the same bound: the best way out of the loop, and no bound where a round raises the level.
 */
export const levelsAhead = (nodes: ReadonlyMap<string, LeveledNode>): ReadonlyMap<string, number> => {
  const loops = loopsOf([...nodes.keys()], (id) => [...(nodes.get(id)?.connections.values() ?? [])]);
  const groupOf = (id: string): string => `${loops.get(id) ?? `of ${id}`}`;
  const groups = new Map<string, Group>();
  for (const node of nodes.values()) {
    const group = groups.get(groupOf(node.id)) ?? { nodes: [], targets: [] };
    groups.set(groupOf(node.id), group);
    group.nodes.push(node);
    for (const to of node.connections.values()) group.targets.push(to);
  }
  const levels = new Map([[SUCCESS, 0]]);
  const next = (name: string) => (groups.get(name)?.targets ?? []).map(groupOf);
  for (const name of innermostFirst([...groups.keys()], next)) {
    const group = groups.get(name);
    let best: number | undefined;
    for (const to of group?.targets ?? []) {
      const level = levels.get(to);
      if (level !== undefined) best = Math.max(best ?? Number.NEGATIVE_INFINITY, level);
    }
    if (group === undefined || best === undefined) continue;
    for (const { id, authLevelGain } of group.nodes) {
      if (!loops.has(id)) levels.set(id, authLevelGain + best);
      else levels.set(id, group.nodes.some((node) => node.authLevelGain > 0) ? Number.POSITIVE_INFINITY : best);
    }
  }
  return levels;
};
