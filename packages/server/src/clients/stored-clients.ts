import type { Store } from '@assent/store';
import { CommitAuthority, type SystemReason } from '../realms/commit-authority.ts';
import { ConfigurationWrites, type Decision } from '../realms/configuration-writes.ts';
import { LiveConfiguration } from '../realms/live-configuration.ts';
import { secretDigester } from './client-secret.ts';
import { RealmClients } from './realm-clients.ts';

/**
 * The configuration and the clients of a store for commands that work without a server, also those of realms that are switched off. A server
 * that runs meanwhile learns of every change by itself.
 */
export const storedClients = async (
  store: Pick<Store, 'configuration' | 'committer' | 'secrets'>,
  publicUrl: string,
  reason: SystemReason = 'command line',
) => {
  const authority = CommitAuthority.ofSystem(reason);
  const configuration = await LiveConfiguration.open(store.configuration, { includesInactiveRealms: true });
  const writes = new ConfigurationWrites(configuration, store.committer);
  return {
    configuration,
    clients: new RealmClients(configuration, publicUrl),
    writes: { decided: <D extends Decision>(decide: () => D): Promise<D> => writes.decided(authority, decide) },
    /** Its key is made when it is first needed: who only looks changes nothing. */
    digestOfSecret: async (secret: string) => (await secretDigester(store.secrets))(secret),
  };
};

export type StoredClients = Awaited<ReturnType<typeof storedClients>>;
