import { copyFileSync } from 'node:fs';
import { seededRandom } from '@assent/engine/testing';
import { afterAll, expect, test } from 'vitest';
import { verifyStored } from '../chain/verify-stored.ts';
import { auditEvent, CHECKPOINT_KEY_OF_TESTS, mustCommit, sealAll } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { plantedChanges } from '../testing/trail/planted-change.ts';
import { driverFor, openDatabase } from './driver.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

/** `npm run tools -- millions --audit` sets a million rows: then fewer copies are verified, since each takes 20 s; a report holds 100 problems. */
const MANY_ROWS = Number(process.env.ASSENT_TEST_AUDIT_ROWS ?? 0);
const ROWS = MANY_ROWS || 4_000;
const ROWS_AT_ONCE = MANY_ROWS > 0 ? 400 : 40;
const CHANGES = MANY_ROWS > 0 ? 40 : 10;
const ROUNDS = 200 / CHANGES;
const TIMEOUT_MILLIS = MANY_ROWS > 0 ? 3_600_000 : 60_000;

/** Tells how long a part of a run with a million rows took. */
const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const begin = performance.now();
  const result = await work();
  const seconds = (performance.now() - begin) / 1_000;
  if (MANY_ROWS > 0)
    console.log(`${what}: ${seconds.toFixed(1)} s, ${((seconds * 1e6) / ROWS).toFixed(1)} µs for a row`);
  return result;
};

test('finds each of 200 random changes to a sealed audit log, and reports nothing else (SEC-80)', {
  timeout: TIMEOUT_MILLIS,
}, async () => {
  const file = scratchFile();
  const open = (of: string) => openSqliteStore({ file: of, masterKey: masterKeyOf('test'), random: systemRandom });
  const store = await open(file);
  let sealMillis = 0;
  for (let at = 0; at < ROWS; at += ROWS_AT_ONCE) {
    const rows = Array.from({ length: ROWS_AT_ONCE }, (_, n) => {
      const event = auditEvent({ event: `E${n}`, ...(n % 2 === 0 && { detail: { at, n } }) });
      return { type: 'audit.append', event } as const;
    });
    await mustCommit(store, ...rows);
    const begin = performance.now();
    await sealAll(store, { limit: ROWS_AT_ONCE + 1 });
    sealMillis += performance.now() - begin;
  }
  if (MANY_ROWS > 0) console.log(`sealing: ${((sealMillis * 1_000) / ROWS).toFixed(1)} µs for a row`);
  const batches = await store.auditChain.seals(1, Number.MAX_SAFE_INTEGER, ROWS);
  await store.close();
  const draw = seededRandom().int;
  for (let round = 0; round < ROUNDS; round += 1) {
    const changes = plantedChanges(batches, CHANGES, draw, round * CHANGES);
    const copy = scratchFile();
    copyFileSync(file, copy);
    const db = await openDatabase(copy, driverFor(process.versions.node));
    for (const { sql } of changes) for (const text of sql) db.exec(text);
    db.close();
    const changed = await open(copy);
    const keys = [CHECKPOINT_KEY_OF_TESTS.publicKey];
    const { problems } = await timed('verifying', () => verifyStored({ chain: changed.auditChain, keys }));
    await changed.close();
    const isOf = (position: number | undefined, { from, to }: (typeof changes)[number]) =>
      position !== undefined && position >= from && position <= to;
    const unseen = changes.filter((change) => !problems.some(({ position }) => isOf(position, change)));
    expect(unseen, `round ${round}`).toEqual([]);
    const others = problems.filter(({ position }) => !changes.some((change) => isOf(position, change)));
    expect(others, `round ${round}`).toEqual([]);
  }
});
