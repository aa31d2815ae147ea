import { ensureBuilt, ensureInstalled } from './workspace.mjs';

/** `npm run census`: how much of what published journeys use this server has, computed from its nodes. */
await ensureInstalled();
await ensureBuilt();
const { censusLines } = await import('./census/census-report.mjs');
console.log(censusLines().join('\n'));
