import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { EXIT } from '../command/exit-code.ts';
import { addStoreOptions, storedSettings } from '../command/stored.ts';
import { planLines } from './plan-lines.ts';

interface MigrateOptions extends JsonOption {
  readonly plan?: boolean;
}

/** `assent migrate`: brings the schema to what this program knows, while others serve on it (OPS-20). */
export const migrateCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  return addStoreOptions(
    new Command('migrate').description('Bring the schema of the database up to date, or tell what would be done.'),
    server,
  )
    .option('--plan', 'change nothing, and tell what would be done and who would wait')
    .action((options: MigrateOptions) =>
      perform(io, options, async () => {
        const schema = server.schemaOf(await storedSettings(io, server, options));
        const plan = await schema.plan();
        if (options.plan === true) {
          if (options.json === true) printJson(io, { plan });
          else for (const line of planLines(plan)) io.stdout.write(`${line}\n`);
          return EXIT.done;
        }
        await schema.migrate();
        const { version } = await schema.plan();
        if (options.json === true) printJson(io, { migrated: { from: plan.version, to: version } });
        else if (version === plan.version && plan.indexes.length === 0)
          io.stdout.write(`Nothing was to be done: the schema is ${version}.\n`);
        else io.stdout.write(`The schema was ${plan.version}, and is ${version} now.\n`);
        return EXIT.done;
      }),
    );
};
