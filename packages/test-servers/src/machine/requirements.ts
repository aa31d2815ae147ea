import { findProgram, postgresVersions } from './programs.ts';

/** A server that tests may need, and the packages of Debian that bring it. */
const SERVERS = {
  postgres: { packages: 'postgresql-15 or later', isThere: () => postgresVersions().length > 0 },
  pgbouncer: { packages: 'pgbouncer', isThere: () => findProgram('pgbouncer') !== undefined },
  redis: { packages: 'redis-server', isThere: () => findProgram('redis-server') !== undefined },
  valkey: { packages: 'valkey-server', isThere: () => findProgram('valkey-server') !== undefined },
  haproxy: { packages: 'haproxy', isThere: () => findProgram('haproxy') !== undefined },
  slapd: { packages: 'slapd', isThere: () => findProgram('slapd') !== undefined },
} as const;

export type ServerName = keyof typeof SERVERS;

/** Why tests that need these servers cannot run here; undefined where they can. */
export const missingServers = (names: readonly ServerName[]): string | undefined => {
  // Who is left over when a test dies is found by the working directories in /proc.
  if (process.platform !== 'linux') return 'servers are started for tests on Linux alone';
  const missing = names.filter((name) => !SERVERS[name].isThere());
  if (missing.length === 0) return undefined;
  return missing.map((name) => `${name} is not installed (Debian: ${SERVERS[name].packages})`).join('; ');
};
