import type pg from 'pg';
import type { LateIndex } from '../schema/parts.ts';
import { DatabaseFailure } from './failures.ts';

/** Somebody else has just begun to make it. */
const IS_THERE = '42P07';

type IndexStatus = 'absent' | 'valid' | 'under way' | 'broken';

const statusOf = async (client: pg.Client, name: string): Promise<IndexStatus> => {
  const { rows } = await client.query(
    `SELECT made.indisvalid AS is_valid, EXISTS (
       SELECT 1 FROM pg_stat_progress_create_index AS under_way WHERE under_way.index_relid = made.indexrelid
     ) AS is_under_way
     FROM pg_index AS made WHERE made.indexrelid = to_regclass($1)`,
    [name],
  );
  const [found] = rows;
  if (found === undefined) return 'absent';
  if (found.is_valid === true) return 'valid';
  return found.is_under_way === true ? 'under way' : 'broken';
};

/**
 * Makes an index while others write to its table, which no transaction can do (OPS-20). One that somebody has begun and not
 * ended is there and of no use: it is dropped and made again, unless the server still works on it for a program that has died.
 */
export const makeIndex = async (
  client: pg.Client,
  { name, text }: LateIndex,
  pause: () => Promise<unknown>,
): Promise<void> => {
  for (;;) {
    const status = await statusOf(client, name);
    if (status === 'valid') break;
    if (status === 'under way') await pause();
    else {
      if (status === 'broken') await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
      try {
        await client.query(text);
      } catch (failure) {
        if (new DatabaseFailure(failure).sqlState !== IS_THERE) throw failure;
      }
    }
  }
  await client.query('DELETE FROM schema_index WHERE name = $1', [name]);
};
