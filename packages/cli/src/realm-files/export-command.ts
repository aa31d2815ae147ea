import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { addStoreOptions, withStore } from '../command/stored.ts';
import { type ExportRealmOptions, exportRealm } from './export-realm.ts';

/** `assent export …`: reads the store directly, also while the server runs. */
export const exportCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const command = new Command('export').description('Write a realm to a file, for another server.');
  addStoreOptions(
    command.command('realm').description('Write the settings, services, journeys, scripts and clients of a realm.'),
    server,
  )
    .argument('<file>', 'the file to make, which only this user may read')
    .option('--realm <realm>', 'the realm, such as /alpha', '/')
    .option('--passphrase-file <file>', 'take the secrets along, sealed under the passphrase in that file')
    .option('--users', 'write its users, too, to a file beside it whose name has .users behind')
    .option('--without-secrets', 'with --users: leave out what users sign in by, instead of sealing it')
    .option('--force', 'replace a file of that name')
    .action((file: string, options: ExportRealmOptions) => inStore(options, (stored) => exportRealm(stored, file)));
  return command;
};
