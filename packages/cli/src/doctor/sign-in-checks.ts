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

/** Where nothing else proves who signs in, a password is longer (NIST SP 800-63B-4 §3.1.1.2). */
const MIN_ALONE = 15;

/** Realms whose default journey asks for a password alone, and which take a short one (SEC-55). */
export const checkPasswordLength = async (
  server: Server,
  store: Store,
  { publicUrl }: Pick<Settings, 'publicUrl'>,
): Promise<readonly Finding[]> => {
  const { configuration } = await server.storedClients(store, publicUrl);
  return configuration.realms().flatMap(({ realm, active, defaultTree, passwordMinLength }) => {
    if (!active || passwordMinLength >= MIN_ALONE || !server.isPasswordAlone(configuration, realm, defaultTree))
      return [];
    return [
      warning(
        `realm ${realm}`,
        `A password alone signs in by the default journey ${defaultTree}, and may have ${passwordMinLength} characters.`,
        `ask for a second factor in ${defaultTree}, or set passwordMinLength of the service "assent" to ${MIN_ALONE}`,
      ),
    ];
  });
};
