import { build, type Plugin } from 'vite';

const root = import.meta.dirname;
const jsx = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;

/**
 * The pages that the server renders, the login page and those of the provider, are each built by itself: its style sheet
 * stands in the HTML, so that it is painted as soon as that is there, and one script is all that it loads at first (ux.md §7.3
 * A6, A7). Beside them comes what the server draws them by.
 */
export const renderedPages = (): Plugin => ({
  name: 'assent-rendered-pages',
  apply: 'build',
  async generateBundle(_options, bundle) {
    const built = [
      ...(await buildPage('login')),
      ...(await buildModule('login', 'login/view/login-view.tsx')),
      ...(await buildModule('qr', 'login/parts/qr-code.ts')),
      ...(await buildPage('oauth')),
      ...(await buildModule('oauth', 'oauth/view/oauth-view.tsx')),
    ];
    for (const { fileName, source } of built) {
      // The icon, which the other pages have, too.
      if (!(fileName in bundle)) this.emitFile({ type: 'asset', fileName, source });
    }
  },
});

interface BuiltFile {
  readonly fileName: string;
  readonly source: string | Uint8Array;
}

/**
 * The page has one style sheet, in its HTML, and preloads nothing. What the bundler brings along to do both for a part that is loaded later would
 * be half a kilobyte without effect.
 */
const plainImports: Plugin = {
  name: 'assent-plain-imports',
  enforce: 'pre',
  load: (id) => (id.endsWith('vite/preload-helper.js') ? 'export const __vitePreload = (load) => load();' : undefined),
};

const buildPage = async (name: 'login' | 'oauth'): Promise<readonly BuiltFile[]> => {
  const files = await outputOf({
    base: './',
    oxc: jsx,
    plugins: [plainImports],
    build: {
      write: false,
      target: 'es2022',
      cssCodeSplit: false,
      // The CSP has no `data:` for scripts and styles, and the polyfill would be an inline script.
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: {
        input: { [name]: `${root}/${name}.html` },
        output: { assetFileNames: 'assets/[name]-[hash][extname]' },
      },
    },
  });
  const [sheet, ...others] = files.filter(({ fileName }) => fileName.endsWith('.css'));
  if (sheet === undefined || others.length > 0) throw new RangeError(`The page ${name} is built of one style sheet.`);
  return files
    .filter((file) => file !== sheet)
    .map(({ fileName, source }) => ({
      fileName,
      source: fileName === `${name}.html` ? paintedFirst(String(source), String(sheet.source).trim()) : source,
    }));
};

/**
 * Nothing is fetched before the first paint but the HTML: the style sheet is in it, allowed by a nonce that the server fills in
 * (`kit/html/page-head.ts`), and the script, which takes over what is painted already, comes after what is needed for that.
 */
const paintedFirst = (html: string, css: string): string => {
  if (/<\/style|<!--/i.test(css)) throw new RangeError('The style sheet of the page would end its element.');
  const once = (text: string, mark: RegExp, instead: string): string => {
    if (text.match(mark)?.length !== 1) throw new RangeError(`The built page needs ${mark} once.`);
    return text.replace(mark, () => instead);
  };
  const withSheet = once(html, /<link rel="stylesheet"[^>]*>/g, `<style nonce="">${css}</style>`);
  return once(withSheet, /<script type="module"/g, '<script type="module" fetchpriority="low"');
};

/** For the server: one module without imports, and without a DOM. */
const buildModule = (name: string, source: string): Promise<readonly BuiltFile[]> =>
  outputOf({
    oxc: jsx,
    ssr: { noExternal: true },
    build: {
      write: false,
      target: 'node20',
      ssr: `${root}/src/${source}`,
      // The server keeps its text, in two bytes for every letter where one is beyond Latin.
      rolldownOptions: {
        output: {
          entryFileNames: `view/${name}.js`,
          codeSplitting: false,
          charset: 'ascii',
          comments: { jsdoc: false },
        },
      },
    },
  });

const outputOf = async (config: Parameters<typeof build>[0]): Promise<readonly BuiltFile[]> => {
  const result = await build({ configFile: false, logLevel: 'warn', root, publicDir: false, ...config });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs
    .flatMap((it) => ('output' in it ? it.output : []))
    .map((file) => ({ fileName: file.fileName, source: file.type === 'chunk' ? file.code : file.source }));
};
