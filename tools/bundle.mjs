import http from 'node:http';
import { dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './workspace.mjs';

// Puts what a server runs on into few files (docs/adr/0105). Node takes time and memory for each module that it loads: from a thousand of them
// a server is there in twice the time, and lies idle in 40 MB more.

/** What is started, and what may be imported; all of them share what they have in common, so that each module is there once. */
const PUBLISHED = {
  main: 'dist/main.js',
  index: 'dist/entries/index.js',
  engine: 'dist/entries/engine.js',
  nodes: 'dist/entries/nodes.js',
  testing: 'dist/entries/testing.js',
};
/** Servers that tests start, some of them dozens of times. */
const FOR_TESTS = {
  'serve-for-tests': 'dist/testing/serve-for-tests.js',
  'serve-for-faults': 'dist/testing/serve-for-faults.js',
};

/**
 * Libraries of ES modules, of which we use a part. The first comes with its texts in sixty languages, and shows none of them to anybody.
 * All others are loaded from where they are installed.
 */
export const INSIDE = ['zod', 'jose', 'image-size', 'ldapts', '@scure/base'];
/** What a generated module is made of. */
export const GENERATED_FROM = ['@zxcvbn-ts/language-common'];

const isInside = (specifier) =>
  /^[./]/.test(specifier) || ['@assent', ...INSIDE].some((name) => `${specifier}/`.startsWith(`${name}/`));

const PLACE = /new URL\("([^"]+)", import\.meta\.url\)/g;
/** What is as true of the bundle as of the module: where packages are looked for, and whether we are installed in somebody's project. */
const OF_PROGRAM = /createRequire\(import\.meta\.url\)|new URL\(import\.meta\.url\)/g;

/** A file that a module finds by its own place stays where it is: a worker, the pages, a package.json. */
const placesKeptFor = (directory) => ({
  name: 'places-kept',
  transform(code, module) {
    if (!code.includes('import.meta')) return undefined;
    if (code.replaceAll(PLACE, '').replaceAll(OF_PROGRAM, '').includes('import.meta'))
      throw new Error(`${module} asks for its place, and is in a bundle: say new URL('…', import.meta.url).`);
    return code.replaceAll(PLACE, (_all, place) => {
      const path = relative(directory, resolve(dirname(module), place));
      return `new URL("${path}${/(^|\/)\.?$/.test(place) ? '/' : ''}", import.meta.url)`;
    });
  },
});

/**
 * Whoever imports this module of Node reads all of its exports, and one of them loads what speaks WebSocket from Node 22 on: 13 MB, which
 * nobody asked for. Required, it does not.
 */
const withoutWebSocket = {
  name: 'without-web-socket',
  resolveId: (specifier) => (specifier === 'node:http' ? { id: '\0node-http' } : undefined),
  load(module) {
    if (module !== '\0node-http') return undefined;
    const names = Object.entries(Object.getOwnPropertyDescriptors(http)).flatMap(([name, { get }]) =>
      get ? [] : [name],
    );
    return `import { createRequire } from 'node:module';
const http = createRequire(import.meta.url)('node:http');
export const { ${names.join(', ')} } = http;`;
  },
};

/** A stack trace names it: where it would be called by the folder of an entry, it is called by the package. */
const partName = ({ name, moduleIds }) => {
  const [, ours] = /packages\/([\w-]+)\/dist\/index\.js$/.exec(moduleIds.at(-1) ?? '') ?? [];
  return `part-${ours ?? name}.js`;
};

/** Puts what `compile` has written of a package and of all that its entries import in one folder, from which every place is as far. */
const bundled = async (name, input, treeshake) => {
  const cwd = join(ROOT, 'packages', name);
  const directory = join(cwd, 'dist/bundle');
  const made = await rolldown({
    cwd,
    input,
    platform: 'node',
    external: (specifier) => specifier !== 'node:http' && !isInside(specifier),
    plugins: [placesKeptFor(directory), withoutWebSocket],
    treeshake,
  });
  await made.write({
    dir: directory,
    entryFileNames: '[name].js',
    chunkFileNames: partName,
    // Node keeps the text of each module, and two bytes for every letter of one that has a letter beyond Latin.
    charset: 'ascii',
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await made.close();
};

export const bundle = () => bundled('cli', PUBLISHED);
/** What suites are made of stands beside what they share with these servers, which would load it and never use it. */
export const bundleForTests = () =>
  bundled('server', FOR_TESTS, {
    moduleSideEffects: [{ test: /^(vitest|fast-check)$/, external: true, sideEffects: false }],
    manualPureFunctions: ['fc'],
  });
