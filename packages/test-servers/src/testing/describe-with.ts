import { describe, type TestOptions } from 'vitest';
import { missingServers, type ServerName } from '../machine/requirements.ts';

export interface SuiteOptions extends TestOptions {
  /** What the suite needs beside servers, and is not there: programs, or rights. */
  readonly lacking?: readonly string[];
}

/** A suite that needs servers. Where one is not installed the suite is skipped, and its name says why. */
export const describeWith = (
  servers: readonly ServerName[],
  name: string,
  define: () => void,
  { lacking = [], ...options }: SuiteOptions = {},
): void => {
  const missing = [missingServers(servers), ...lacking.map((it) => `there is no ${it}`)].filter(
    (it) => it !== undefined,
  );
  const title = missing.length === 0 ? name : `${name} (skipped: ${missing.join('; ')})`;
  describe.skipIf(missing.length > 0)(title, options, define);
};
