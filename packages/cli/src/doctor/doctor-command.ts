import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { type LoadedSettings, SettingsRefused } from '@assent/server';
import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { hintLine, withCommand } from '../command/hint-line.ts';
import { addSettingOptions } from '../command/settings-options.ts';
import { type Server, settingsOf } from '../command/stored.ts';
import { type Examined, type Finding, ok, problem, warning } from './check.ts';
import { CHECKS, type Check } from './checks.ts';
import { databaseProblem, type KnownDatabase } from './database-checks.ts';
import { checkNodeSecrets, checkServiceSecrets, withServicesInForce } from './services-in-force.ts';
import { simulateDeliveries } from './simulated-delivery.ts';

interface DoctorOptions extends JsonOption {
  readonly simulate?: boolean;
}

/** `assent doctor`: looks, and changes nothing. Exit 1 where something is a problem. */
export const doctorCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const command = new Command('doctor')
    .description('Check the installation, and say what to do about what is wrong. Takes the flags of assent serve.')
    .option('--json', 'print one JSON object per line and nothing else')
    .option('--simulate', 'look at nothing, and deliver messages by push providers that are played on this machine');
  return addSettingOptions(command, server.SETTINGS).action((options: DoctorOptions) =>
    perform(io, options, async () =>
      report(
        io,
        options,
        options.simulate === true ? await simulateDeliveries(() => io.now()) : await examine(io, server, options),
      ),
    ),
  );
};

/** What the checks of one kind find out, in their order. */
const findingsOf = async <K extends Check['of']>(
  kind: K,
  look: (check: Extract<Check, { readonly of: K }>) => ReturnType<Check['look']>,
): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    if (check.of === kind) findings.push(...(await look(check as Extract<Check, { readonly of: K }>)));
  }
  return findings;
};

const examine = async (io: CliIo, server: Server, options: JsonOption): Promise<readonly Finding[]> => {
  const ofMachine = await findingsOf('machine', (check) => check.look(io));
  let loaded: LoadedSettings;
  try {
    loaded = await settingsOf(io, server, options);
  } catch (error) {
    if (!(error instanceof SettingsRefused)) throw error;
    return [...ofMachine, ...error.problems.map((message) => problem('settings', message))];
  }
  const dataDir = resolve(io.cwd, loaded.settings.dataDir);
  const examined: Examined = { io, server, settings: { ...loaded.settings, dataDir } };
  return [
    ...ofMachine,
    ...(await findingsOf('settings', (check) => check.look(examined))),
    ...(await examineDatabase(examined)),
    ...(await findingsOf('surroundings', (check) => check.look(examined))),
  ];
};

/** Looks at the database from outside first: one that is behind would be changed by being opened, and the doctor changes nothing. */
const examineDatabase = async (examined: Examined): Promise<readonly Finding[]> => {
  const { server, settings } = examined;
  if (settings.databaseUrl === 'memory:')
    return [warning('database', 'Everything is kept in memory, and lost at the end.')];
  if (settings.databaseUrl === undefined && !existsSync(resolve(settings.dataDir, 'assent.db')))
    return [ok('database', 'There is none yet; the first start makes it.')];
  const findings: Finding[] = [];
  try {
    const facts = await server.databaseFacts(settings);
    const isReadable = facts === undefined || facts.closedTables.length === 0;
    const known: KnownDatabase = { facts, plan: isReadable ? await server.schemaOf(settings).plan() : undefined };
    findings.push(...(await findingsOf('database', (check) => check.look(examined, known))));
    if (known.plan?.version === 0) findings.push(ok('database', 'It has no tables yet; the first start makes them.'));
    else if (known.plan?.migrations.length === 0 && findings.every(({ status }) => status !== 'problem'))
      findings.push(...(await examineStore(examined)));
  } catch (error) {
    findings.push(databaseProblem(error));
  }
  return findings;
};

const examineStore = async (examined: Examined): Promise<readonly Finding[]> => {
  const store = await examined.server.openStore({ ...examined.settings, migrate: 'off' });
  try {
    await store.check();
    const seen = withServicesInForce(examined, store);
    return [
      ...(await checkServiceSecrets(examined, store)),
      ...(await checkNodeSecrets(examined, store)),
      ...(await findingsOf('store', (check) => check.look(examined, seen))),
    ];
  } finally {
    await store.close();
  }
};

const MARKS = { ok: '✓', warning: '!', problem: '✗' } as const;
const COLOURS = { ok: 'green', warning: 'yellow', problem: 'red' } as const;

const report = (io: CliIo, { json }: JsonOption, findings: readonly Finding[]): ExitCode => {
  for (const finding of findings) {
    if (json === true) {
      printJson(io, { check: finding });
      continue;
    }
    const { name, status, message, hint } = finding;
    const mark = io.hasColour ? styleText(COLOURS[status], MARKS[status], { validateStream: false }) : MARKS[status];
    const word = status === 'ok' ? '' : `${status}: `;
    io.stdout.write(
      `  ${mark} ${name}: ${word}${withCommand(message, io.command)}\n${hintLine(hint, io.command, '      ')}`,
    );
  }
  return findings.some(({ status }) => status === 'problem') ? EXIT.no : EXIT.done;
};
