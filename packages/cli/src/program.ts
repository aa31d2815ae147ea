import { Command } from 'commander';
import { type CliIo, nodeCliIo } from './command/cli-io.ts';
import { underIo } from './command/command-run.ts';
import { ownVersion } from './command/program-version.ts';

interface Entry {
  readonly name: string;
  readonly description: string;
  /** Loaded when it is asked for: the phone starts without the server. */
  readonly load: (io: CliIo) => Promise<Command>;
}

const ENTRIES: readonly Entry[] = [
  {
    name: 'serve',
    description: 'Run the server.',
    load: async (io) => underIo(io, await (await import('./serve/serve-command.ts')).serveCommand(io)),
  },
  {
    name: 'phone',
    description: 'Be the phone: register it, see requests to sign in, and answer them.',
    load: async () => {
      const [{ phoneCommand }, { nodePhoneIo }] = await Promise.all([
        import('./phone/commands/phone-command.ts'),
        import('./phone/account/phone-io.ts'),
      ]);
      return phoneCommand(nodePhoneIo());
    },
  },
  {
    name: 'user',
    description: 'Create, show and delete users, and set their passwords.',
    load: async (io) => underIo(io, await (await import('./users/user-command.ts')).userCommand(io)),
  },
  {
    name: 'import',
    description: 'Take over users of another server, or a realm from a file.',
    load: async (io) => underIo(io, await (await import('./imports/import-command.ts')).importCommand(io)),
  },
  {
    name: 'export',
    description: 'Write a realm to a file, for another server.',
    load: async (io) => underIo(io, await (await import('./realm-files/export-command.ts')).exportCommand(io)),
  },
  {
    name: 'realm',
    description: 'Create, list and delete realms.',
    load: async (io) => underIo(io, await (await import('./realms/realm-command.ts')).realmCommand(io)),
  },
  {
    name: 'client',
    description: 'Create, show, import and delete applications that people sign in to.',
    load: async (io) => underIo(io, await (await import('./clients/client-command.ts')).clientCommand(io)),
  },
  {
    name: 'key',
    description: 'Show, replace and destroy the keys of the server.',
    load: async (io) => underIo(io, await (await import('./keys/key-command.ts')).keyCommand(io)),
  },
  {
    name: 'audit',
    description: 'Prove that nobody has changed the audit trail.',
    load: async (io) => underIo(io, await (await import('./audit/audit-command.ts')).auditCommand(io)),
  },
  {
    name: 'outbox',
    description: 'Show what is to be sent or could not be, and try it again.',
    load: async (io) => underIo(io, await (await import('./outbox/outbox-command.ts')).outboxCommand(io)),
  },
  {
    name: 'instances',
    description: 'List the servers that share the database, and where they differ.',
    load: async (io) => underIo(io, await (await import('./instances/instances-command.ts')).instancesCommand(io)),
  },
  {
    name: 'migrate',
    description: 'Bring the schema of the database up to date, or tell what would be done.',
    load: async (io) => underIo(io, await (await import('./migrate/migrate-command.ts')).migrateCommand(io)),
  },
  {
    name: 'upgrade-check',
    description: 'Tell whether servers can be replaced by this version one after the other.',
    load: async (io) => underIo(io, await (await import('./migrate/upgrade-check-command.ts')).upgradeCheckCommand(io)),
  },
  {
    name: 'backup',
    description: 'Copy the database while the server works on it.',
    load: async (io) => underIo(io, await (await import('./backup/backup-command.ts')).backupCommand(io)),
  },
  {
    name: 'restore',
    description: 'Put a backup of the database back, and end what was under way then.',
    load: async (io) => underIo(io, await (await import('./backup/restore-command.ts')).restoreCommand(io)),
  },
  {
    name: 'store',
    description: 'Move the data from SQLite to PostgreSQL.',
    load: async (io) => underIo(io, await (await import('./store/store-command.ts')).storeCommand(io)),
  },
  {
    name: 'push',
    description: 'Show what became of requests to phones.',
    load: async (io) => underIo(io, await (await import('./push/push-command.ts')).pushCommand(io)),
  },
  {
    name: 'journey',
    description: 'Check and list journeys.',
    load: async (io) => underIo(io, await (await import('./journeys/journey-command.ts')).journeyCommand(io)),
  },
  {
    name: 'health',
    description: 'Ask the server that runs here whether it is ready.',
    load: async (io) => underIo(io, await (await import('./health/health-command.ts')).healthCommand(io)),
  },
  {
    name: 'doctor',
    description: 'Check the installation, and say what to do about what is wrong.',
    load: async (io) => underIo(io, await (await import('./doctor/doctor-command.ts')).doctorCommand(io)),
  },
];

const AFTER_HELP = `
Exit codes: 0 done, 1 the answer is no or it could not be done, 2 wrong usage or
settings, 3 nobody answers; upgrade-check says no by 3.
Which database is meant, a command knows as the server does: by the same
variables and the same assent.config.json in this directory, or by its flags.
In the package, docs/guides/README.md lists the guides, and
docs/reference/commands.md all of this.`;

/** The command line; of commands that are not wanted there is what the help says of them, and no more. */
const createProgram = async (io: CliIo, isWanted: (name: string) => boolean): Promise<Command> => {
  const program = underIo(
    io,
    new Command('assent')
      .description('Assent: a login server whose users say yes with their phone.')
      .version(ownVersion(), '--version', 'print the version')
      .addHelpText('after', AFTER_HELP),
  );
  for (const entry of ENTRIES) {
    if (isWanted(entry.name)) program.addCommand(await entry.load(io));
    else program.command(entry.name).description(entry.description);
  }
  return program;
};

/** Every command with all of its options, as the reference tells of them. */
export const wholeProgram = (): Promise<Command> => createProgram(nodeCliIo(), () => true);

/** Runs `assent` with the arguments after its name. */
export const run = async (io: CliIo, args: readonly string[]): Promise<void> => {
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const program = await createProgram(io, (name) => name === first || (first === 'help' && name === second));
  await program.parseAsync([...args], { from: 'user' });
};
