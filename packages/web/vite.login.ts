import { build, type Plugin } from 'vite';

const root = import.meta.dirname;
const jsx = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;

/**
 * The login page is built by itself: its style sheet stands in the HTML, so that it is painted as soon as that is there, and
 * one script is all that it loads at first (ux.md §7.3 A6, A7). Beside it comes what the server draws it by.
 */
export const loginPage = (): Plugin => ({
  name: 'assent-login-page',
  apply: 'build',
  async generateBundle(_options, bundle) {
    const built = [
      ...(await buildPage()),
      ...(await buildModule('login', 'view/login-view.tsx')),
      ...(await buildModule('qr', 'parts/qr-code.ts')),
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

const buildPage = async (): Promise<readonly BuiltFile[]> => {
  const files = await outputOf({
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
        output: { assetFileNames: 'assets/[name]-[hash][extname]' },
      },
    },
  });
  const [sheet, ...others] = files.filter(({ fileName }) => fileName.endsWith('.css'));
  if (sheet === undefined || others.length > 0) throw new RangeError('The login page is built of one style sheet.');
  return files
    .filter((file) => file !== sheet)
    .map(({ fileName, source }) => ({
      fileName,
      source: fileName === 'login.html' ? paintedFirst(String(source), String(sheet.source).trim()) : source,
    }));
};

/**
 * Nothing is fetched before the first paint but the HTML: the style sheet is in it, allowed by a nonce that the server fills in
 * (`view/page-html.ts`), and the script, which takes over what is painted already, comes after what is needed for that.
 */
const paintedFirst = (html: string, css: string): string => {
  if (/<\/style|<!--/i.test(css)) throw new RangeError('The style sheet of the login page would end its element.');
  const once = (text: string, mark: RegExp, instead: string): string => {
    if (text.match(mark)?.length !== 1) throw new RangeError(`The built login page needs ${mark} once.`);
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
      ssr: `${root}/src/login/${source}`,
      rolldownOptions: { output: { entryFileNames: `view/${name}.js`, codeSplitting: false } },
    },
  });

const outputOf = async (config: Parameters<typeof build>[0]): Promise<readonly BuiltFile[]> => {
  const result = await build({ configFile: false, logLevel: 'warn', root, publicDir: false, ...config });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs
    .flatMap((it) => ('output' in it ? it.output : []))
    .map((file) => ({ fileName: file.fileName, source: file.type === 'chunk' ? file.code : file.source }));
};
