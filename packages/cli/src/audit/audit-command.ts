import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import type { JsonOption } from '../command/command-run.ts';
import { addStoreOptions, withStore } from '../command/stored.ts';
import { showKey } from './trail-keys.ts';
import { type VerifyOptions, verifyTrail } from './verify-trail.ts';

/** `assent audit …`: works on the store directly, also while the server runs, and writes nothing there. */
export const auditCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const audit = new Command('audit').description('Prove that nobody has changed the audit trail.');
  const subcommand = (name: string, description: string): Command =>
    addStoreOptions(audit.command(name).description(description), server);

  subcommand(
    'verify',
    'Look at every row of the audit trail, and say which were changed, moved, put there or taken away.',
  )
    .option(
      '--since-checkpoint <position:hash>',
      'begin at a place that you have kept, as the detail of a row AUDIT_CHECKPOINT has it; it has to be there',
    )
    .action((options: VerifyOptions) => inStore(options, verifyTrail));
  subcommand('key', 'Print the public key that checkpoints of the audit trail are signed with.').action(
    (options: JsonOption) => inStore(options, showKey),
  );
  return audit;
};
