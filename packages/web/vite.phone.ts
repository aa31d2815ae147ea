import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { build, type Plugin, type Rolldown } from 'vite';

const source = `${import.meta.dirname}/src/phone`;
const PAGE = 'phone/index.html';

/**
 * What makes the phone an app: the manifest, the icons, and the service worker with the list of what it keeps. Their names
 * carry no hash, because browsers come back to the same address for a new version.
 */
export const phoneApp = (): Plugin => ({
  name: 'assent-phone-app',
  apply: 'build',
  async generateBundle(_options, bundle) {
    const emit = (fileName: string, content: string | Uint8Array): void =>
      void this.emitFile({ type: 'asset', fileName: `phone/${fileName}`, source: content });
    emit('manifest.webmanifest', readFileSync(`${source}/manifest.json`));
    for (const icon of readdirSync(`${source}/icons`)) emit(icon, readFileSync(`${source}/icons/${icon}`));

    const files = shellFiles(bundle);
    const hash = createHash('sha256');
    for (const file of files) hash.update(`${file}\n`);
    hash.update(readFileSync(`${import.meta.dirname}/${PAGE}`));
    const shell = ['./', ...files.map((file) => `../${file}`), 'manifest.webmanifest', 'icon-192.png'];
    emit('sw.js', await buildWorker(shell, hash.digest('hex').slice(0, 16)));
  },
});

/** All that the page loads at once or in a language; what it loads for a rare need (the scanner) is left to the browser's cache. */
const shellFiles = (bundle: Rolldown.OutputBundle): readonly string[] => {
  const chunks = Object.values(bundle).filter((it) => it.type === 'chunk');
  const entry = chunks.find(({ isEntry, name }) => isEntry && name === 'phone');
  if (entry === undefined) throw new Error('The build has no entry named phone.');
  const found = new Set<string>();
  const visit = (fileName: string): void => {
    const chunk = chunks.find((it) => it.fileName === fileName);
    if (chunk === undefined || found.has(fileName)) return;
    found.add(fileName);
    for (const css of chunk.viteMetadata?.importedCss ?? []) found.add(css);
    for (const imported of chunk.imports) visit(imported);
    for (const later of chunk.dynamicImports) {
      const module = chunks.find((it) => it.fileName === later)?.facadeModuleId ?? '';
      if (module.includes('/phone/texts/texts.')) visit(later);
    }
  };
  visit(entry.fileName);
  return [...found].sort();
};

/** One classic script without imports: what every browser with service workers takes. */
const buildWorker = async (files: readonly string[], version: string): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    root: import.meta.dirname,
    define: { SHELL_FILES: JSON.stringify(files), SHELL_VERSION: JSON.stringify(version) },
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: `${source}/worker/main.ts`, output: { format: 'iife' } },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  const chunk = output && 'output' in output ? output.output[0] : undefined;
  if (chunk?.type !== 'chunk') throw new Error('The service worker was not built.');
  return chunk.code;
};
