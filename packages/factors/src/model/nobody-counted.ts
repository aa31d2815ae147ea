import { hash } from 'node:crypto';
import { accountKey, type UnitOfWork } from '@assent/engine/host';

/** By what guesses are counted at a name that nobody has, so that it locks as that of a user does (SEC-59). */
export const nobodyCounted = ({ realm }: Pick<UnitOfWork, 'realm'>, username: string): string =>
  `nobody:${accountKey((text) => hash('sha256', text, 'base64url'), realm.realm, username)}`;
