import { type ImportedHash, readImportedHash } from './imported-hash.ts';

/** What differs in time by less than this is not told apart from outside. */
const TELLING_MILLIS = 1;

/** What the check of a hash takes, as so much of one sort of work: of a sort it adds up, so that what is missing can be made up for. */
interface Work {
  readonly sort: string;
  readonly amount: number;
  /** In milliseconds of one processor, roughly. */
  readonly millis: number;
  /** Hashes that no password has, and whose checks together take so much. */
  readonly decoys: (amount: number) => readonly ImportedHash[];
}

const LEAST_BCRYPT_COST = 4;
const MAX_BCRYPT_COST = 31;

/** Undefined for what takes no time to tell of. */
const workOf = (hash: ImportedHash | undefined): Work | undefined => {
  switch (hash?.kind) {
    case 'pbkdf2':
      return {
        sort: `pbkdf2 ${hash.algorithm}`,
        amount: hash.iterations,
        millis: hash.iterations / 1_500,
        decoys: (iterations) => [{ ...hash, iterations, digest: Buffer.alloc(hash.digest.length) }],
      };
    case 'bcrypt':
      return {
        sort: 'bcrypt',
        amount: 2 ** hash.cost,
        millis: 2 ** hash.cost / 12,
        decoys: bcryptDecoys,
      };
    case 'argon2':
      return {
        sort: 'argon2',
        amount: hash.memory * hash.passes,
        millis: (hash.memory * hash.passes) / 1_500,
        decoys: (amount) => argon2Decoys(hash, Math.round(amount / hash.memory)),
      };
    default:
      return undefined;
  }
};

/** A cost is a power of two, so that the digits of the amount are the costs that it takes. */
const bcryptDecoys = (amount: number): readonly ImportedHash[] => {
  const decoys: ImportedHash[] = [];
  for (let cost = LEAST_BCRYPT_COST; cost <= MAX_BCRYPT_COST; cost += 1) {
    if (Math.floor(amount / 2 ** cost) % 2 === 0) continue;
    decoys.push({ kind: 'bcrypt', cost, text: `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}` });
  }
  return decoys;
};

const argon2Decoys = (
  hash: Extract<ImportedHash, { readonly kind: 'argon2' }>,
  passes: number,
): readonly ImportedHash[] => {
  if (passes === 0) return [];
  const whole = hash.text.replace(/,t=\d+,/, `,t=${passes},`);
  const before = whole.lastIndexOf('$') + 1;
  const text = whole.slice(0, before).padEnd(whole.length, 'A');
  return [{ ...hash, passes, text }];
};

export interface HashChecks {
  /** Whether it is the password of a hash of argon2; without one the answer is `false`, at the same cost. */
  readonly ours: (hash: string | undefined, password: string) => Promise<boolean>;
  readonly imported: (hash: ImportedHash, password: string) => Promise<boolean>;
}

/**
 * Checks hashes of all kinds so that a wrong guess takes one check of ours and, of each sort of other hashes that was met, the dearest one,
 * whoever it was for: a name that nobody has takes as long as one that came from elsewhere, and one whose hash is cheap as long as one
 * whose hash is dear (SEC-56, ADR 87). What is right takes what its own hash takes.
 */
export const evenGuesses = ({ ours, imported }: HashChecks) => {
  /** By sort, of which there are five. */
  const dearest = new Map<string, Work>();

  const importedOf = (hash: string | undefined): ImportedHash | undefined => {
    if (hash === undefined || hash.startsWith('$argon2')) return undefined;
    const read = readImportedHash(hash);
    if (typeof read === 'string') throw new TypeError(`a stored hash cannot be read: ${read}`);
    const work = workOf(read);
    if (work !== undefined && work.millis >= TELLING_MILLIS && work.amount > (dearest.get(work.sort)?.amount ?? 0))
      dearest.set(work.sort, work);
    return read;
  };

  return async (hash: string | undefined, password: string): Promise<boolean> => {
    const foreign = importedOf(hash);
    if (foreign === undefined) {
      if (await ours(hash, password)) return true;
    } else {
      if (await imported(foreign, password)) return true;
      await ours(undefined, password);
    }
    const done = workOf(foreign);
    for (const { sort, amount, decoys } of [...dearest.values()]) {
      const missing = amount - (done?.sort === sort ? done.amount : 0);
      if (missing > 0) for (const decoy of decoys(missing)) await imported(decoy, password);
    }
    return false;
  };
};
