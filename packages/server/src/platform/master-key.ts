import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from '../settings/settings.ts';

const LENGTH = 32;

/** The master key cannot be had; the message says what to do. */
export class MasterKeyRefused extends Error {
  override readonly name = 'MasterKeyRefused';
}

type KeySettings = Pick<Settings, 'masterKey' | 'dataDir'>;

const fileOf = ({ dataDir }: KeySettings): string => join(dataDir, 'master.key');

/** Where the master key is kept, as far as this process can tell. */
export const placeOfMasterKey = (settings: KeySettings): string =>
  settings.masterKey === undefined ? fileOf(settings) : 'ASSENT_MASTER_KEY';

/** The master key that is there; undefined where none is, and none is made. */
export const storedMasterKey = (settings: KeySettings): Uint8Array | undefined =>
  settings.masterKey === undefined ? readKey(fileOf(settings)) : Buffer.from(settings.masterKey, 'base64url');

/** The master key of a database that was made elsewhere, or before: another one would open nothing of it. */
export const neededMasterKey = (settings: KeySettings): Uint8Array => {
  const key = storedMasterKey(settings);
  if (key !== undefined) return key;
  throw new MasterKeyRefused(
    `There is no master key in ${fileOf(settings)}. Put back the one that the database was made with, or set ASSENT_MASTER_KEY to it.`,
  );
};

/** The key under which the keys of the database are sealed: from the settings, else from the data directory (SEC-77). */
export const masterKey = (settings: KeySettings): Uint8Array =>
  storedMasterKey(settings) ?? createKey(settings.dataDir, fileOf(settings));

const readKey = (file: string): Uint8Array | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') {
      throw new MasterKeyRefused(`${dirname(file)} is no directory. Choose another --data-dir.`, { cause: error });
    }
    throw new MasterKeyRefused(`${file} cannot be read. Give this user the right to read it.`, { cause: error });
  }
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== LENGTH)
    throw new MasterKeyRefused(`${file} does not hold ${LENGTH} bytes. Restore it from a backup.`);
  return key;
};

/** Written aside and linked into place, so that two first starts agree on one key and a crash leaves no half of it. */
const createKey = (dataDir: string, file: string): Uint8Array => {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${randomBytes(LENGTH).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new MasterKeyRefused(
      `The data directory ${dataDir} cannot be written to. Give this user the right to write there, or choose another --data-dir.`,
      { cause: error },
    );
  }
  try {
    linkSync(draft, file);
    chmodSync(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  const key = readKey(file);
  if (key === undefined) throw new MasterKeyRefused(`${file} was not there after it was written.`);
  return key;
};
