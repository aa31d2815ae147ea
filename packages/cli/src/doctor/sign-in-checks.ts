import type { Settings } from '@assent/server';
import type { Store } from '@assent/store';
import type { Server } from '../command/stored.ts';
import { type Finding, warning } from './check.ts';

/** Whether the classes of sign-in that applications ask for are what they say. */
export const checkSignInClasses = async (
  server: Server,
  store: Store,
  { publicUrl }: Pick<Settings, 'publicUrl'>,
): Promise<readonly Finding[]> => {
  const { clients, configuration } = await server.storedClients(store, publicUrl);
  return configuration.realms().flatMap((realm) => {
    const { treeOfAcr } = clients.settings(realm);
    return server
      .acrProblems(configuration, realm.realm, treeOfAcr)
      .map((text) => warning(`realm ${realm.realm}`, text, 'loaMapping of the service oauth-oidc'));
  });
};
