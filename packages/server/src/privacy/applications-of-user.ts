import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Identity } from '@assent/engine';
import type { ConsentReader, GrantReader, HeldAccess, SavedConsent } from '@assent/oidc';

/** The scopes of one application can be as long as the settings of a client. */
const AT_ONCE = 10;

/** What one client holds of a user, and what the user has agreed to for it: one of them at least. */
export interface ApplicationOfUser {
  readonly client: string;
  readonly tokens: HeldAccess | undefined;
  readonly consent: SavedConsent | undefined;
}

/** The applications of a user by the ids of their clients, read some in each turn of the event loop. */
export async function* applicationsOfUser(
  {
    grants,
    consents,
  }: { readonly grants: Pick<GrantReader, 'heldOf'>; readonly consents: Pick<ConsentReader, 'ofUser'> },
  { id: userId, credentialRev }: Pick<Identity, 'id' | 'credentialRev'>,
  now: number,
): AsyncGenerator<ApplicationOfUser, void, void> {
  for (let from: string | undefined = ''; from !== undefined; ) {
    // One more than is handed out tells where the next ones begin.
    const page: { readonly from: string; readonly limit: number } = { from, limit: AT_ONCE + 1 };
    const [held, agreed] = await Promise.all([
      grants.heldOf({ userId, credentialRev }, { now, ...page }),
      consents.ofUser(userId, page),
    ]);
    const ids = new Set([...held, ...agreed].map(({ clientId }) => clientId));
    const clients: readonly string[] = [...ids].sort((a, b) => (a < b ? -1 : 1));
    for (const client of clients.slice(0, AT_ONCE)) {
      const tokens = held.find(({ clientId }) => clientId === client);
      yield { client, tokens, consent: agreed.find(({ clientId }) => clientId === client) };
    }
    from = clients[AT_ONCE];
    if (from !== undefined) await nextTurn();
  }
}
