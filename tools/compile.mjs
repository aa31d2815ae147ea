import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformWithOxc } from 'vite';
import { ROOT, sourceFiles } from './workspace.mjs';

/** What `tsconfig.base.json` demands of sources makes each file whole by itself: types are erased, and imports name what they become. */
const OPTIONS = {
  target: 'es2023',
  sourcemap: false,
  typescript: { onlyRemoveTypeImports: true, rewriteImportExtensions: 'rewrite' },
};

/** Made of sources that are gone or were renamed: whoever imports one would run what nobody can read any more. */
const removeOthers = (dist, written) => {
  for (const entry of readdirSync(dist, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && /\.js(\.map)?$/.test(entry.name) && !written.has(path)) rmSync(path);
  }
};

/**
 * Writes the JavaScript of a directory's `src` into its `dist`, file by file. It checks no types: that takes a minute, is `npm run check -- types`,
 * and nothing that runs needs it.
 */
export const compile = async (directory) => {
  const [src, dist] = [join(ROOT, directory, 'src'), join(ROOT, directory, 'dist')];
  const written = new Set();
  for (const file of sourceFiles(src)) {
    // What is neither lies there for a test.
    if (!/\.[jt]s$/.test(file) || file.endsWith('.d.ts')) continue;
    const { code } = await transformWithOxc(readFileSync(file, 'utf8'), file, OPTIONS);
    const path = join(dist, relative(src, file)).replace(/\.ts$/, '.js');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
    written.add(path);
  }
  removeOthers(dist, written);
};
