import { findProgram, postgresVersions } from './programs.ts';

const areThere = (...programs: readonly string[]): boolean => programs.every((name) => findProgram(name) !== undefined);

/** A server that tests may need, and the packages of Debian that bring it. */
const SERVERS = {
  postgres: { packages: 'postgresql-15 or later', isThere: () => postgresVersions().length > 0 },
  pgbouncer: { packages: 'pgbouncer', isThere: () => areThere('pgbouncer') },
  redis: { packages: 'redis-server', isThere: () => areThere('redis-server') },
  valkey: { packages: 'valkey-server', isThere: () => areThere('valkey-server') },
  haproxy: { packages: 'haproxy', isThere: () => areThere('haproxy') },
  nginx: { packages: 'nginx', isThere: () => areThere('nginx') },
  slapd: { packages: 'slapd, ldap-utils, openssl', isThere: () => areThere('slapd', 'ldapmodify', 'openssl') },
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
