import type { Clock } from '@assent/engine';
import { SigningKeys } from '@assent/oidc';
import type { Store } from '@assent/store';

/** What the tokens of realms are signed with, for who works on a store without a server; one that runs meanwhile learns of it by itself. */
export const storedSigningKeys = (store: Pick<Store, 'signingKeys' | 'committer'>, clock: Clock): SigningKeys =>
  new SigningKeys({ signingKeys: store.signingKeys, committer: store.committer, clock });
