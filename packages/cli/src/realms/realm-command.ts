import type { StoredClients } from '@assent/server';
import { Command } from 'commander';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { makeSure, type YesOption, yesOption } from '../command/make-sure.ts';
import { plainText } from '../command/plain-text.ts';
import type { ReasonOption } from '../command/reason.ts';
import { addStoreOptions, commandLine, realmPath, type Stored, withStore } from '../command/stored.ts';
import { refuseUnusablePath, refuseWhileLeaving } from './new-realm-path.ts';
import { listProposals, rejectProposal } from './realm-proposals.ts';
import { type SetServiceOptions, serviceNames, setService } from './realm-service.ts';

type DeleteOptions = JsonOption & YesOption;

/** `assent realm …`: works on the store directly; a running server notices by itself. */
export const realmCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const realm = new Command('realm').description('Create, list, set up and delete realms.');
  const subcommand = (name: string, description: string): Command =>
    addStoreOptions(realm.command(name).description(description), server);

  subcommand('create', 'Create a realm with the shipped journeys.')
    .argument('<path>', 'such as /alpha, or /alpha/beta below it')
    .action((path: string, options: JsonOption) => inStore(options, (stored) => createRealm(stored, path)));
  subcommand('list', 'List the realms.').action((options: JsonOption) => inStore(options, listRealms));
  subcommand('set-service', 'Set a service of a realm, such as pushNotification or oauth-oidc, from a JSON file.')
    .argument('<type>', `one of ${serviceNames(server)}`)
    .requiredOption('--file <file>', 'the settings; what it leaves out gets its default')
    .option('--text <name=file...>', 'settings that are the text of a file, such as key=AuthKey.p8', [])
    .option('--realm <path>', 'whose service it is', '/')
    .action((type: string, options: SetServiceOptions) => inStore(options, (stored) => setService(stored, type)));
  subcommand('delete', 'Delete a realm with all its users, journeys and sessions.')
    .argument('<path>', 'such as /alpha')
    .addOption(yesOption())
    .action((path: string, options: DeleteOptions) => inStore(options, (stored) => deleteRealm(stored, path)));
  const ofRealm = (command: Command): Command => command.option('--realm <path>', 'the realm in which it waits', '/');
  ofRealm(subcommand('proposals', 'List the changes that wait for a second administrator.')).action(
    (options: JsonOption & { readonly realm: string }) => inStore(options, listProposals),
  );
  ofRealm(subcommand('reject', 'Reject a change that waits for a second administrator; only a person approves one.'))
    .argument('<id>', 'as `assent realm proposals` lists it')
    .option('--reason <text>', 'why; it is kept, so put no name into it')
    .action((id: string, options: JsonOption & ReasonOption & { readonly realm: string }) =>
      inStore(options, (stored) => rejectProposal(stored, id)),
    );
  return realm;
};

const createRealm = async (stored: Stored<JsonOption>, given: string): Promise<ExitCode> => {
  const { server, settings, store } = stored;
  const path = realmPath(given);
  await refuseUnusablePath(stored, path);
  const realm = server.newRealmSettings(path, settings.publicUrl);
  const { configuration, writes } = await server.storedClients(store, settings.publicUrl);
  try {
    await writes.decided(() => {
      if (configuration.realm(path) === undefined)
        return server.createdRealm(realm, server.equipmentOf(path), commandLine(stored));
      throw new CliError('EXISTS', `There is a realm ${path} already.`);
    });
  } catch (error) {
    if (error instanceof server.ChangeRefused) await refuseWhileLeaving(stored, path);
    throw error;
  }
  return said(stored, `Realm ${path} was created.`, path);
};

const listRealms = async (stored: Stored<JsonOption>): Promise<ExitCode> => {
  const { io, store, options } = stored;
  const { realms } = await store.configuration.load();
  for (const { realm, active, defaultTree } of realms) {
    if (options.json === true) printJson(io, { realm: { path: realm, active, defaultTree } });
    else io.stdout.write(`${realm}${active ? '' : '  (inactive)'}\n`);
  }
  return EXIT.done;
};

const deleteRealm = async (stored: Stored<DeleteOptions>, given: string): Promise<ExitCode> => {
  const { server, settings, store } = stored;
  const path = realmPath(given);
  if (path === '/') throw new CliError('IN_USE', 'The root realm cannot be deleted.');
  const { configuration, writes } = await server.storedClients(store, settings.publicUrl);
  refuseUndeletable(configuration, path);
  await makeSure(stored, `Delete ${path} with all its users and journeys?`, 'Nothing was deleted.');
  await writes.decided(() => {
    refuseUndeletable(configuration, path);
    return server.deletedRealm(path, commandLine(stored));
  });
  return said(stored, `Realm ${path} was deleted.`, path);
};

const refuseUndeletable = (configuration: StoredClients['configuration'], path: string): void => {
  if (configuration.realm(path) === undefined) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(path)}.`, 'assent realm list');
  }
  const paths = configuration.realms().map(({ realm }) => realm);
  const below = paths.filter((it) => it.startsWith(`${path}/`));
  if (below.length === 0) return;
  throw new CliError(
    'IN_USE',
    `There are realms below ${path}: ${below.join(', ')}.`,
    `assent realm delete ${below.at(-1)}`,
  );
};

const said = ({ io, options }: Stored<JsonOption>, sentence: string, path: string): ExitCode => {
  if (options.json === true) printJson(io, { realm: { path } });
  else io.stdout.write(`${sentence}\n`);
  return EXIT.done;
};
