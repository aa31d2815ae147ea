import { isLoopback } from './loopback.ts';
import { readSecretFile, secretFileProblem } from './secret-file.ts';
import {
  type GivenSettings,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type Settings,
  secretVariable,
  settingOf,
} from './settings.ts';
import { unknownFlags, unknownKeys, unknownVariables, wrongValue } from './settings-problems.ts';
import { brokenRules, isLocalHost } from './settings-rules.ts';

/** What a configuration file said, and its name for messages. */
export interface ConfigFile {
  readonly file: string;
  readonly values: unknown;
}

export interface SettingsSources {
  /** By name of the setting, `port` for `--port`; undefined where the flag was not given. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the named file, or the default one, which may be absent. */
  readonly readConfigFile?: (path: string | undefined) => Promise<ConfigFile | undefined>;
}

/** The settings, and for each where its value came from. */
export interface LoadedSettings {
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingName, string>>;
  /** What works, and should be mended nevertheless: a sentence each. */
  readonly warnings: readonly string[];
}

/** Wrong settings, all of them at once; each problem names the setting, its source and what is allowed. */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Resolves each setting from flag, environment, configuration file and default, and refuses what is unknown or wrong. */
export const loadSettings = async (from: SettingsSources): Promise<LoadedSettings> => {
  const problems: string[] = [];
  const flags = Object.fromEntries(Object.entries(from.flags ?? {}).filter(([, value]) => value !== undefined));
  // Nothing between the quotes is how shells and compose files spell "not set".
  const env = Object.fromEntries(Object.entries(from.env).filter(([, value]) => value !== undefined && value !== ''));

  problems.push(...unknownFlags(flags), ...unknownVariables(env));
  const configPath = flags.configFile ?? env[SETTINGS.configFile.env];
  const file = await from.readConfigFile?.(typeof configPath === 'string' ? configPath : undefined);
  const fileValues = file === undefined ? {} : isObject(file.values) ? file.values : undefined;
  if (file !== undefined) {
    if (fileValues === undefined) problems.push(`${file.file} has to hold one object of settings.`);
    else problems.push(...unknownKeys(file.file, fileValues));
  }

  const secrets = secretsFromFiles(flags, env);
  problems.push(...secrets.problems);
  const values: Record<string, unknown> = {};
  const sources = {} as Record<SettingName, string>;
  for (const name of SETTING_NAMES) {
    const definition = settingOf(name);
    const given = [
      { value: flags[name], called: definition.flag ?? name, source: 'flag' },
      { value: env[definition.env], called: definition.env, source: 'environment' },
      { value: secrets.values[name], called: secretVariable(definition.env), source: 'file' },
      { value: definition.isInFile === false ? undefined : fileValues?.[name], called: name, source: file?.file ?? '' },
    ].find(({ value }) => value !== undefined);
    const parsed = definition.schema.safeParse(given?.value);
    const isNamed = given?.source === 'environment' || given?.source === 'file';
    sources[name] = given === undefined ? 'default' : isNamed ? `${given.source}, ${given.called}` : given.source;
    if (parsed.success) values[name] = parsed.data;
    else problems.push(wrongValue(name, given?.called ?? name, given?.source ?? 'default', given?.value));
  }
  if (problems.length > 0) throw new SettingsRefused(problems);

  const settings = withDefaults(values as GivenSettings);
  const broken = brokenRules(settings, sources);
  if (broken.length > 0) throw new SettingsRefused(broken);
  return { settings, sources, warnings: secrets.warnings };
};

/** Secrets whose files the environment names; a secret that is given twice is refused, whichever was meant. */
const secretsFromFiles = (
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
) => {
  const values: Partial<Record<SettingName, string>> = {};
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const name of SETTING_NAMES) {
    const { env: variable, isSecret } = settingOf(name);
    const called = secretVariable(variable);
    const path = isSecret ? env[called] : undefined;
    if (path === undefined) continue;
    if (env[variable] !== undefined || flags[name] !== undefined) {
      problems.push(`${variable} and ${called} are both given: leave out one of them.`);
      continue;
    }
    const file = readSecretFile(path);
    if ('fault' in file) problems.push(secretFileProblem(called, path, file.fault));
    else values[name] = file.text;
    if ('warning' in file) warnings.push(`The file that ${called} names, ${path}, ${file.warning}.`);
  }
  return { values, problems, warnings };
};

/** Values that depend on others. */
const withDefaults = (given: GivenSettings): Settings => {
  const publicUrl = given.publicUrl ?? `http://localhost:${given.port}/am`;
  const isLocal = isLocalHost(given.host) && isLoopback(new URL(publicUrl).hostname);
  const seed = given.seed ?? (isLocal ? 'demo' : 'none');
  return {
    ...given,
    publicUrl,
    contextPath: new URL(publicUrl).pathname.replace(/(?<!\/)\/+$/, ''),
    seed,
    // Who tries things out has a password that everybody knows; whoever else administers shows more than one (SEC-72).
    adminSecondFactor: given.adminSecondFactor ?? seed !== 'demo',
    databaseUrl: given.databaseUrl,
  };
};
