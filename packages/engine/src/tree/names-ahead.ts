/** What the nodes that can be reached from a node, itself included, name: inputs in state, and other trees. */
export interface Ahead {
  /** Whether one of them declares the name as an input. */
  has(name: string): boolean;
  readonly innerTrees: ReadonlySet<string>;
}

/** What of a compiled node is read here. */
interface NamingNode {
  readonly id: string;
  readonly connections: ReadonlyMap<string, string>;
  readonly inputNames: ReadonlySet<string>;
  readonly innerTree?: string;
}

/** So many starts of a tree are kept, each with a byte for each node of the tree. */
const MAX_STARTS = 128;

/**
 * Looks ahead in one tree. The names that nodes declare are in memory once for the tree, and not once for each start: a tree may declare thousands of
 * names and begin anywhere.
 */
export const namesAhead = (nodes: ReadonlyMap<string, NamingNode>): ((from: string) => Ahead) => {
  const all = [...nodes.values()];
  const places = new Map(all.map(({ id }, place) => [id, place]));
  const known = new Map<string, Uint8Array>();
  let declaring: Map<string, number[]> | undefined;

  const reachedFrom = (from: string): Uint8Array => {
    const before = known.get(from);
    if (before !== undefined) return before;
    const reached = new Uint8Array(all.length);
    const open = [from];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const place = places.get(id);
      if (place === undefined || reached[place] === 1) continue;
      reached[place] = 1;
      for (const to of all[place]?.connections.values() ?? []) open.push(to);
    }
    if (known.size >= MAX_STARTS) known.clear();
    known.set(from, reached);
    return reached;
  };

  const placesDeclaring = (name: string): readonly number[] => {
    if (declaring === undefined) {
      declaring = new Map();
      for (const [place, { inputNames }] of all.entries()) {
        for (const input of inputNames) {
          const others = declaring.get(input);
          if (others === undefined) declaring.set(input, [place]);
          else others.push(place);
        }
      }
    }
    return declaring.get(name) ?? [];
  };

  return (from) => {
    const reached = reachedFrom(from);
    return {
      has: (name) => placesDeclaring(name).some((place) => reached[place] === 1),
      get innerTrees() {
        return new Set(all.flatMap(({ innerTree }, place) => (reached[place] === 1 ? (innerTree ?? []) : [])));
      },
    };
  };
};
