import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/** A name that changes with what is in the file, so that a browser never shows a page with the parts of an older one. */
export const nameWithHash = (path: string, content: string): string =>
  path.replace(/(\.\w+)$/, `-${createHash('sha256').update(content).digest('hex').slice(0, 8)}$1`);

/** The script and the style sheet of the site, with the colours and the type of our pages, and their icon. */
export const bundleAssets = async (
  root: string,
): Promise<{
  readonly script: string;
  readonly style: string;
  readonly icon: string;
  readonly files: ReadonlyMap<string, string>;
}> => {
  const result = await build({
    root: join(root, 'site'),
    configFile: false,
    logLevel: 'warn',
    mode: 'production',
    build: {
      write: false,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: false,
      cssCodeSplit: false,
      rolldownOptions: {
        input: join(root, 'site/browser/main.ts'),
        // A classic script: modules do not load on a page that was opened from a disk.
        output: { format: 'iife' },
      },
    },
  });
  if (!('output' in result)) throw new Error('Vite built more than one bundle, or watches.');
  const contentOf = (ending: string): string => {
    const part = result.output.find(({ fileName }) => fileName.endsWith(ending));
    if (part === undefined) throw new Error(`Vite made nothing that ends in ${ending}.`);
    return part.type === 'chunk' ? part.code : String(part.source);
  };
  const files = new Map<string, string>();
  const add = (path: string, content: string): string => {
    const name = nameWithHash(path, content);
    files.set(name, content);
    return name;
  };
  return {
    script: add('assets/site.js', contentOf('.js')),
    style: add('assets/site.css', contentOf('.css')),
    icon: add('assets/icon.svg', readFileSync(join(root, 'packages/web/src/kit/favicon.svg'), 'utf8')),
    files,
  };
};
