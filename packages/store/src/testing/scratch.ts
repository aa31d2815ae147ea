import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '@assent/engine';

/** Real randomness: the tests of the store look at files, where a seed would hide a repeated nonce. */
export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  int: (maxExclusive) => randomInt(maxExclusive),
  uuid: () => randomUUID(),
};

export const masterKeyOf = (name: string): Uint8Array => new Uint8Array(createHash('sha256').update(name).digest());

const directories: string[] = [];

/** A file in a new directory, for one test. */
export const scratchFile = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-store-'));
  directories.push(directory);
  return join(directory, 'assent.db');
};

export const removeScratch = (): void => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
};
