import { beginMove, type CopyListener, type CopyResult, callOffMove, endMove } from '@assent/store';
import type { Settings } from '../settings/settings.ts';
import { neededMasterKey } from './master-key.ts';
import { fileOptions, serverOptions } from './open-store.ts';

export interface CopyTarget {
  /** `postgres://user@host/database` */
  readonly url: string;
  /** The file with the password of that user; asked at each connect. */
  readonly passwordFile?: string;
  /** The SQLite database is not served on any more: it has been moved. */
  readonly isFinal: boolean;
  readonly listener?: CopyListener;
}

/** As it may be shown: without a password. */
export const shownUrl = (text: string): string => {
  const url = new URL(text);
  url.password = '';
  return url.href;
};

/** Copies the SQLite database in the data directory to PostgreSQL, and compares both (OPS-62, OPS-63). */
export const copyToPostgres = async (
  settings: Settings,
  { url, passwordFile, isFinal, listener }: CopyTarget,
): Promise<CopyResult> => {
  const { file } = fileOptions(settings);
  const to = serverOptions(url, { ...settings, databasePasswordFile: passwordFile });
  const masterKey = neededMasterKey(settings);
  const { copyStore } = await import('@assent/store/postgres');
  const options = { file, to, masterKey, ...(listener && { listener }) };
  if (!isFinal) return copyStore(options);
  const place = shownUrl(url);
  const isBegun = await beginMove(file, place);
  const takeBack = async () => {
    // What was under way before stays so: whoever began it has to call it off.
    if (isBegun) await callOffMove(file);
  };
  try {
    const result = await copyStore({ ...options, move: isBegun ? 'begins' : 'goesOn' });
    if (result.differences.length === 0) await endMove(file, place);
    else await takeBack();
    return result;
  } catch (failure) {
    await takeBack();
    throw failure;
  }
};

/** The SQLite database is served on again; `false` where it was not moved. */
export const callOffCopy = (settings: Settings): Promise<boolean> => callOffMove(fileOptions(settings).file);
