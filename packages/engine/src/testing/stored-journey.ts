import type { ShownStep } from '../journey/shown-steps.ts';
import { readState, readStep, type StoredState } from '../journey/stored-state.ts';
import type { JourneySession } from '../model/journey-sessions.ts';

/** Everything that a journey keeps between two requests: what was shown and where it stands; nothing of one that is not kept. */
export const storedJourney = (row: JourneySession | undefined): Partial<StoredState & ShownStep> =>
  row === undefined ? {} : { ...readState(row.state), ...readStep(row.state) };
