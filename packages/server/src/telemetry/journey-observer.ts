import { cameTo, type JourneyObserver, type Visit } from '@assent/engine/host';
import type { Measures } from './measures.ts';

/** Counts the nodes that run, by what they come to. */
export const journeyObserver = (
  { nodeOutcomes, nodeSeconds }: Pick<Measures, 'nodeOutcomes' | 'nodeSeconds'>,
  elapsed: () => number,
): JourneyObserver => ({
  submit: (_journey, run) => run(),
  visit(node, run) {
    const { type: nodeType } = node;
    const begin = elapsed();
    const note = (outcome: string): void => {
      nodeOutcomes.add(1, nodeType, outcome);
      nodeSeconds.observe((elapsed() - begin) / 1_000, nodeType);
    };
    let visit: Visit;
    try {
      visit = run();
    } catch (error) {
      note(cameTo(node, undefined));
      throw error;
    }
    if (!(visit instanceof Promise)) {
      note(cameTo(node, visit));
      return visit;
    }
    return visit.then(
      (action) => {
        note(cameTo(node, action));
        return action;
      },
      (error: unknown) => {
        note(cameTo(node, undefined));
        throw error;
      },
    );
  },
});
