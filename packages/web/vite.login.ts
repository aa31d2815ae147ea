import { build, type Plugin, type Rolldown } from 'vite';

const root = import.meta.dirname;
const jsx = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;

/**
 * The login page is built by itself: one script and one style sheet are all that it needs at first, and what others share
 * would be more files to wait for (ux.md §7.3 A7). Beside it comes what the server draws it by.
 */
export const loginPage = (): Plugin => ({
  name: 'assent-login-page',
  apply: 'build',
  async generateBundle(_options, bundle) {
    const built = [
      ...(await buildPage()),
      ...(await buildModule('login', 'view/login-view.tsx')),
      ...(await buildModule('qr', 'qr-drawing.ts')),
    ];
    for (const file of built) {
      // The icon, which the other pages have, too.
      if (file.fileName in bundle) continue;
      const source = file.type === 'chunk' ? file.code : file.source;
      this.emitFile({ type: 'asset', fileName: file.fileName, source });
    }
  },
});

type BuiltFile = Rolldown.OutputAsset | Rolldown.OutputChunk;

const buildPage = (): Promise<readonly BuiltFile[]> =>
  outputOf({
    base: './',
    oxc: jsx,
    build: {
      write: false,
      target: 'es2022',
      cssCodeSplit: false,
      // The CSP has no `data:` for scripts and styles, and the polyfill would be an inline script.
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: {
        input: { login: `${root}/login.html` },
        output: {
          assetFileNames: ({ names: [name = ''] }) =>
            `assets/${name === 'style.css' ? 'login' : '[name]'}-[hash][extname]`,
        },
      },
    },
  });

/** For the server: one module without imports, and without a DOM. */
const buildModule = (name: string, source: string): Promise<readonly BuiltFile[]> =>
  outputOf({
    oxc: jsx,
    ssr: { noExternal: true },
    build: {
      write: false,
      target: 'node20',
      ssr: `${root}/src/login/${source}`,
      rolldownOptions: { output: { entryFileNames: `view/${name}.js`, codeSplitting: false } },
    },
  });

const outputOf = async (config: Parameters<typeof build>[0]): Promise<readonly BuiltFile[]> => {
  const result = await build({ configFile: false, logLevel: 'warn', root, publicDir: false, ...config });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs.flatMap((it) => ('output' in it ? it.output : []));
};
