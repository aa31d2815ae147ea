// What works on PostgreSQL. It is loaded where there is one, since a server on SQLite would hold its driver, and the half of Node that this
// one loads, for nothing: 14 MB, and a tenth of its start.
export { copyStore } from './copy/copy-store.ts';
export { examineDatabase } from './postgres/examine-database.ts';
export { migratePostgresSchema, planPostgresSchema } from './postgres/postgres-schema.ts';
export { openPostgresStore } from './postgres/postgres-store.ts';
export { restorePostgresInPlace } from './postgres/restore.ts';
