import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { SiteOptions } from './build-site.ts';

export const USAGE = `npm run site -- [options]

  --output <folder>      where the site is written; what lies there is removed (default: site/dist)
  --source-url <prefix>  where the repository can be read, such as https://git.example.com/assent/blob/main/: links to its files lead there.
                         Without it the site shows these files itself
  --base-path <path>     the path that the site will have on its server (default: /); only the page for missing pages needs it
`;

/** What somebody asked for that cannot be done; the command says it, and changes nothing. */
export class Refused extends Error {}

const parsed = <Values>(parse: () => Values): Values => {
  try {
    return parse();
  } catch (error) {
    throw new Refused((error as Error).message, { cause: error });
  }
};

/** What the command is told; undefined where somebody asks for help. Throws `Refused` with the option and what it takes. */
export const readOptions = (args: readonly string[], root: string): SiteOptions | undefined => {
  const text = { type: 'string' } as const;
  const known = { output: text, 'source-url': text, 'base-path': text, help: { type: 'boolean' } } as const;
  const values = parsed(() => parseArgs({ args: [...args], options: known }).values);
  if (values.help) return undefined;
  const output = resolve(values.output ?? join(root, 'site/dist'));
  if (!isOurs(output))
    throw new Refused(`--output: ${output} holds other files than a site; name a folder that is empty or new.`);
  const sourceUrl = values['source-url'];
  if (sourceUrl !== undefined && !/^https?:\/\/\S+\/$/.test(sourceUrl)) {
    throw new Refused('--source-url: begin with https:// and end with a slash; the path of a file is put behind it.');
  }
  const basePath = values['base-path'] ?? '/';
  if (!/^\/(?:[\w.~-]+\/)*$/.test(basePath))
    throw new Refused('--base-path: begin and end with a slash, such as /docs/.');
  return { root, output, basePath, ...(sourceUrl !== undefined && { sourceUrl }) };
};

/** The file that a site has, whatever became of the rest of its build. */
const SEARCH_INDEX = /^pages-[0-9a-f]{8}\.js$/;

/** Whether a folder can be removed to write the site anew: it is not there, has nothing, or has a site. */
const isOurs = (folder: string): boolean => {
  if (!existsSync(folder)) return true;
  if (readdirSync(folder).length === 0) return true;
  const assets = join(folder, 'assets');
  return existsSync(assets) && readdirSync(assets).some((name) => SEARCH_INDEX.test(name));
};
