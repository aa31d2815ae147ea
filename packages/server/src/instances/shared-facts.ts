import { createHmac } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { SETTING_NAMES, type Settings, settingOf } from '../settings/settings.ts';

const MAX_FILES = 1_000;
/** As long as a file with keys may be. */
const MAX_FILE_BYTES = 256 * 1024;
const DIGEST_LENGTH = 16;

/** What belongs to the database of this machine, and differs between machines that share none. */
const OF_THE_DATABASE = /^(?:assent\.db.*|master\.key.*)$/;
const TEXTS = `texts${sep}`;

/** Names, below the directory, of the files that are there; none where there is no directory. */
const filesIn = async (directory: string): Promise<readonly string[]> => {
  let entries: readonly Dirent[];
  try {
    entries = await readdir(directory, { withFileTypes: true, recursive: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile() && !OF_THE_DATABASE.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(directory, sep).length))
    .sort()
    .slice(0, MAX_FILES);
};

/** The contents of a file, or what stands for one that cannot be read. */
const contentsOf = async (file: string): Promise<string> => {
  try {
    const contents = await readFile(file);
    return contents.subarray(0, MAX_FILE_BYTES).toString('base64');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
};

const contentsOfAll = (files: readonly (readonly [name: string, file: string])[]): Promise<readonly string[]> =>
  Promise.all(files.map(async ([name, file]) => `${name} ${await contentsOf(file)}`));

/** The modules with nodes of one's own as files; not what they import. */
const moduleFiles = (names: readonly string[], directory: string): readonly (readonly [string, string])[] => {
  const { resolve } = createRequire(join(directory, 'assent.config.mjs'));
  return names.map((name) => [name, resolve(name)]);
};

/**
 * Digests of what all instances need alike (OPS-31): settings by their variable, an operator's texts and nodes, and files with keys.
 * Under a key of the store, so that nobody who reads the table can try what a file holds.
 */
export const sharedFacts = async (
  settings: Settings,
  { key, directory }: { readonly key: Uint8Array; readonly directory: string },
): Promise<Readonly<Record<string, string>>> => {
  const digest = (value: unknown) =>
    createHmac('sha256', key).update(JSON.stringify(value)).digest('base64url').slice(0, DIGEST_LENGTH);
  const { dataDir } = settings;
  const files = await filesIn(dataDir);
  const below = (names: readonly string[]) => names.map((name) => [name, join(dataDir, name)] as const);
  const [texts, keys, nodes] = await Promise.all([
    contentsOfAll(below(files.filter((name) => name.startsWith(TEXTS)))),
    contentsOfAll(below(files.filter((name) => !name.startsWith(TEXTS)))),
    contentsOfAll(moduleFiles(settings.nodes, directory)),
  ]);
  const ofSettings = SETTING_NAMES.flatMap((name) => {
    const { env, isShared } = settingOf(name);
    return isShared === true ? [[env, digest(settings[name] ?? null)] as const] : [];
  });
  return {
    ...Object.fromEntries(ofSettings),
    texts: digest(texts),
    nodes: digest(nodes),
    'key files': digest(keys),
  };
};
