import { parseArgs } from 'node:util';
import type { StoreName } from './servers/cluster.ts';

export interface RunOptions {
  readonly stores: readonly StoreName[];
  readonly seed: number;
  /** Kills of instances and of PostgreSQL, in all stores together. */
  readonly kills: number;
  /** Ids of faults; all where it is empty. */
  readonly only: readonly string[];
  /** How long all of it may take. */
  readonly minutes: number;
  readonly perSecond: number;
}

export class OptionsRefused extends Error {
  override readonly name = 'OptionsRefused';
}

const STORES: Readonly<Record<string, readonly StoreName[]>> = {
  both: ['sqlite', 'postgres'],
  sqlite: ['sqlite'],
  postgres: ['postgres'],
};

const wholeNumber = (name: string, text: string, min: number, max: number): number => {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max) {
    throw new OptionsRefused(`--${name} cannot be "${text}": give a whole number from ${min} to ${max}.`);
  }
  return number;
};

/** Reads the options of `npm run tools -- faults`; ids are those of the catalogue. */
export const readOptions = (args: readonly string[], ids: readonly string[]): RunOptions => {
  const options = {
    store: { type: 'string', default: 'both' },
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '200' },
    only: { type: 'string', default: '' },
    minutes: { type: 'string', default: '20' },
    rate: { type: 'string', default: '20' },
  } as const;
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options }).values;
    } catch (error) {
      throw new OptionsRefused(
        `${(error as Error).message} Known are ${Object.keys(options)
          .map((name) => `--${name}`)
          .join(', ')}.`,
      );
    }
  })();
  const { store, seed, kills, only, minutes, rate } = parsed;
  const stores = Object.hasOwn(STORES, store) ? STORES[store] : undefined;
  if (stores === undefined) throw new OptionsRefused(`--store cannot be "${store}": give both, sqlite or postgres.`);
  const wanted = only === '' ? [] : only.split(',').map((id) => id.trim().toUpperCase());
  const unknown = wanted.filter((id) => !ids.includes(id));
  if (unknown.length > 0) throw new OptionsRefused(`--only has ${unknown.join(', ')}: known are ${ids.join(', ')}.`);
  return {
    stores,
    seed: wholeNumber('seed', seed, 0, 2 ** 32 - 1),
    kills: wholeNumber('kills', kills, 0, 10_000),
    only: wanted,
    minutes: wholeNumber('minutes', minutes, 1, 24 * 60),
    perSecond: wholeNumber('rate', rate, 1, 1_000),
  };
};

/** The command that does the same once more. */
export const commandOf = ({ seed, kills, minutes, perSecond }: RunOptions, store: StoreName, id: string): string =>
  `npm run tools -- faults --store ${store} --seed ${seed} --kills ${kills} --minutes ${minutes} --rate ${perSecond} --only ${id}`;
