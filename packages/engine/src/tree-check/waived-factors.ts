import type { FactorKind } from '../model/proven-factors.ts';
import { SUCCESS } from '../model/tree.ts';
import type { RuleFinding } from './tree-finding.ts';
import { type Edge, type GraphNode, leadingTo, nodeName, outcomeName, type TreeGraph } from './tree-graph.ts';
import { bothWaived, isWaived, kindsLeftOut, NOTHING_WAIVED, type WaivedKinds } from './waived-kinds.ts';

const unproving = ({ edges, facts }: GraphNode): readonly Edge[] =>
  edges.filter(({ outcome }) => !facts.secondFactor.proves(outcome));

/**
 * What is known of a user's factors where a node or an end is entered, by the ways that prove no second factor. The sets only grow, and
 * have 32 members at most.
 */
export const waivedOnTheWay = ({ entry, nodes, work }: TreeGraph): ReadonlyMap<string, ReadonlySet<WaivedKinds>> => {
  const entered = new Map<string, Set<WaivedKinds>>([[entry, new Set([NOTHING_WAIVED])]]);
  const open: [id: string, waived: WaivedKinds][] = [[entry, NOTHING_WAIVED]];
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const [id, before] = visit;
    const node = nodes.get(id);
    if (node === undefined) continue;
    for (const { to, provesSecondFactor, waived: kinds } of node.ways) {
      if (provesSecondFactor) continue;
      work.spend(1 + kinds.length);
      for (const waived of kinds) {
        const after = bothWaived(before, waived);
        const known = entered.get(to) ?? new Set();
        if (known.has(after)) continue;
        entered.set(to, known.add(after));
        open.push([to, after]);
      }
    }
  }
  return entered;
};

/** J23: outcomes for want of a factor that lead to Success, also for a user who has a factor of another kind (SEC-88). */
export const leftOutFactorFindings = (graph: TreeGraph): readonly RuleFinding[] => {
  const entered = waivedOnTheWay(graph);
  // The last such outcome on the way is the one to mend: those before it lead to other factors.
  const straightToSuccess = leadingTo(graph.reached, [SUCCESS], (node) =>
    unproving(node).filter(({ outcome }) => node.facts.waived(outcome).includes(NOTHING_WAIVED)),
  );
  return graph.reached.flatMap((node) =>
    unproving(node).flatMap(({ outcome, to }): readonly RuleFinding[] => {
      if (!straightToSuccess.has(to)) return [];
      const waived = node.facts.waived(outcome).filter(isWaived);
      const kinds = [...(entered.get(node.id) ?? [])].flatMap((before) =>
        waived.flatMap((by) => kindsLeftOut(bothWaived(before, by))),
      );
      if (kinds.length === 0) return [];
      return [
        {
          code: 'J23',
          severity: 'error',
          node,
          outcome,
          message: `The outcome ${outcomeName(node, outcome)} of ${nodeName(node)} leads to Success without a second factor, also for a user who has ${namesOf(kinds)}.`,
          fix: 'Ask for each of these kinds on the way, or set considersAllFactors where the node has that setting.',
        },
      ];
    }),
  );
};

const NAMES: Readonly<Record<FactorKind, string>> = {
  push: 'a phone',
  oath: 'a code app',
  webauthn: 'a passkey',
  binding: 'a bound device',
};

const namesOf = (kinds: readonly FactorKind[]): string => {
  const names = Object.entries(NAMES).flatMap(([kind, name]) => (kinds.includes(kind as FactorKind) ? [name] : []));
  return names.join(', ').replace(/, ([^,]*)$/, ' or $1');
};
