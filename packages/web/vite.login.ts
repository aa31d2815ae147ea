import { build, type Plugin, type Rolldown } from 'vite';

const root = import.meta.dirname;
const jsx = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;

/**
 * The login page is built by itself: one script and one style sheet are all that it needs at first, and what others share
 * would be more files to wait for (ux.md §7.3 A7). Beside it comes the view by which the server draws the page.
 */
export const loginPage = (): Plugin => ({
  name: 'assent-login-page',
  apply: 'build',
  async generateBundle(_options, bundle) {
    for (const file of [...(await buildPage()), ...(await buildView())]) {
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

/** One module without imports but Node's own, and without a DOM. */
const buildView = (): Promise<readonly BuiltFile[]> =>
  outputOf({
    oxc: jsx,
    ssr: { noExternal: true },
    build: {
      write: false,
      target: 'node20',
      ssr: `${root}/src/login/view/login-view.tsx`,
      rolldownOptions: { output: { entryFileNames: 'view/login.js', codeSplitting: false } },
    },
  });

const outputOf = async (config: Parameters<typeof build>[0]): Promise<readonly BuiltFile[]> => {
  const result = await build({ configFile: false, logLevel: 'warn', root, publicDir: false, ...config });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs.flatMap((it) => ('output' in it ? it.output : []));
};
