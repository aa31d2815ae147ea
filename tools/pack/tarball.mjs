import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { GENERATED_FROM, INSIDE } from '../bundle.mjs';
import { ROOT, runNpm } from '../workspace.mjs';
import { shippedDeclaration } from './declarations.mjs';
import { copyKept, keptInGit } from './kept-files.mjs';
import { keepLinksInside } from './links.mjs';
import { ENTRIES, publishedManifest } from './manifest.mjs';
import { followImports } from './modules.mjs';
import { notices } from './notices.mjs';

/**
 * Stops what grows by accident, such as a second copy of a library or a font. Of 2.0 MB, the code of the server is 0.9, the pages with the reader of
 * QR codes 0.7, declarations 0.26, and guides and reference 0.2. The rest is room for features.
 */
const MAX_BYTES = 2_200_000;

/** What no import names: a worker is started by its address, and reads what it runs from a folder. */
const STARTED = ['packages/scripting/dist/sandbox-worker.js'];
const BUILT = ['packages/scripting/dist/inside', 'packages/web/dist'];
const COPIED = [
  ['packages/cli/bin'],
  ['docs/guides'],
  ['docs/reference'],
  // What the guides have their readers install; an image is made of a clone.
  ...['README.md', 'systemd', 'nginx', 'haproxy', 'pgbouncer', 'compose', 'kubernetes', 'prometheus'].map((name) => [
    `deploy/${name}`,
  ]),
  ['INSTALL.md', 'README.md'],
  ['SECURITY.md'],
  ['CHANGELOG.md'],
  ['LICENSE'],
];
/** What a thread loads when it is first needed, by a name that no import says (push, passkeys). */
const OF_THREADS = ['@simplewebauthn/server'];
/** What authors of nodes import beside what we export, and what is in our own bundle. */
const OF_AUTHORS = ['zod'];
/** What compilers leave beside their output. */
const LEFT_OVER = /\.(map|d\.ts|tsbuildinfo)$/;

const manifestOf = (name) => JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'));
const exportsOf = (name) => manifestOf(name).exports ?? {};
const isOfOthers = (name) => name !== 'assent' && !name.startsWith('@assent/');

/** The texts of all modules by their paths in the package, and its package.json. */
const modulesAndManifest = (hasDeclarations) => {
  const command = manifestOf('cli');
  const entries = ENTRIES.flatMap((path) => {
    const { types, default: built } = command.exports[path];
    return hasDeclarations ? [types, built] : [built];
  });
  const { files, imports, packages } = followImports({
    root: ROOT,
    exportsOf,
    entries: ['packages/cli/dist/bundle/main.js', ...STARTED, ...entries.map((path) => join('packages/cli', path))],
  });
  const manifests = readdirSync(join(ROOT, 'packages')).sort().map(manifestOf);
  const imported = new Set([...packages, ...OF_AUTHORS, ...OF_THREADS]);
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  return { files, ...publishedManifest({ command, manifests, imported, imports, lock }) };
};

/** The packages of others that are built into the pages. */
const packagesInPages = () => {
  const protocol = join('packages/push', exportsOf('push')['./protocol'].default);
  const { packages } = followImports({ root: ROOT, exportsOf, entries: [protocol] });
  return [...packages, ...Object.keys(manifestOf('web').dependencies).filter(isOfOthers)];
};

/**
 * Lays out the package in a folder: what is built, without its sources, and no file that nobody loads or reads. Whoever only runs it needs no
 * declarations, which take a minute to make.
 */
export const layOut = (folder, { hasDeclarations = true } = {}) => {
  const { files, manifest, tested } = modulesAndManifest(hasDeclarations);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), shippedDeclaration(path, text));
  }
  for (const built of BUILT) {
    if (!existsSync(join(ROOT, built))) throw new Error(`${built} is to be shipped, and is not there.`);
    cpSync(join(ROOT, built), join(folder, built), { recursive: true, filter: (path) => !LEFT_OVER.test(path) });
  }
  const kept = keptInGit(ROOT);
  for (const [from, to = from] of COPIED) copyKept({ root: ROOT, kept, from, to: join(folder, to) });
  keepLinksInside(folder, { 'INSTALL.md': 'README.md' });
  writeFileSync(
    join(folder, 'NOTICES.md'),
    notices(ROOT, new Set([...packagesInPages(), ...INSIDE, ...GENERATED_FROM])),
  );
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return { manifest, tested };
};

/**
 * Makes `assent-<version>.tgz` in a folder, from what the last build left; throws where something that it needs is missing, or where it has
 * grown over 2.2 MB. Two runs over the same build give the same bytes.
 */
export const packTo = async (folder) => {
  const scratch = mkdtempSync(join(tmpdir(), 'assent-pack-'));
  try {
    const { manifest, tested } = layOut(scratch);
    mkdirSync(folder, { recursive: true });
    await runNpm(['pack', '--pack-destination', resolve(folder), '--ignore-scripts'], { cwd: scratch, isQuiet: true });
    const path = join(folder, `assent-${manifest.version}.tgz`);
    const { size } = statSync(path);
    if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes, and ${MAX_BYTES} are the most.`);
    return { path, size, version: manifest.version, manifest, tested };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};
