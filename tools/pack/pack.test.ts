import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Installation,
  openPage,
  runIn,
  serve,
  signInByPhone,
  testOwnNode,
} from '../../conformance/package/installed.ts';
import { ROOT } from '../workspace.mjs';
import { layOutAsInstalled } from './as-installed.mjs';
import { publishedManifest } from './manifest.mjs';
import { followImports } from './modules.mjs';
import { heldVersions, strayVersions, testedVersions } from './versions.mjs';

// The package as it is laid out, beside the packages of others that are installed here, and without its declarations; `npm run tools -- check-package`
// installs the tarball itself.

let directory: string;
let installation: Installation;
let manifest: ReturnType<typeof publishedManifest>['manifest'];
let tested: ReturnType<typeof publishedManifest>['tested'];
let files: readonly string[];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'assent-laid-out-'));
  const laidOut = layOutAsInstalled(directory);
  ({ manifest, tested } = laidOut);
  files = readdirSync(join(directory, 'node_modules/assent'), { recursive: true, encoding: 'utf8' });
  installation = {
    directory,
    env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: directory },
    command: [process.execPath, laidOut.command],
  };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the package (OPS-66)', () => {
  test('has no source, no test, no map and no package of ours by its name', () => {
    const ofCode = files.filter((path) => !path.startsWith('deploy/'));
    expect(ofCode.filter((path) => /(?<!\.d)\.tsx?$|\.test\.|\.map$|tsbuildinfo|(^|\/)src\//.test(path))).toEqual([]);
    const modules = files.filter((path) => /\.(js|d\.ts)$/.test(path) && !path.includes('web/dist'));
    expect(modules.length).toBeGreaterThan(40);
    const naming = modules.filter((path) =>
      /(from|import)\s*\(?\s*['"]@assent\//.test(
        // What a comment shows is not imported.
        readFileSync(join(directory, 'node_modules/assent', path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
      ),
    );
    expect(naming).toEqual([]);
  });

  test('finds what a thread loads by name alone', () => {
    const from = createRequire(join(directory, 'node_modules/assent/packages/cli/dist/bundle/main.js'));
    expect(manifest.dependencies).toHaveProperty(['@simplewebauthn/server'], '14.0.3');
    expect(existsSync(from.resolve('@simplewebauthn/server'))).toBe(true);
  });

  test('wants exact versions, runs no script, and depends on nothing that is ours', () => {
    const wanted = { ...manifest.dependencies, ...manifest.peerDependencies };
    expect(Object.values(wanted).filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
    expect(Object.keys(wanted).filter((name) => name.startsWith('@assent/'))).toEqual([]);
    expect(manifest).not.toHaveProperty('scripts');
    expect(manifest).not.toHaveProperty('private');
  });

  test('names what its dependencies ask for by a range, but for the second of two versions (ADR 102)', () => {
    const named = { ...manifest.dependencies, ...manifest.optionalDependencies };
    const left = [...tested].filter(([name, { isRanged }]) => isRanged && named[name] === undefined);
    expect(left).toEqual([]);
    // Where there is one more, somebody has to know.
    expect([...tested].filter(([, { versions }]) => versions.size > 1).map(([name]) => name)).toEqual(['tslib']);
    // Exact already, and one for each system.
    expect(tested.has('@node-rs/argon2-linux-x64-musl')).toBe(true);
    expect(named).not.toHaveProperty('@node-rs/argon2-linux-x64-musl');
  });

  test('leads nowhere that is not in it', () => {
    const targets = Object.values(manifest.exports).map((target) =>
      typeof target === 'string' ? target : (target as { readonly default: string }).default,
    );
    expect(targets.length).toBeGreaterThan(4);
    expect(targets.filter((path) => !existsSync(join(directory, 'node_modules/assent', path)))).toEqual([]);
  });

  test('has pages that link to what is in it alone, and what their commands install', () => {
    const folder = join(directory, 'node_modules/assent');
    const pages = files.filter((path) => path.endsWith('.md'));
    const textOf = (page: string) => readFileSync(join(folder, page), 'utf8');
    const missing = pages.flatMap((page) => {
      const text = textOf(page).replace(/^```[\s\S]*?^```/gm, '');
      const linked = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, it = '']) => it);
      const inside = linked.filter((it) => !/^[a-z]+:/.test(it));
      return inside.filter((it) => !existsSync(join(folder, dirname(page), it))).map((it) => `${page}: ${it}`);
    });
    expect(missing).toEqual([]);
    const named = pages.flatMap((page) => textOf(page).match(/(?<![\w/.])deploy\/[\w./-]+\w/g) ?? []);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
    // Reached by a link from elsewhere: the way in has another name here.
    expect(textOf('docs/guides/production.md')).toContain('(../../README.md)');
  });

  test('has each part of the bundle, also those that are loaded when they are needed, and what these import', () => {
    const parts = readdirSync(join(ROOT, 'packages/cli/dist/bundle')).map((name) => `packages/cli/dist/bundle/${name}`);
    expect(parts.filter((part) => !files.includes(part))).toEqual([]);
    expect(manifest.dependencies).toHaveProperty('pg');
  });

  test('asks for what only some need by its name, and installs it for nobody (OPS-67)', () => {
    expect(Object.keys(manifest.peerDependencies)).toEqual(['@aws-sdk/client-sns', 'better-sqlite3']);
    for (const name of Object.keys(manifest.peerDependencies)) {
      expect(manifest.dependencies).not.toHaveProperty(name);
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
    }
  });

  test('has the licences of what is built into its pages and its program', () => {
    const text = readFileSync(join(directory, 'node_modules/assent/NOTICES.md'), 'utf8');
    for (const name of ['preact', 'qr', 'zxing-wasm', '@scure/base', 'jose', 'zod'])
      expect(text).toMatch(new RegExp(`^## ${name} `, 'm'));
  });

  test('runs an own node and a test of it that imports assent/engine, assent/nodes and assent/testing', async () => {
    await testOwnNode(installation);
  });

  test('serves its pages, journeys with that node, and a login by its own phone', async () => {
    const server = await serve(installation, ['--nodes', './office-hours.mjs']);
    try {
      await openPage(server.am);
      await signInByPhone(installation, server.am);
    } finally {
      await server.stop();
    }
  });

  test('says its version, and starts a server in a program that imports assent', async () => {
    const version = await runIn(installation, [...installation.command, '--version']);
    expect(version).toEqual({ code: 0, text: `${manifest.version}\n` });
    const program = `const { compose, loadSettings } = await import('assent');
      const { settings } = await loadSettings({ flags: {}, env: { ASSENT_DATABASE_URL: 'memory:', ASSENT_PORT: '0' } });
      const server = await compose({ settings });
      await server.stop();`;
    expect(await runIn(installation, ['node', '--input-type=module', '-e', program])).toMatchObject({ code: 0 });
  });
});

describe('the package is refused', () => {
  const lock = { packages: {} };
  const command = { version: '1.0.0', license: 'MIT', type: 'module', engines: {}, exports: {} };
  const entry = { types: './dist/x.d.ts', default: './dist/x.js' };
  const exports = { '.': entry, './engine': entry, './nodes': entry, './testing': entry };
  const made = (manifests: readonly object[], imported: readonly string[] = []) =>
    publishedManifest({
      command: { ...command, exports },
      manifests,
      imported: new Set(imported),
      imports: new Map(),
      lock,
    });

  test.each([
    [
      'a version that is not exact',
      [{ name: 'a', dependencies: { x: '^1.0.0' } }],
      'a wants x ^1.0.0: say one version.',
    ],
    [
      'two versions',
      [
        { name: 'a', dependencies: { x: '1.0.0' } },
        { name: 'b', dependencies: { x: '2.0.0' } },
      ],
      'x is wanted in the versions 1.0.0 and 2.0.0.',
    ],
  ])('where its parts want %s', (_what, manifests, message) => {
    expect(() => made(manifests)).toThrow(message);
  });

  test('where a declaration names a package without types, so that programs in TypeScript would not compile', () => {
    const root = mkdtempSync(join(tmpdir(), 'assent-declared-'));
    try {
      for (const [name, types] of Object.entries({ untyped: {}, typed: { exports: { '.': { types: './x.d.ts' } } } })) {
        mkdirSync(join(root, 'node_modules', name), { recursive: true });
        writeFileSync(join(root, 'node_modules', name, 'package.json'), JSON.stringify(types));
        writeFileSync(join(root, `${name}.d.ts`), `import type { X } from '${name}';\nexport type Y = X;\n`);
      }
      const follow = (entry: string) => followImports({ root, entries: [entry], exportsOf: () => ({}) });
      expect(() => follow('untyped.d.ts')).toThrow('untyped.d.ts names untyped, which brings no types');
      expect([...follow('typed.d.ts').packages]).toEqual(['typed']);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  test('where something is imported that nobody has declared', () => {
    expect(() => made([], ['x'])).toThrow('Imported, and declared by no package: x.');
  });
});

describe('an installation', () => {
  const lock = {
    packages: {
      'node_modules/a': {
        version: '1.0.0',
        dependencies: { b: '^2.0.0', c: '3.0.0' },
        optionalDependencies: { d: '*', e: '^1.0.0' },
      },
      'node_modules/a/node_modules/b': { version: '2.1.0', dependencies: { c: '^2.0.0' } },
      'node_modules/a/node_modules/c': { version: '3.0.0' },
      'node_modules/b': { version: '9.9.9', dev: true },
      'node_modules/c': { version: '2.2.0' },
      'node_modules/d': { version: '4.0.0', optional: true },
    },
  };
  const versions = testedVersions(lock, ['a']);

  test('is what the lockfile has for those who ask, not what others have', () => {
    expect(heldVersions(versions, lock, ['a'])).toEqual({
      dependencies: { b: '2.1.0', c: '3.0.0' },
      optionalDependencies: { d: '4.0.0' },
    });
    expect(() => testedVersions({ packages: {} }, ['a'])).toThrow('needs a, which the lockfile has not');
  });

  test('that differs is told of', () => {
    const installed = (packages: Readonly<Record<string, string>>) => ({
      packages: Object.fromEntries(
        Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }]),
      ),
    });
    expect(strayVersions(versions, installed({ assent: '0.1.0', a: '1.0.0', b: '2.1.0', c: '3.0.0' }))).toEqual([]);
    expect(strayVersions(versions, installed({ a: '1.0.0', b: '2.1.1', 'a/node_modules/f': '1.0.0' }))).toEqual([
      'node_modules/b is 2.1.1, and was tested as 2.1.0',
      'node_modules/a/node_modules/f is 1.0.0, and was tested without',
    ]);
  });
});
