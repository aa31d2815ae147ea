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
