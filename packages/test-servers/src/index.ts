export { type SlapdOptions, SlapdServer } from './directory/slapd-server.ts';
export { postgresVersions } from './machine/programs.ts';
export { missingServers, type ServerName } from './machine/requirements.ts';
export { Scratch } from './machine/scratch.ts';
export { type PostgresOptions, PostgresServer } from './postgres/postgres-server.ts';
export type { DatabaseOptions, PostgresAddress, TestDatabase } from './postgres/test-database.ts';
export { createDatabase, type SharedServers, shareServers } from './run/shared-servers.ts';
