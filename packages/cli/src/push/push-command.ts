import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { addStoreOptions, withStore } from '../command/stored.ts';
import { type TraceOptions, tracePushes } from './push-trace.ts';

/** `assent push …`: works on the store directly, also while the server runs. */
export const pushCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const push = new Command('push').description('Show what became of requests to phones.');
  addStoreOptions(push.command('trace'), server)
    .description('Show each step of a request with its time, instance and phone, and what to do next.')
    .argument('[id]', 'one request, as the list and the log have it')
    .option('--user <name>', 'the newest requests of a user')
    .option('--realm <realm>', 'the realm of that user; the root realm if absent')
    .option('--after <place>', 'go on after that place of the list')
    .action((id: string | undefined, options: TraceOptions) => inStore(options, (stored) => tracePushes(stored, id)));
  return push;
};
