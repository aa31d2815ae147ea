import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureReady, ROOT } from './workspace.mjs';

/** `npm run docs`: writes what is generated in `docs/`; a test proves that what is committed is fresh. */
await ensureReady();
const { GENERATED_FOLDERS, generatedFiles } = await import('./docs/generated.mjs');
const files = generatedFiles();
for (const folder of GENERATED_FOLDERS) await rm(join(ROOT, folder), { recursive: true, force: true });
for (const [path, text] of files) {
  const file = join(ROOT, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
console.log(`${files.size} generated files in docs`);
