import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { type LoadedSettings, SettingsRefused } from '@assent/server';
import { Command } from 'commander';
import { asCliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { hintLine } from '../command/hint-line.ts';
import { addSettingOptions } from '../command/settings-options.ts';
import { type Server, settingsOf } from '../command/stored.ts';
import { checkAdministration, checkAdministrators } from './administration-check.ts';
import { type Finding, ok, problem, warning } from './check.ts';
import { checkClients } from './client-checks.ts';
import { checkClock, checkDataDir, checkMasterKey, checkNode, checkPort, databaseSize } from './machine-checks.ts';
import { checkOutbox } from './outbox-check.ts';
import { checkPhonePage } from './phone-page-check.ts';
import { checkProviders } from './provider-checks.ts';
import {
  checkDatabaseClock,
  checkDescriptors,
  checkDirectories,
  checkHintBus,
  checkMail,
  checkPublicUrl,
  limitsOfThisProcess,
} from './reach-checks.ts';
import { checkRealms } from './realm-checks.ts';
import { checkSignInClasses } from './sign-in-checks.ts';
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

const examine = async (io: CliIo, server: Server, options: JsonOption): Promise<readonly Finding[]> => {
  const findings: Finding[] = [checkNode(io.nodeVersion)];
  let loaded: LoadedSettings;
  try {
    loaded = await settingsOf(io, server, options);
  } catch (error) {
    if (!(error instanceof SettingsRefused)) throw error;
    return [...findings, ...error.problems.map((message) => problem('settings', message))];
  }
  const { settings } = loaded;
  findings.push(ok('settings', `The public URL is ${settings.publicUrl}.`));
  if (settings.insecure) findings.push(warning('settings', 'insecure is on: passwords may travel in the clear.'));
  findings.push(checkPhonePage(settings.publicUrl), checkAdministration(server, settings));
  const dataDir = resolve(io.cwd, settings.dataDir);
  if (settings.databaseUrl === 'memory:')
    findings.push(warning('database', 'Everything is kept in memory, and lost at the end.'));
  else if (settings.databaseUrl !== undefined) findings.push(...(await examineStore(io, server, loaded, dataDir)));
  else {
    findings.push(checkDataDir(dataDir), ...checkMasterKey(dataDir), checkClock(dataDir, io.now()));
    findings.push(...(await examineStore(io, server, loaded, dataDir)));
  }
  findings.push(...checkDescriptors(limitsOfThisProcess()));
  findings.push(...(await checkHintBus(server, settings, io)), ...(await checkPublicUrl(settings, io)));
  findings.push(await checkPort(settings, io));
  return findings;
};

const examineStore = async (
  io: CliIo,
  server: Server,
  { settings }: LoadedSettings,
  dataDir: string,
): Promise<readonly Finding[]> => {
  const isSqlite = settings.databaseUrl === undefined;
  if (isSqlite && !existsSync(resolve(dataDir, 'assent.db')))
    return [ok('database', 'There is none yet; the first start makes it.')];
  try {
    const store = await server.openStore({ ...settings, dataDir });
    try {
      await store.check();
      return [
        ok('database', isSqlite ? `SQLite, ${databaseSize(dataDir)}.` : `${server.placeOfData(settings)}.`),
        ...(await checkRealms(store)),
        ...(await checkProviders(store, settings, () => io.now())),
        ...(await checkSignInClasses(server, store, settings)),
        ...(await checkClients(server, store, settings)),
        ...(await checkMail(server, store)),
        ...(await checkDirectories(server, store, () => io.now())),
        ...(await checkOutbox(store)),
        ...checkDatabaseClock(store, io.now()),
        ...(settings.adminSecondFactor ? await checkAdministrators(server, store) : []),
      ];
    } finally {
      await store.close();
    }
  } catch (error) {
    const refusal = asCliError(error);
    if (refusal === undefined) throw error;
    return [problem('database', refusal.message)];
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
    io.stdout.write(`  ${mark} ${name}: ${word}${message}\n${hintLine(hint, io.env, '      ')}`);
  }
  return findings.some(({ status }) => status === 'problem') ? EXIT.no : EXIT.done;
};
