import { describe, type TestOptions } from 'vitest';
import { missingServers, type ServerName } from '../machine/requirements.ts';

/** A suite that needs servers. Where one is not installed the suite is skipped, and its name says why. */
export const describeWith = (
  servers: readonly ServerName[],
  name: string,
  define: () => void,
  options: TestOptions = {},
): void => {
  const missing = missingServers(servers);
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`;
  describe.skipIf(missing)(title, options, define);
};
