import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { addStoreOptions, withStore } from '../command/stored.ts';
import { type RotateOptions, rotateKeys } from './rotate-keys.ts';

/** `assent key …`: works on the store directly, also while the server runs. */
export const keyCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const key = new Command('key').description('Replace the keys of the server.');
  addStoreOptions(
    key.command('rotate').description('Replace keys by new ones; what the ones before have signed stays good.'),
    server,
  )
    .option('--oidc', 'the keys that tokens for applications are signed with')
    .option('--realm <realm>', 'whose keys, such as /alpha', '/')
    .option('--now', 'let the new keys sign at once, and not in a day: for a key that somebody may have')
    .action((options: RotateOptions) => inStore(options, rotateKeys));
  return key;
};
