import type { MadeBackup } from '@assent/server';

const MAX_NAMED = 10;

const named = (files: readonly string[]): string =>
  files.length > MAX_NAMED
    ? `${files.slice(0, MAX_NAMED).join(', ')} and ${files.length - MAX_NAMED} more`
    : files.join(', ');

/** What has to be kept beside a backup, a line each; the master key in another place than the copy. */
export const besideLines = ({ masterKey, texts, keyFiles, nodes }: MadeBackup['beside']): readonly string[] => [
  `  the master key, in another place than this file: ${masterKey}`,
  ...(texts.length > 0 ? [`  texts, from the data directory: ${named(texts)}`] : []),
  ...(keyFiles.length > 0 ? [`  other files of the data directory: ${named(keyFiles)}`] : []),
  ...(nodes.length > 0 ? [`  your own nodes: ${named(nodes)}`] : []),
  '  the settings: variables, and assent.config.json or .mjs',
];
