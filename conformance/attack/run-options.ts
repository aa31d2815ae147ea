import { parseArgs } from 'node:util';

export interface AttackOptions {
  /** Two instances on PostgreSQL behind a proxy, with Redis; one on SQLite where it is not asked for. */
  readonly isCluster: boolean;
  /** Numbers of groups; all where it is empty. */
  readonly groups: readonly string[];
  /** Ids of cases; all where it is empty. */
  readonly cases: readonly string[];
  readonly isJson: boolean;
  /** How many inputs are generated; none where it is 0. */
  readonly inputs: number;
  readonly seed: number;
}

export class OptionsRefused extends Error {
  override readonly name = 'OptionsRefused';
}

/** What `--long` makes (issue 17, "done" 2). */
const LONG_INPUTS = 1_000_000;

const wholeNumber = (name: string, text: string, max: number): number => {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > max)
    throw new OptionsRefused(`--${name} cannot be "${text}": give a whole number from 0 to ${max}.`);
  return number;
};

/** What a comma-separated list asks for, of what there is. */
const chosen = (name: string, text: string, known: ReadonlySet<string>): readonly string[] => {
  const wanted = text === '' ? [] : text.split(',').map((it) => it.trim().toUpperCase());
  const unknown = wanted.filter((it) => !known.has(it));
  if (unknown.length > 0)
    throw new OptionsRefused(`--${name} has ${unknown.join(', ')}: known are ${[...known].join(', ')}.`);
  return wanted;
};

/** Reads the options of `npm run tools -- attack`. */
export const readOptions = (
  args: readonly string[],
  known: { readonly groups: ReadonlySet<string>; readonly cases: ReadonlySet<string> },
): AttackOptions => {
  const options = {
    postgres: { type: 'boolean', default: false },
    group: { type: 'string', default: '' },
    case: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    inputs: { type: 'string' },
    seed: { type: 'string', default: '1' },
  } as const;
  const values = (() => {
    try {
      return parseArgs({ args: [...args], options }).values;
    } catch (error) {
      const names = Object.keys(options).map((name) => `--${name}`);
      throw new OptionsRefused(`${(error as Error).message} Known are ${names.join(', ')}.`);
    }
  })();
  return {
    isCluster: values.postgres,
    groups: chosen('group', values.group, known.groups),
    cases: chosen('case', values.case, known.cases),
    isJson: values.json,
    inputs: values.inputs === undefined ? (values.long ? LONG_INPUTS : 0) : wholeNumber('inputs', values.inputs, 1e9),
    seed: wholeNumber('seed', values.seed, 2 ** 32 - 1),
  };
};
