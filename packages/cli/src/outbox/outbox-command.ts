import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { yesOption } from '../command/make-sure.ts';
import { addStoreOptions, withStore } from '../command/stored.ts';
import {
  type DropOptions,
  dropEntry,
  type EntryOptions,
  type ListOptions,
  listEntries,
  type RetryOptions,
  retryEntries,
  showEntry,
} from './outbox-entries.ts';

/** `assent outbox …`: works on the store directly, also while the server runs. */
export const outboxCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const outbox = new Command('outbox').description('Show what is to be sent or could not be, and try it again.');
  const subcommand = (name: string, description: string): Command =>
    addStoreOptions(outbox.command(name).description(description), server);
  const filtered = (command: Command): Command =>
    command
      .option('--kind <kind>', 'of one kind, such as mail, notice, webhook, logout or withdrawal')
      .option('--realm <realm>', 'of one realm, such as /alpha');

  filtered(subcommand('list', 'List what waits to be sent and what was given up; never what it says.'))
    .option('--dead', 'what was given up')
    .option('--waiting', 'what still waits')
    .option('--after <id>', 'go on after that entry')
    .action((options: ListOptions) => inStore(options, listEntries));
  subcommand('show', 'Show one entry, and why it was not sent; never what it says.')
    .argument('<id>', 'as the list and the log have it')
    .action((id: string, options: EntryOptions) => inStore(options, (stored) => showEntry(stored, id)));
  filtered(subcommand('retry', 'Try again what was given up, for as long as at first.'))
    .argument('[id]', 'one entry')
    .option('--all', 'all that was given up')
    .action((id: string | undefined, options: RetryOptions) => inStore(options, (stored) => retryEntries(stored, id)));
  subcommand('drop', 'Take an entry away: it is not sent any more.')
    .argument('<id>', 'as the list and the log have it')
    .addOption(yesOption())
    .action((id: string, options: DropOptions) => inStore(options, (stored) => dropEntry(stored, id)));
  return outbox;
};
