import { hash } from 'node:crypto';
import type { Identity } from '@assent/engine';
import { accountKey, MAX_SUBJECT_LENGTH, NEW_PLACES_KINDS } from '@assent/engine/host';

/** A longer subject has somebody's text in it, which belongs into a digest (SEC-46): a mistake of whoever counts. */
export const demandShortSubject = (subject: string): void => {
  if (subject.length > MAX_SUBJECT_LENGTH)
    throw new TypeError('The subject of a counter is too long: hash what is in it.');
};

/** By what counters name an account where they do not name the id of its user. */
export const accountOf = (realm: string, username: string): string =>
  accountKey((text) => hash('sha256', text, 'base64url'), realm, username);

/** A user, as counters name one: by the id, or by the account. */
export interface CountedUser {
  readonly id: string;
  readonly account: string;
}

/** What is counted of users, by which word their subjects begin; a counter of another kind is swept when it has rested. */
const KINDS = [
  'password',
  'strangers',
  'push',
  'push-refused',
  'push-paused',
  'recovery',
  'otp',
  'otp-new',
  'sent-code',
  'kba',
  ...NEW_PLACES_KINDS,
  'export',
  'exports',
  'profile',
  'profile-device',
];
/** Of them, what is counted for each place apart: the place stands behind the name. */
const KINDS_BY_PLACE = ['password', 'push', 'push-refused', 'recovery', 'otp', 'otp-new', 'sent-code', 'kba'];

/** The subjects that are known whole. */
export const countersOf = ({ id, account }: CountedUser): readonly string[] =>
  KINDS.flatMap((kind) => [`${kind}:${id}`, `${kind}:${account}`]);

/** The subjects that are known whole, of a user who is there. */
export const countersOfUser = ({
  id,
  realm,
  username,
}: Pick<Identity, 'id' | 'realm' | 'username'>): readonly string[] =>
  countersOf({ id, account: accountOf(realm, username) });

/** How subjects begin that go on with a place. */
export const countersByPlaceOf = ({ id, account }: CountedUser): readonly string[] =>
  KINDS_BY_PLACE.flatMap((kind) => [`${kind}:${id}:`, `${kind}:${account}:`]);
