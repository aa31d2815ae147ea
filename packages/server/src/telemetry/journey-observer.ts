import type { JourneyObserver, Visit } from '@assent/engine/host';
import type { Measures } from './measures.ts';

type Came = Awaited<Exclude<Visit, undefined>> | undefined;

/** A node that asks somebody something has no outcome yet. */
const ASKS = 'callbacks';
const FAILED = 'error';

const outcomeOf = (action: Came): string =>
  action === undefined ? FAILED : action.kind === 'send' ? ASKS : action.outcome;

/** Counts the nodes that run, by what they come to. */
export const journeyObserver = (
  { nodeOutcomes, nodeSeconds }: Pick<Measures, 'nodeOutcomes' | 'nodeSeconds'>,
  elapsed: () => number,
): JourneyObserver => ({
  submit: (_journey, run) => run(),
  visit({ type: nodeType }, run) {
    const begin = elapsed();
    const note = (outcome: string): void => {
      nodeOutcomes.add(1, nodeType, outcome);
      nodeSeconds.observe((elapsed() - begin) / 1_000, nodeType);
    };
    let visit: Visit;
    try {
      visit = run();
    } catch (error) {
      note(FAILED);
      throw error;
    }
    if (!(visit instanceof Promise)) {
      note(outcomeOf(visit));
      return visit;
    }
    return visit.then(
      (action) => {
        note(outcomeOf(action));
        return action;
      },
      (error: unknown) => {
        note(FAILED);
        throw error;
      },
    );
  },
});
