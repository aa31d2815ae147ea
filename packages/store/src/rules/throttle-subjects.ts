import { hash } from 'node:crypto';
import { accountKey, MAX_SUBJECT_LENGTH } from '@assent/engine/host';

/** A longer subject has somebody's text in it, which belongs into a digest (SEC-46): a mistake of whoever counts. */
export const demandShortSubject = (subject: string): void => {
  if (subject.length > MAX_SUBJECT_LENGTH)
    throw new TypeError('The subject of a counter is too long: hash what is in it.');
};

/** By what counters name an account where they do not name the id of its user. */
export const accountOf = (realm: string, username: string): string =>
  accountKey((text) => hash('sha256', text, 'base64url'), realm, username);

/** A user's counters: their subject names the id of the user, or the account, between colons. */
export const isCounterOf = (subject: string, userId: string, account: string): boolean =>
  subject.split(':').some((part) => part === userId || part === account);
