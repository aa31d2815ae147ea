import type { Random } from '@assent/engine';
import type { Migration } from '../migrations/migration.ts';
import type { ConnectionOptions } from './connections.ts';
import { readDatabaseUrl } from './database-url.ts';

export interface PostgresSchemaOptions {
  /** `postgres://user@host:5432/database?sslmode=verify-full&sslrootcert=…` */
  readonly url: string;
  /** Lets the connection to another machine go unencrypted. */
  readonly insecure?: boolean;
  /** Asked at each connect; the password of the URL where absent. */
  readonly readPassword?: () => string;
  /** A pooler stands between, and gives each transaction another session of the server. */
  readonly pooler?: 'transaction';
  readonly random: Random;
  /** `off`: a schema that is not up to date is refused. */
  readonly migrate?: 'auto' | 'off';
  /** @internal Those of another version, for tests of two versions at once. */
  readonly migrations?: readonly Migration[];
}

/** Where the options lead to. */
export const connectionOf = ({ url, insecure = false, readPassword, pooler }: PostgresSchemaOptions) =>
  ({
    ...readDatabaseUrl(url, { insecure }),
    ...(readPassword !== undefined && { readPassword }),
    ...(pooler !== undefined && { pooler }),
  }) satisfies ConnectionOptions;
