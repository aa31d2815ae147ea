import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A program of the checkout that is used here; its types are those of another version than ours. */
export interface Vite {
  build(options: object): Promise<unknown>;
  preview(options: object): Promise<{ close(): Promise<void> }>;
}

/** Imports a program of a checkout. The caller gives it: the runner that loads these files is closed by then. */
export type LoadProgram = (href: string) => Promise<Vite>;

/** The test app of a suite, below the checkout. */
export interface SuiteApp {
  /** What Vite takes as its root. */
  readonly root: string;
  readonly publicDir: string;
  readonly port: number;
}

const findAll = (directory: string, name: string, depth: number): readonly string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isFile()) return entry.name === name ? [path] : [];
    return depth > 0 && entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== 'dist'
      ? findAll(path, name, depth - 1)
      : [];
  });

type Exported = string | { readonly [condition: string]: Exported };
const addressOf = (exported: Exported | undefined): string | undefined =>
  typeof exported === 'object' ? addressOf(exported.import ?? exported.default) : exported;

/** The source of each entry of each package of the checkout: they are not built there, and Vite compiles them for the apps. */
const sourcesOf = (checkout: string): ReadonlyMap<string, string> => {
  const sources = new Map<string, string>();
  for (const path of findAll(join(checkout, 'packages'), 'package.json', 2)) {
    const { name, exports = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly name?: string;
      readonly exports?: Readonly<Record<string, Exported>>;
    };
    for (const [entry, exported] of Object.entries(exports)) {
      const source = addressOf(exported)
        ?.replace(/^\.\/dist\/(?:src\/)?/, 'src/')
        .replace(/(?:\.d)?\.[jt]s$/, '.ts');
      const at = source === undefined ? undefined : resolve(path, '..', source);
      if (at !== undefined && existsSync(at)) sources.set(`${name}${entry.slice(1)}`, at);
    }
  }
  return sources;
};

/** Builds an app with the Vite of its checkout, into a folder of the test run, and serves it where the specs expect it. */
export const serveApp = async (
  checkout: string,
  app: SuiteApp,
  directory: string,
  load: LoadProgram,
): Promise<() => Promise<void>> => {
  const program = join(checkout, 'node_modules/vite/dist/node/index.js');
  if (!existsSync(program)) throw new Error(`${checkout} has no packages installed. See docs/guides/certifying.md.`);
  const vite = await load(pathToFileURL(program).href);
  const root = join(checkout, app.root);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${checkout} has no ${app.root}.`);
  const sources = sourcesOf(checkout);
  const outDir = join(directory, 'app');
  const common = { configFile: false, root, appType: 'mpa', logLevel: 'warn' };
  await vite.build({
    ...common,
    publicDir: join(checkout, app.publicDir),
    plugins: [{ name: 'sources-of-packages', enforce: 'pre', resolveId: (id: string) => sources.get(id) }],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'esnext',
      minify: false,
      rollupOptions: { input: findAll(root, 'index.html', 3) },
    },
  });
  const server = await vite.preview({
    ...common,
    build: { outDir },
    preview: { port: app.port, host: 'localhost', strictPort: true },
  });
  return () => server.close();
};
