import type { SettingName } from '@assent/server';
import { type Command, Option } from 'commander';

/** What a flag needs to know of a setting. */
interface FlagSetting {
  readonly flag?: string;
  readonly env: string;
  readonly description: string;
  readonly allowed: string;
}

type Settings = Readonly<Record<string, FlagSetting>>;

const SWITCHES: ReadonlySet<string> = new Set<SettingName>(['adminSecondFactor', 'insecure']);
const LISTS: ReadonlySet<string> = new Set<SettingName>(['nodes', 'trustedProxies', 'corsOrigins']);

/** Words of which one is given, such as `auto or off`; of all else the description says what it is. */
const WORDS = /^[a-z]+(, [a-z]+)* or [a-z]+$/;

const optionOf = (
  name: string,
  { flag, env, description, allowed }: FlagSetting & { readonly flag: string },
): Option => {
  const choices = WORDS.test(allowed) ? `; ${allowed}` : '';
  const help = `${description.replace(/\.$/, '')}${choices} [${env}]`;
  if (SWITCHES.has(name)) return new Option(flag, help);
  const option = new Option(`${flag} <value>`, help);
  return LISTS.has(name) ? option.argParser((value, earlier: string[] = []) => [...earlier, value]) : option;
};

const flagged = (settings: Settings, only?: readonly SettingName[]) =>
  Object.entries(settings).flatMap(([name, definition]) => {
    const { flag } = definition;
    if (flag === undefined || (only !== undefined && !only.some((it) => it === name))) return [];
    return [{ name, option: optionOf(name, { ...definition, flag }) }];
  });

/** Adds an option for each setting that has a flag, or for some of them. */
export const addSettingOptions = (command: Command, settings: Settings, only?: readonly SettingName[]): Command => {
  for (const { option } of flagged(settings, only)) command.addOption(option);
  return command;
};

/** The values that were given on the command line, by name of the setting. */
export const flagsOf = (
  settings: Settings,
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(flagged(settings).map(({ name, option }) => [name, options[option.attributeName()]]));
