import type { RealmSettings } from '../model/configuration.ts';
import { expired } from '../model/errors.ts';
import type { ContinueRequest } from '../step/journey-requests.ts';
import type { JourneyHost } from './journey-host.ts';

/** Refuses an authId of another realm, and of a journey that is over its time limit. */
export const checkReference = (
  host: JourneyHost,
  { realm: path, reference }: Pick<ContinueRequest, 'realm' | 'reference'>,
): RealmSettings => {
  if (path !== reference.realm) throw expired('The authId belongs to another realm.');
  const realm = host.realm(path);
  if (host.now >= reference.expiresAt) throw expired('The journey is over its time limit.');
  return realm;
};
