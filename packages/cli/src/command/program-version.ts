import { existsSync, readFileSync } from 'node:fs';

/** The nearest package.json: above `src` and `dist` that of this package, and in what is installed that of all of Assent. */
const manifestAbove = (directory: URL): URL => {
  const manifest = new URL('package.json', directory);
  return existsSync(manifest) || directory.pathname === '/' ? manifest : manifestAbove(new URL('..', directory));
};

/** The version of what is installed. */
export const ownVersion = (): string => {
  const manifest = manifestAbove(new URL('.', import.meta.url));
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return version;
};
