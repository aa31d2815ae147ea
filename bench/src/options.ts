import { parseArgs } from 'node:util';

const PARTS = ['requests', 'applications', 'passkeys', 'waiters', 'start', 'scripts', 'approval'] as const;

export const USAGE = `npm run bench -- [--quick] [--only PART,PART] [--store postgres] [--gate]
  Measures what requests cost, and compares each figure with its gate; some 20 minutes. --quick measures briefly, for a look. --only takes some
  parts: ${PARTS.join(', ')}. The last one requires a browser, and is measured only when it is named. --store postgres measures two instances
  on PostgreSQL alone. --gate measures a login and a registration for CI (a minute), and takes no other option.`;

export interface Options {
  readonly quick: boolean;
  readonly parts: readonly string[];
  readonly isPostgres: boolean;
  readonly gate: boolean;
}

/** The options of the benchmark. Throws `RangeError` with what to do where they cannot be used. */
export const readOptions = (args: readonly string[]): Options => {
  const { quick, only, store, gate } = parsed(args);
  if (store !== undefined && store !== 'postgres') {
    throw new RangeError('--store takes postgres; memory and SQLite are measured without it.');
  }
  if (gate && (quick || only !== '' || store !== undefined)) {
    throw new RangeError('--gate takes no other option: it measures a login and a registration on SQLite.');
  }
  const parts = only === '' ? [] : only.split(',');
  const unknown = parts.find((part) => !(PARTS as readonly string[]).includes(part));
  if (unknown !== undefined) throw new RangeError(`There is no part "${unknown}". The parts are ${PARTS.join(', ')}.`);
  return { quick, parts, isPostgres: store === 'postgres', gate };
};

const parsed = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        store: { type: 'string' },
        gate: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};
