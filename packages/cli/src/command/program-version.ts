import { readFileSync } from 'node:fs';

/** The version of what is installed, from its package.json, which lies beside both `src` and `dist`. */
export const ownVersion = (): string => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
};
