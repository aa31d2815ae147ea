import { ensureReady } from './workspace.mjs';

/** `npm run census`: how much of what published journeys use this server has, computed from its nodes. */
await ensureReady();
const { censusLines } = await import('./census/census-report.mjs');
console.log(censusLines().join('\n'));
