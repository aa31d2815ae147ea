import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureInstalled } from './workspace.mjs';

/** `npm run docs`: writes the reference from the definitions; a test proves that what is committed is fresh. */
const reference = fileURLToPath(new URL('../docs/reference', import.meta.url));

await ensureInstalled();
await ensureBuilt();
const { referencePages } = await import('./docs/reference.mjs');
await rm(reference, { recursive: true, force: true });
for (const [path, text] of referencePages()) {
  const file = join(reference, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
console.log(`${referencePages().size} pages in docs/reference`);
