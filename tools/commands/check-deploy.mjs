import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailed, ensureReady } from '../workspace.mjs';

const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));
const say = (text) => process.stderr.write(`${text}\n`);

try {
  // The settings are read by the server itself.
  await ensureReady({ say });
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`The build failed: ${error.message}.`);
  process.exit(1);
}
const { CHECKS } = await import('../deploy/checks.mjs');

let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  const { problems, skipped } = await check(DEPLOY);
  failed += problems.length;
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${name}${skipped === undefined ? '' : `, in part: ${skipped}`}`);
  for (const problem of problems) console.log(`  ${problem}`);
}
console.log(`${relative(process.cwd(), DEPLOY)}: ${failed} problems`);
process.exitCode = failed > 0 ? 1 : 0;
