import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { yesOption } from '../command/make-sure.ts';
import { addStoreOptions, withStore } from '../command/stored.ts';
import { type DestroyOptions, destroyKeys } from './destroy-keys.ts';
import { type ListOptions, listKeys } from './list-keys.ts';
import { type RotateOptions, rotateKeys } from './rotate-keys.ts';

/** `assent key …`: works on the store directly, also while servers run. */
export const keyCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const key = new Command('key').description('Show, replace and destroy the keys of the server.');
  addStoreOptions(
    key.command('list').description('List the keys, what each is for, and what still rests on it; never the keys.'),
    server,
  )
    .option('--records', 'count the records under every key that seals, and not only under those that are replaced')
    .action((options: ListOptions) => inStore(options, listKeys));
  addStoreOptions(
    key
      .command('rotate')
      .description('Replace keys by new ones while servers run; what was made with the ones before stays good.')
      .argument('[kinds...]', 'of the list, such as auth-id or sealing:device; sealing or all for several'),
    server,
  )
    .option('--oidc', 'the keys that tokens for applications are signed with')
    .option('--realm <realm>', 'whose keys of --oidc, such as /alpha', '/')
    .option('--master', 'the key that all keys that seal lie under')
    .option('--new-key-file <file>', 'where the new master key is, where the one in use is set by ASSENT_MASTER_KEY')
    .option('--good-for <time>', 'how long what the keys before have signed stays good, such as 90m or 7d')
    .option('--now', 'use the new keys at once; what those before have signed is good no more: for one that has leaked')
    .action((kinds: readonly string[], options: RotateOptions) => inStore({ ...options, kinds }, rotateKeys));
  addStoreOptions(
    key
      .command('destroy')
      .description('Delete keys that are retired, for good.')
      .argument('[kind]', 'of the list, such as auth-id')
      .argument('[id]', 'its number in the list'),
    server,
  )
    .option('--retired', 'all that are retired')
    .option('--master', 'the file of the master key before this one; backups from before need it')
    .option('--with-records', 'also where records name it that no key opens any more')
    .addOption(yesOption())
    .action((kind: string | undefined, id: string | undefined, options: DestroyOptions) =>
      inStore({ ...options, ...(kind !== undefined && { kind }), ...(id !== undefined && { id }) }, destroyKeys),
    );
  return key;
};
