import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type MasterKeySource, masterKeyId } from '@assent/store';
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

/** The next one, while it is put in the place of the one before; and that one, for as long as backups may need it. */
const nextFileOf = (settings: KeySettings): string => `${fileOf(settings)}.next`;
export const formerMasterKeyFile = (settings: KeySettings): string => `${fileOf(settings)}.former`;

/** The master key that is there; undefined where none is, and none is made. */
export const storedMasterKey = (settings: KeySettings): MasterKeySource | undefined => {
  const keys = keysThatAreThere(settings);
  return keys.length === 0 ? undefined : () => keysThatAreThere(settings);
};

/** Beside the key that is used the next one, where something has stopped whoever was putting it there: one of them opens the database. */
const keysThatAreThere = (settings: KeySettings): readonly Uint8Array[] => {
  if (settings.masterKey !== undefined) return [Buffer.from(settings.masterKey, 'base64url')];
  return [fileOf(settings), nextFileOf(settings)].flatMap((file) => readKey(file) ?? []);
};

/** The master key of a database that was made elsewhere, or before: another one would open nothing of it. */
export const neededMasterKey = (settings: KeySettings): MasterKeySource => {
  const key = storedMasterKey(settings);
  if (key !== undefined) return key;
  throw new MasterKeyRefused(
    `There is no master key in ${fileOf(settings)}. Put back the one that the database was made with, or set ASSENT_MASTER_KEY to it.`,
  );
};

/** The key under which the keys of the database are sealed: from the settings, else from the data directory (SEC-77). */
export const masterKey = (settings: KeySettings): MasterKeySource => {
  const stored = storedMasterKey(settings);
  if (stored !== undefined) return stored;
  createKey(settings.dataDir, fileOf(settings));
  return neededMasterKey(settings);
};

/** A new master key in the data directory, aside: it is not used before the database is under it. One that lies there already is that one. */
export const prepareMasterKey = (settings: KeySettings): Uint8Array =>
  readKey(nextFileOf(settings)) ?? createKey(settings.dataDir, nextFileOf(settings));

/**
 * Puts the next key in the place of the one before, which stays beside it, where the database is under it by now (SEC-75). Each step can be the
 * last one that is done, and whoever comes next goes on from there.
 */
export const takeOverMasterKey = (settings: KeySettings, inUse: string): void => {
  if (settings.masterKey !== undefined) return;
  const next = readKey(nextFileOf(settings));
  if (next === undefined || masterKeyId(next) !== inUse) return;
  try {
    if (keepsFormer(settings, inUse)) renameSync(nextFileOf(settings), fileOf(settings));
  } catch (error) {
    // Another has been first, or may write there: until somebody has, both are tried at each start.
    if (!['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
};

/**
 * Keeps the one before, and says whether the next one may take its place. The link holds what it was made of, whoever puts the next key there
 * meanwhile: only the one before is ever kept. And it takes the place of no other that backups need: that one has to be destroyed first.
 */
const keepsFormer = (settings: KeySettings, inUse: string): boolean => {
  const draft = `${formerMasterKeyFile(settings)}.${randomBytes(6).toString('hex')}`;
  linkSync(fileOf(settings), draft);
  try {
    const replaced = readKey(draft);
    if (replaced === undefined || masterKeyId(replaced) === inUse) return true;
    linkSync(draft, formerMasterKeyFile(settings));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return sameKeys(readKey(draft), readKey(formerMasterKeyFile(settings)));
  } finally {
    unlinkSync(draft);
  }
};

const sameKeys = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one !== undefined && other !== undefined && masterKeyId(one) === masterKeyId(other);

/** The master key in a file of the operator's. */
export const masterKeyIn = (file: string): Uint8Array => {
  const key = readKey(file);
  if (key === undefined) throw new MasterKeyRefused(`There is no file ${file}.`);
  return key;
};

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
