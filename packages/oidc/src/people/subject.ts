import type { Identity } from '@assent/engine';
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
