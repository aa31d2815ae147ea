import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../workspace.mjs';
import { layOut } from './tarball.mjs';

/**
 * Lays out the package in a folder as a package manager would, without its declarations: the packages of others are those that are installed
 * here, on Node 20 with the driver, which is asked for by name.
 */
export const layOutAsInstalled = (folder) => {
  const modules = join(folder, 'node_modules');
  const laidOut = layOut(join(modules, 'assent'), { hasDeclarations: false });
  for (const name of [...Object.keys(laidOut.manifest.dependencies), 'better-sqlite3']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  return { ...laidOut, command: join(modules, 'assent/packages/cli/bin/assent.cjs') };
};
