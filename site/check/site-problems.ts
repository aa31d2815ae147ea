import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirname, normalize } from 'node:path/posix';

const filesBelow = (folder: string, path = ''): readonly string[] =>
  readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const name = path === '' ? entry.name : `${path}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, name) : [name];
  });

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** The tags of a page that we wrote: a `<` in a text is escaped, and a value is always in quotes. */
const tagsOf = (html: string): readonly Tag[] =>
  [...html.matchAll(/<([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/gi)].map(([, name = '', rest = '']) => ({
    name,
    attributes: new Map(
      [...rest.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [
        key,
        value.replaceAll('&amp;', '&'),
      ]),
    ),
  }));

const isElsewhere = (to: string): boolean => /^(?:[a-z][a-z+.-]*:|\/\/)/i.test(to);

/** Attributes that make a browser ask for something at once. */
const LOADED = new Set(['src', 'srcset', 'poster', 'data']);

const problemsOf = (
  path: string,
  tags: readonly Tag[],
  basePath: string,
  idsOf: (file: string) => ReadonlySet<string> | undefined,
): readonly string[] => {
  const problems: string[] = [];
  const leads = (to: string): void => {
    const [address = '', anchor = ''] = to.split('#', 2);
    const fromTop = address.startsWith(basePath) ? address.slice(basePath.length) : undefined;
    const file = address === '' ? path : (fromTop ?? normalize(join(dirname(path), address)));
    const ids = idsOf(decodeURI(file));
    if (ids === undefined) problems.push(`${path}: ${to} leads nowhere; there is no ${file}.`);
    else if (anchor !== '' && !ids.has(decodeURIComponent(anchor)))
      problems.push(`${path}: ${to} leads nowhere; ${file} has no #${anchor}.`);
  };
  const seen = new Set<string>();
  for (const { name, attributes } of tags) {
    const id = attributes.get('id');
    if (id !== undefined && seen.has(id)) problems.push(`${path}: the id ${id} is there twice.`);
    if (id !== undefined) seen.add(id);
    for (const [key, value] of attributes) {
      if (key === 'style' || key.startsWith('on'))
        problems.push(`${path}: <${name} ${key}="…"> is refused by the policy of the page.`);
      if (!['href', 'src', 'action', 'data-index'].includes(key) && !LOADED.has(key)) continue;
      const loads = LOADED.has(key) || name === 'link' || key === 'data-index';
      if (isElsewhere(value)) {
        if (loads) problems.push(`${path}: <${name} ${key}="${value}"> would be loaded from elsewhere.`);
      } else leads(value);
    }
  }
  return problems;
};

/** What is wrong with a site that was built: links and anchors that lead nowhere, ids that are not unique, and whatever its policy would refuse. */
export const siteProblems = (folder: string, basePath: string): readonly string[] => {
  const files = filesBelow(folder);
  const pages = new Map(
    files
      .filter((path) => path.endsWith('.html'))
      .map((path) => [path, tagsOf(readFileSync(join(folder, path), 'utf8'))]),
  );
  const ids = new Map(
    files.map((path) => [
      path,
      new Set((pages.get(path) ?? []).flatMap(({ attributes }) => attributes.get('id') ?? [])),
    ]),
  );
  const inPages = [...pages].flatMap(([path, tags]) => problemsOf(path, tags, basePath, (file) => ids.get(file)));
  const inSheets = files
    .filter((path) => path.endsWith('.css'))
    .filter((path) => /url\(\s*["']?(?:[a-z]+:)?\/\//i.test(readFileSync(join(folder, path), 'utf8')))
    .map((path) => `${path}: it loads something from elsewhere.`);
  return [...inPages, ...inSheets];
};
