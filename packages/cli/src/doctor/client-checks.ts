import type { ClientFinding, Settings } from '@assent/server';
import type { Store } from '@assent/store';
import { plainText } from '../command/plain-text.ts';
import type { Server } from '../command/stored.ts';
import { type Finding, warning } from './check.ts';

/** Whether everything works that clients and providers say, which people may have brought from elsewhere. */
export const checkClients = async (
  server: Server,
  store: Store,
  { publicUrl }: Pick<Settings, 'publicUrl'>,
): Promise<readonly Finding[]> => {
  const { clients, configuration } = await server.storedClients(store, publicUrl);
  return configuration.realms().flatMap((settings) => {
    const { realm } = settings;
    const told = (of: string, findings: readonly ClientFinding[] = []) =>
      findings.map(({ field, problem }) => warning(`realm ${realm}`, plainText(`${of}: ${field} ${problem}.`)));
    return [
      ...told('The service oauth-oidc', clients.provider(settings).findings),
      ...configuration.clients(realm).flatMap(({ id }) => told(`The client ${id}`, clients.read(realm, id)?.findings)),
    ];
  });
};
