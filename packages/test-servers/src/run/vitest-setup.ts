import { shareServers } from './shared-servers.ts';

/** Vitest calls it in its main process before the first test of a project, and what it returns after the last. */
export const setup = async (): Promise<() => Promise<void>> => {
  const servers = await shareServers();
  return async () => servers?.close();
};
