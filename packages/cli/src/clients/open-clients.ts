import type { ConfigurationActor, StoredClients } from '@assent/server';
import { CliError } from '../command/cli-error.ts';
import type { JsonOption } from '../command/command-run.ts';
import type { ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { commandLine, realmPath, type Stored, settingsOf } from '../command/stored.ts';

export interface ClientOptions extends JsonOption {
  readonly realm: string;
}

/** What a command needs that works on the clients of a realm. */
export interface OpenedClients<Options extends ClientOptions = ClientOptions> extends Stored<Options>, StoredClients {
  readonly realm: string;
  /** Of the server that runs on the database; where none runs, of the settings of this command. */
  readonly issuer: string;
  /** Whether the issuer is of no server and of no setting. */
  readonly isIssuerGuessed: boolean;
  readonly actor: ConfigurationActor;
}

export type StoredClient = NonNullable<ReturnType<StoredClients['configuration']['client']>>;

/** Opens the clients of the realm that the options name. */
export const openClients = async <Options extends ClientOptions>(
  stored: Stored<Options>,
  work: (opened: OpenedClients<Options>) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const { io, server, store, options } = stored;
  const { settings, sources } = await settingsOf(io, server, options);
  const ofServers = server.publicUrlOfServers(await store.instances.list(), (store.clock ?? io).now());
  const clients = await server.storedClients(store, ofServers ?? settings.publicUrl);
  const isIssuerGuessed = ofServers === undefined && sources.publicUrl === 'default';
  const realm = realmPath(options.realm);
  const found = clients.configuration.realm(realm);
  if (found === undefined) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(realm)}.`, 'assent realm list');
  }
  const { issuer } = clients.clients.settings(found);
  const actor = commandLine(stored);
  return work({ ...stored, ...clients, realm, issuer, isIssuerGuessed, actor });
};

/** The client of that id, or a refusal that says where to look. */
export const knownClient = ({ configuration, realm }: OpenedClients, id: string): StoredClient => {
  const client = configuration.client(realm, id);
  if (client !== undefined) return client;
  throw new CliError(
    'NO_CLIENT',
    `There is no client ${plainText(id)} in the realm ${realm}.`,
    `assent client list --realm ${realm}`,
  );
};
