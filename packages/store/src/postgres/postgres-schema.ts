import type { SchemaPlan } from '../schema/plan.ts';
import { migratePostgres, planOf, refuseOutdated } from './migrate.ts';
import { onSchema } from './on-schema.ts';
import type { PostgresSchemaOptions } from './schema-options.ts';

/** Before anything is read or written: brings the schema up to date, or refuses it where it may not be changed. */
export const prepareSchema = (options: PostgresSchemaOptions): Promise<void> =>
  onSchema(options, options.migrate === 'off' ? refuseOutdated : migratePostgres);

/** Brings the schema of the database up to date, while others serve on it. */
export const migratePostgresSchema = (options: PostgresSchemaOptions): Promise<void> =>
  onSchema(options, migratePostgres);

/** What {@link migratePostgresSchema} would do. */
export const planPostgresSchema = (options: PostgresSchemaOptions): Promise<SchemaPlan> => onSchema(options, planOf);
