import type { JourneySession } from '../journey-sessions.ts';
import type { ShownStep } from '../shown-steps.ts';
import { readState, readStep, type StoredState } from '../stored-state.ts';

/** Everything that a journey keeps between two requests: what was shown and where it stands; nothing of one that is not kept. */
export const storedJourney = (row: JourneySession | undefined): Partial<StoredState & ShownStep> =>
  row === undefined ? {} : { ...readState(row.state), ...readStep(row.state) };
