import { ensureReady, ensureReference } from '../workspace.mjs';

/** `npm run docs`: writes what is generated in `docs/`; a test proves that what is committed is fresh. */
await ensureReady();
await ensureReference();
const { writeGenerated } = await import('../docs/generated.mjs');
console.log(`${await writeGenerated()} generated files in docs`);
