import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { operatorFiles } from '../platform/operator-files.ts';
import { SETTING_NAMES, type Settings, settingOf } from '../settings/settings.ts';

/** As long as a file with keys may be. */
const MAX_FILE_BYTES = 256 * 1024;
const DIGEST_LENGTH = 16;

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
  const files = await operatorFiles(dataDir);
  const below = (names: readonly string[]) => names.map((name) => [name, join(dataDir, name)] as const);
  const [texts, keys, nodes] = await Promise.all([
    contentsOfAll(below(files.texts)),
    contentsOfAll(below(files.keyFiles)),
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
