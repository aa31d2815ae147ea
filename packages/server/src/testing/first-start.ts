import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createPasswordHasher } from '@assent/store';
import { compose } from '../composition/compose.ts';
import { createLog } from '../platform/log.ts';
import { loadSettings } from '../settings/load-settings.ts';

/** Starts a server in a data directory once that file is there, and prints the password that the first screen has. */
export const run = async (dataDir: string, go: string): Promise<void> => {
  const { settings } = await loadSettings({ flags: { dataDir, port: 18_494 }, env: {} });
  process.stdout.write('ready\n');
  while (!existsSync(go)) await wait(1);
  const hasher = createPasswordHasher({ cost: 'cheap-for-tests' });
  const assent = await compose({ settings, hasher, log: createLog({ level: 'error' }) });
  process.stdout.write(`${JSON.stringify({ password: assent.firstScreen.adminPassword ?? null })}\n`);
  await assent.stop();
  process.exit(0);
};
