import { Command, Option } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { addStoreOptions, withStore } from '../command/stored.ts';
import { importRealmAndUsers, type RealmAndUsersOptions } from './import-realm-users.ts';
import type { ImportOptions } from './import-rules.ts';
import { importUsers } from './import-users.ts';
import { FORMATS } from './reading/user-file.ts';

/** `assent import …`: works on the store directly, also while the server runs. */
export const importCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const command = new Command('import').description('Take over what another server has.');
  addStoreOptions(command.command('users').description('Take over users, from LDIF or from answers of AM.'), server)
    .argument('<file...>', 'LDIF, or answers of users?_queryFilter=true as JSON')
    .option('--realm <realm>', 'the realm of the users, such as /alpha', '/')
    .addOption(
      new Option('--format <format>', 'what the files are; told by how each begins where absent').choices(FORMATS),
    )
    .option('--name-attribute <name>', 'where the user name stands, when it is not username or uid')
    .option('--device-key <file>', 'the private key of AM that opens encrypted device profiles, as PEM')
    .option('--dry-run', 'only say what would be done, and what does not come along')
    .option('--update', 'write what differs over users who are there; without it they are refused')
    .option('--resume', 'go on after an import that was cut off: pass over whom it has brought')
    .option('--report <file>', 'write each thing that does not come along to that file, as a line of JSON')
    .action((files: readonly string[], options: ImportOptions) =>
      inStore(options, (stored) => importUsers(stored, files)),
    );
  addStoreOptions(
    command.command('realm').description('Take over a realm, from a file that assent export realm has written.'),
    server,
  )
    .argument('<file>', 'the file')
    .option('--realm <realm>', 'the realm to create or to add to; the one of the file where absent')
    .option('--passphrase-file <file>', 'the passphrase that the secrets in the file are sealed under')
    .option('--without-secrets', 'leave the secrets that are sealed in the file')
    .option('--dry-run', 'only say what would be done')
    .option('--update', 'replace what is there already, and is another, users included; without it that is refused')
    .option('--users', 'bring its users, too, from the file beside it whose name has .users behind')
    .option('--resume', 'with --users: go on after an import that was cut off, and leave the realm as it is')
    .option('--with-erased', 'with --users: bring those, too, who were erased here; without it they are refused')
    .option(
      '--report <file>',
      'with --users: write each thing that does not come along to that file, as a line of JSON',
    )
    .action((file: string, options: RealmAndUsersOptions) =>
      inStore(options, (stored) => importRealmAndUsers(stored, file)),
    );
  return command;
};
