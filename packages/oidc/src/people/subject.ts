import type { Identity } from '@assent/engine';
import type { IdentityDirectory } from '@assent/engine/host';
import type { ProviderSettings } from '../model/provider.ts';

/** What tokens call a user (spec: oidc §2.3). */
export const subjectOf = (
  { id, username }: Pick<Identity, 'id' | 'username'>,
  { subject }: Pick<ProviderSettings, 'subject'>,
): string => {
  if (subject === 'username') return username;
  return subject === 'am' ? `(usr!${username})` : id;
};

/** `sub`; where that is AM's form of a name, the name stands beside it, as AM has it. */
export const subjectClaims = (
  identity: Pick<Identity, 'id' | 'username'>,
  settings: Pick<ProviderSettings, 'subject'>,
): Readonly<Record<'sub', string> & Partial<Record<'subname', string>>> => ({
  sub: subjectOf(identity, settings),
  ...(settings.subject === 'am' && { subname: identity.username }),
});

const AM_SUBJECT = /^\(usr!(.+)\)$/;

/** Whom a token of the realm calls so, as `subjectOf` would today: for what is asked about somebody who is not there. */
export const userOfSubject = async (
  realm: string,
  sub: string,
  { subject }: Pick<ProviderSettings, 'subject'>,
  identities: Pick<IdentityDirectory, 'find' | 'findById'>,
): Promise<Identity | undefined> => {
  if (subject === 'id') {
    const identity = await identities.findById(sub);
    return identity?.realm === realm ? identity : undefined;
  }
  const username = subject === 'username' ? sub : AM_SUBJECT.exec(sub)?.[1];
  return username === undefined ? undefined : identities.find(realm, username);
};
