import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The paths of all files that are kept in git, from the root. */
export const keptInGit = (root) =>
  execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).split('\0');

/**
 * Copies a file or a folder as it is kept in git. Whatever else lies there is for nobody else: secrets that somebody has made to try Compose,
 * users that were exported along a guide.
 */
export const copyKept = ({ root, kept, from, to }) => {
  const files = kept.filter((path) => (path === from || path.startsWith(`${from}/`)) && existsSync(join(root, path)));
  if (files.length === 0) throw new Error(`${from} is to be shipped, and is not in git.`);
  for (const path of files) {
    const target = join(to, path.slice(from.length));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(root, path), target);
  }
};
