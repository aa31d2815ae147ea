import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTo } from '../pack/tarball.mjs';
import { ROOT, runNpm } from '../workspace.mjs';

/** As Node names processors; the system is Linux with glibc, as in the images of Node that are called slim. */
export const PROCESSORS = ['x64', 'arm64'];

/**
 * Lays out in a folder what the image is built of: the package with all that it depends on, for a processor that need not be that of this
 * machine, an empty folder for data, and the Dockerfile. npm fetches what it has not got.
 */
export const layOutImage = async (folder, cpu) => {
  const scratch = mkdtempSync(join(tmpdir(), 'assent-image-'));
  try {
    const { path, version } = await packTo(scratch);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'data'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const forLinux = ['--os', 'linux', '--libc', 'glibc', '--cpu', cpu];
    const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--no-package-lock'];
    await runNpm(['install', ...forLinux, ...quietly, path], { cwd: folder, isQuiet: true });
    // It names the folder in which the package was packed.
    for (const name of ['package.json', 'node_modules/.package-lock.json']) rmSync(join(folder, name), { force: true });
    if (!existsSync(join(folder, 'node_modules/.bin/assent'))) throw new Error('npm has not linked the command.');
    copyFileSync(join(ROOT, 'deploy/image/Dockerfile'), join(folder, 'Dockerfile'));
    return { version };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};
