import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigurationActor, LoadedSettings, SettingName, Settings } from '@assent/server';
import type { Store } from '@assent/store';
import type { Command } from 'commander';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { type JsonOption, perform } from './command-run.ts';
import { configFileReader } from './config-file.ts';
import type { ExitCode } from './exit-code.ts';
import { addSettingOptions, flagsOf } from './settings-options.ts';

export type Server = typeof import('@assent/server');

/** What a command needs that works on the store of a server, which may run meanwhile. */
export interface Stored<Options> {
  readonly io: CliIo;
  readonly server: Server;
  readonly settings: Settings;
  readonly store: Store;
  readonly options: Options;
}

/** The settings that say which store is meant. */
const STORE_SETTINGS: readonly SettingName[] = ['dataDir', 'databaseUrl', 'databasePasswordFile', 'configFile'];

/** The settings as `assent serve` would have them with the same flags, variables and file. */
export const settingsOf = (io: CliIo, server: Server, options: object): Promise<LoadedSettings> =>
  server.loadSettings({
    flags: flagsOf(server.SETTINGS, { ...options }),
    env: io.env,
    readConfigFile: configFileReader(io.cwd),
  });

/** Adds the options that say which store is meant, and `--json`. */
export const addStoreOptions = (command: Command, server: Server): Command =>
  addSettingOptions(command, server.SETTINGS, STORE_SETTINGS).option(
    '--json',
    'print one JSON object per line and nothing else',
  );

/** The settings of a command that works on what is kept somewhere; throws where nothing is, or is not yet. */
export const storedSettings = async (io: CliIo, server: Server, options: object): Promise<Settings> => {
  const { settings } = await settingsOf(io, server, options);
  if (settings.databaseUrl === 'memory:') {
    throw new CliError('USAGE', 'What is kept in memory: ends with the server, so there is nothing to work on.');
  }
  // Opening would make a database, and a mistyped directory would look like one without users.
  if (settings.databaseUrl === undefined && !existsSync(resolve(io.cwd, settings.dataDir, 'assent.db'))) {
    throw new CliError(
      'NO_DATA',
      `There is no database in ${settings.dataDir} yet.`,
      'assent serve, or --data-dir DIR',
    );
  }
  return settings;
};

/** Makes the action of a command that works on the store. */
export const withStore =
  (io: CliIo, server: Server) =>
  async <Options extends JsonOption>(
    options: Options,
    work: (stored: Stored<Options>) => Promise<ExitCode>,
  ): Promise<void> =>
    perform(io, options, async () => {
      const settings = await storedSettings(io, server, options);
      // A command that looks makes no table, in a database of a mistyped name or below servers of the version before.
      const store = await server.openStore({ ...settings, migrate: 'off' });
      try {
        return await work({ io, server, settings, store, options });
      } finally {
        await store.close();
      }
    });

/** Somebody at the machine itself, in the place of a user: who changes the configuration by a command. */
export const commandLine = ({ io }: Pick<Stored<unknown>, 'io'>): ConfigurationActor => ({
  at: io.now(),
  transactionId: io.randomUuid(),
  by: 'command line',
});

/** `/` and `/alpha` for themselves; `alpha` means `/alpha`. */
export const realmPath = (given: string): string => {
  const names = given.split('/');
  return `/${names.slice(names.findIndex(isNamed), names.findLastIndex(isNamed) + 1).join('/')}`;
};

const isNamed = (segment: string): boolean => segment !== '';
