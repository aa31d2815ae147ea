import { writeSync } from 'node:fs';
import { copyStore } from '../../copy/copy-store.ts';
import { masterKeyOf, systemRandom } from '../scratch.ts';

/** Copies a store, and prints the name of each table once it is there. */
export const run = async (file: string, url: string): Promise<void> => {
  await copyStore({
    file,
    to: { url, random: systemRandom },
    masterKey: masterKeyOf('test'),
    // At once, so that a kill comes where the test wants it.
    onTable: (name) => void writeSync(1, `${name}\n`),
  });
};
