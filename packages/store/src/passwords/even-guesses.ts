import { type ImportedHash, readImportedHash } from './imported-hash.ts';

/** What differs in time by less than this is not told apart from outside. */
const TELLING_MILLIS = 1;

/** What the check of such a hash takes, in milliseconds of one processor, roughly. */
const costOf = (hash: ImportedHash | undefined): number => {
  switch (hash?.kind) {
    case 'pbkdf2':
      return hash.iterations / 1_500;
    case 'bcrypt':
      return 2 ** hash.cost / 12;
    case 'argon2':
      return (hash.memory * hash.passes) / 1_500;
    default:
      return 0;
  }
};

/** A hash that takes as long to check, and that no password has. */
const decoyOf = (hash: ImportedHash): ImportedHash => {
  if (hash.kind === 'bcrypt') return { ...hash, text: `${hash.text.slice(0, 7)}${'.'.repeat(53)}` };
  if (hash.kind === 'argon2')
    return { ...hash, text: hash.text.replace(/[^$]+$/, (digest) => 'A'.repeat(digest.length)) };
  return hash.kind === 'pbkdf2' ? { ...hash, digest: Buffer.alloc(hash.digest.length) } : hash;
};

export interface HashChecks {
  /** Whether it is the password of a hash of argon2; without one the answer is `false`, at the same cost. */
  readonly ours: (hash: string | undefined, password: string) => Promise<boolean>;
  readonly imported: (hash: ImportedHash, password: string) => Promise<boolean>;
}

/**
 * Checks hashes of all kinds so that a wrong guess takes one check of ours and one of the dearest kind that was met, whoever it
 * was for: a name that nobody has takes as long as one that came from elsewhere (SEC-56, ADR 87). What is right takes what its own
 * hash takes.
 */
export const evenGuesses = ({ ours, imported }: HashChecks) => {
  let decoy: ImportedHash | undefined;

  const importedOf = (hash: string | undefined): ImportedHash | undefined => {
    if (hash === undefined || hash.startsWith('$argon2')) return undefined;
    const read = readImportedHash(hash);
    if (typeof read === 'string') throw new TypeError(`a stored hash cannot be read: ${read}`);
    if (costOf(read) >= TELLING_MILLIS && costOf(read) > costOf(decoy)) decoy = decoyOf(read);
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
    if (decoy !== undefined && costOf(foreign) < costOf(decoy)) await imported(decoy, password);
    return false;
  };
};
