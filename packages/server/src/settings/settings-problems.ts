import { SETTING_NAMES, type SettingName, secretVariable, settingOf } from './settings.ts';

export const unknownFlags = (flags: Readonly<Record<string, unknown>>): readonly string[] => {
  const known = SETTING_NAMES.filter((name) => settingOf(name).flag !== undefined);
  return Object.keys(flags)
    .filter((name) => !known.some((it) => it === name))
    .map((name) =>
      unknown(
        name,
        'flag',
        known.flatMap((it) => settingOf(it).flag ?? []),
      ),
    );
};

/** `ASSENT_TEST_*` belongs to the tests, which may start a server. */
export const unknownVariables = (env: Readonly<Record<string, unknown>>): readonly string[] => {
  const known = SETTING_NAMES.map(settingOf)
    .flatMap(({ env: variable, isSecret }) => (isSecret ? [variable, secretVariable(variable)] : [variable]))
    .filter((name) => name.startsWith('ASSENT_'));
  return Object.keys(env)
    .filter((name) => name.startsWith('ASSENT_') && !name.startsWith('ASSENT_TEST_') && !known.includes(name))
    .sort()
    .map((name) => unknown(name, 'environment', known));
};

export const unknownKeys = (file: string, values: Readonly<Record<string, unknown>>): readonly string[] => {
  const known = SETTING_NAMES.filter((name) => settingOf(name).isInFile !== false);
  return Object.keys(values)
    .filter((key) => !known.some((it) => it === key))
    .map((key) => unknown(key, file, known));
};

const unknown = (name: string, source: string, known: readonly string[]): string =>
  `${name} (${source}) is no setting. Known are: ${known.join(', ')}.`;

export const wrongValue = (name: SettingName, called: string, source: string, value: unknown): string => {
  const { allowed, isSecret } = settingOf(name);
  const shown = isSecret ? 'has a value that cannot be' : `cannot be ${shownValue(value)}`;
  return `${called} (${source}) ${shown}. Allowed is ${allowed}.`;
};

/** A URL may carry a password, which belongs in no message. */
const shownValue = (value: unknown): string => {
  if (typeof value === 'string' && URL.canParse(value)) {
    const url = new URL(value);
    if (url.password !== '' || url.username !== '') return `a ${url.protocol}//… URL`;
  }
  return JSON.stringify(value)?.slice(0, 200) ?? String(value);
};
