import type { Erasure } from '@assent/engine/host';
import type pg from 'pg';
import { V7Generator } from 'uuidv7';
import { StoreRefused } from '../ports/store.ts';
import { changesAlone } from '../sql/changes-alone.ts';
import { type Contents, contents } from '../sql/contents.ts';
import type { MasterKeySource } from '../sql/installation/data-keys.ts';
import { isSettled } from '../sql/installation/life.ts';
import { configurationLock } from '../sql/locks.ts';
import { type Restored, restored, seenSince } from '../sql/restored.ts';
import { auditByIdTopic } from '../sql/trail/audit-by-id.ts';
import { type Call, first, statement, type Verb } from '../sql/verbs/verb.ts';
import { sendTogether } from './connections.ts';
import { migratePostgres } from './migrate.ts';
import { onSchema } from './on-schema.ts';
import type { PostgresSchemaOptions } from './schema-options.ts';
import { carryOut } from './together.ts';

export interface PostgresRestoreOptions extends PostgresSchemaOptions {
  /** 32 bytes: the ones that the database was made with. */
  readonly masterKey: MasterKeySource;
  readonly voidCodes: boolean;
  readonly now: number;
  readonly transactionId: string;
  /** Who was erased since, as far as that is known. */
  readonly erasures?: readonly Erasure[];
}

/** A server tells of itself every ten seconds; one that has missed two of them is not there. */
const SEEN_MILLIS = 30_000;
/** By the clock that servers tell it by, and not by that of whoever restores. */
const selectNow = statement<[millis: number]>('SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)');

function* seenLately(): ReturnType<typeof seenSince> {
  const [now = 0] = (yield* first(selectNow)) ?? [];
  return yield* seenSince(now - SEEN_MILLIS);
}

const inOne = async <T>(client: pg.Client, work: () => Promise<T>): Promise<T> => {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (failure) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw failure;
  }
};

/**
 * Makes of a database that was put back, by `pg_restore` or otherwise, one to be served on (OPS-61). Refuses while servers tell of
 * themselves there: whatever they remember is of another life.
 */
export const restorePostgresInPlace = (
  options: PostgresRestoreOptions,
): Promise<Restored & { readonly rows: Contents }> =>
  onSchema(options, async (schema) => {
    const { masterKey, random } = options;
    await migratePostgres(schema);
    const client = await schema.connect();
    const send = async (calls: readonly Call[]): Promise<readonly unknown[]> => {
      const answers: unknown[] = [];
      for (const call of calls) answers.push(...(await sendTogether(client, [call])));
      return answers;
    };
    const run = <T>(verb: Verb<T>): Promise<T> => carryOut(verb, send);
    const ids = new V7Generator({ nextUint32: () => new DataView(random.bytes(4).buffer).getUint32(0) });
    const trail = auditByIdTopic((at) => ids.generateOrResetWithTs(at).toString(), configurationLock, random);
    try {
      const changes = await run(changesAlone(masterKey, random, trail));
      // Those of a copy that nobody has settled on yet are of elsewhere.
      const seen = (await run(isSettled())) ? await run(seenLately()) : [];
      if (seen.length > 0) {
        const servers = seen.map(([name, host]) => `${name} on ${host}`).join(', ');
        throw new StoreRefused(
          `Servers work on the database, or have within the last half minute: ${servers}. Stop them first; nothing was changed.`,
        );
      }
      return await inOne(client, async () => {
        const done = await run(restored({ ...options, changes }));
        return { ...done, rows: await run(contents()) };
      });
    } finally {
      await client.end().catch(() => undefined);
    }
  });
