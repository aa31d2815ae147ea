import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '../content/page.ts';
import { pageOf } from '../content/read-pages.ts';
import { fileAddress } from './targets.ts';

/** Longer ones are nothing to read in a browser. */
const MAX_BYTES = 100_000;

const languageOf = (path: string): string => (/\.([a-z]+)$/.exec(path)?.[1] ?? 'text').replace(/^m?js$/, 'js');

const pathsBelow = (root: string, path: string): readonly string[] => {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return [
    path,
    ...readdirSync(join(root, path))
      .sort()
      .flatMap((name) => pathsBelow(root, `${path}/${name}`)),
  ];
};

const pageOfFile = (root: string, path: string): Page => {
  const file = join(root, path);
  const { size } = statSync(file);
  if (size > MAX_BYTES)
    throw new RangeError(`${path} is linked to and has ${size} bytes; the site shows ${MAX_BYTES} at most.`);
  const text = readFileSync(file, 'utf8');
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  const markdown = `# ${path}\n\nA file of the source, as it is.\n\n${fence}${languageOf(path)}\n${text}\n${fence}\n`;
  return pageOf(`site/files/${path}.md`, markdown, { address: fileAddress(path) });
};

const pageOfFolder = (root: string, path: string): Page => {
  const names = readdirSync(join(root, path)).sort();
  const list = names.map((name) => `- [${name}](/${path}/${name})`).join('\n');
  return pageOf(`site/files/${path}.md`, `# ${path}\n\nA folder of the source.\n\n${list}\n`, {
    address: fileAddress(path),
  });
};

/** Pages that show files and folders of the source that other pages link to, for as long as there is no repository to link to. */
export const filePages = (root: string, linked: Iterable<string>): readonly Page[] =>
  [...new Set([...linked].flatMap((path) => pathsBelow(root, path)))]
    .sort()
    .map((path) => (statSync(join(root, path)).isDirectory() ? pageOfFolder(root, path) : pageOfFile(root, path)));
