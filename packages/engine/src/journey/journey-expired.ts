import { JourneyError } from '../model/errors.ts';

/** Why an authId moves nothing any more; clients are told no more than that the journey has expired. */
export const expired = (reason: string): JourneyError => new JourneyError('JOURNEY_EXPIRED', { reason });
