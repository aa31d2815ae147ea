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

/** How many letters are to be put in, taken out or changed. */
const distance = (from: string, to: string): number => {
  let row = [...to, ''].map((_, at) => at);
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1];
    for (const [column, other] of [...to].entries())
      next.push(
        Math.min((row[column] ?? 0) + Number(letter !== other), (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
};

/** So far may a name be from the one that was meant. */
const MAX_DISTANCE = 3;

const unknown = (name: string, source: string, known: readonly string[]): string => {
  // A variable may be as long as somebody likes; what is far longer than all names is near to none.
  const near = known
    .filter((it) => Math.abs(it.length - name.length) <= MAX_DISTANCE)
    .map((it) => ({ it, far: distance(name, it) }))
    .filter(({ far }) => far <= MAX_DISTANCE)
    .sort((a, b) => a.far - b.far);
  const [nearest] = near;
  return `${name} (${source}) is no setting. ${nearest === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean ${nearest.it}?`}`;
};

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
