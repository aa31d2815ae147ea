import type { JourneySession } from '../model/journey-sessions.ts';
import type { ShownStep } from '../step/shown-steps.ts';
import { readStored, type StoredState } from '../step/stored-state.ts';

/** Everything that a journey keeps between two requests: what was shown and where it stands; nothing of one that is not kept. */
export const storedJourney = (row: JourneySession | undefined): Partial<StoredState & ShownStep> => {
  if (row === undefined) return {};
  const { state, step } = readStored(row);
  return { ...state, ...step };
};
