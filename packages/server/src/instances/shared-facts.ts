import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MAX_KEY_FILE_BYTES, readFileHead } from '../platform/file-head.ts';
import { operatorFiles } from '../platform/operator-files.ts';
import { SETTING_NAMES, type Settings, settingOf } from '../settings/settings.ts';

const DIGEST_LENGTH = 16;

/** A digest of the start of a file, or a word for a file that cannot be read. */
const contentsOf = async (file: string): Promise<string> => {
  try {
    const head = await readFileHead(file, MAX_KEY_FILE_BYTES);
    return head === undefined ? 'no file' : createHash('sha256').update(head.bytes).digest('base64url');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
};

/** One file at a time, so that the start of an instance holds one of them in memory. */
const contentsOfAll = async (files: readonly (readonly [name: string, file: string])[]): Promise<readonly string[]> => {
  const contents: string[] = [];
  for (const [name, file] of files) contents.push(`${name} ${await contentsOf(file)}`);
  return contents;
};

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
