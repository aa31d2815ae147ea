import { expired } from '../model/errors.ts';
import type { ContinueRequest, JourneyStatus } from '../step/journey-requests.ts';
import { readStored } from '../step/stored-state.ts';
import type { JourneyHost } from './journey-host.ts';
import { checkReference } from './reference.ts';

/**
 * Says where a journey stands and moves nothing; what a submit of the reference would be refused for is refused here too.
 * Undefined for a first step that is stored nowhere.
 */
export const status = async (
  host: JourneyHost,
  wanted: Pick<ContinueRequest, 'realm' | 'reference'>,
): Promise<JourneyStatus | undefined> => {
  checkReference(host, wanted);
  const { reference } = wanted;
  const row = await host.dependencies.journeySessions.get(reference.journeyId);
  if (row === undefined) {
    if (reference.start === undefined) throw expired('No such journey.');
    return undefined;
  }
  if (row.ended) throw expired('The journey has finished.');
  if (row.nonce !== reference.nonce) throw expired('The authId was used already.');
  const { shared, identity } = readStored(row).state;
  return { journeyId: row.id, shared, ...(identity !== undefined && { identifiedUser: identity }) };
};
