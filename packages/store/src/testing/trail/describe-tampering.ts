import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { batchOf, endOf } from '../../chain/sealed-batch.ts';
import { digestOf, GENESIS } from '../../chain/seals.ts';
import { verifyStored } from '../../chain/verify-stored.ts';
import type { Store } from '../../ports/store.ts';
import { auditEvent, CHECKPOINT_KEY_OF_TESTS, mustCommit, NOW, sealAll } from '../rows.ts';

/** A database, and somebody who may write to it without asking us. */
export interface Tampered {
  readonly store: Store;
  /** Statements, one after the other. */
  readonly sql: (...texts: readonly string[]) => Promise<unknown>;
  /** The column by which rows of the trail stand in their order. */
  readonly place: 'id' | 'position';
  /** Columns and values of a row of somebody's own, at a place. */
  readonly row: (place: number, event: string, detail?: string) => string;
}

type Found = readonly (readonly [fault: string, position: number | undefined])[];
type Tampering = readonly [what: string, how: (db: Tampered) => readonly string[], found: Found];

const setAt = (place: number, set: string): ((db: Tampered) => readonly string[]) => {
  return ({ place: column }) => [`UPDATE audit SET ${set} WHERE ${column} = ${place}`];
};

const OTHER = 'B'.repeat(43);

const setSeal = (first: number, set: string): string => `UPDATE audit_seal SET ${set} WHERE first = ${first}`;

/** The digests of a batch, with one replaced. */
const digestsWith = (position: number): string =>
  `SUBSTR(digests, 1, ${(position - 1) * 43}) || '${OTHER}' || SUBSTR(digests, ${position * 43 + 1})`;

/** Rows 1 to 6, of which 5 is a checkpoint. Rows 1 to 4 are one batch, and the others are one batch each. */
const TAMPERINGS: readonly Tampering[] = [
  ...[
    'at = at + 1',
    "event = 'LOGOUT'",
    "realm = '/beta'",
    "transaction_id = 'other'",
    "user_id = 'user-2'",
    'user_id = NULL',
    "journey = 'J'",
    "node_type = 'N'",
    "node_id = 'n'",
    "outcome = 'o'",
    `detail = '{"n":3}'`,
    "detail = '{'",
    "detail = '[]'",
    "salt = 'salt'",
    'salt = NULL',
    "detail_hash = 'hash'",
    'at = 9007199254740993',
  ].map((set): Tampering => [`changed: ${set}`, setAt(3, set), [['changed', 3]]]),
  [
    'changed with its digest',
    (db) => [...setAt(3, "outcome = 'o'")(db), setSeal(1, `digests = ${digestsWith(3)}`)],
    [
      ['changed', 1],
      ['changed', 3],
    ],
  ],
  [
    'a digest that was changed',
    () => [setSeal(1, `digests = ${digestsWith(3)}`)],
    [
      ['changed', 1],
      ['changed', 3],
    ],
  ],
  ['a digest that was taken out', () => [setSeal(1, 'digests = SUBSTR(digests, 44)')], [['changed', 1]]],
  ['a seal with another hash', () => [setSeal(1, `hash = '${OTHER}'`)], [['changed', 1]]],
  [
    'a seal behind another hash',
    () => [setSeal(5, `previous = '${OTHER}'`)],
    [
      ['changed', 5],
      ['forged', 5],
    ],
  ],
  ['a seal that begins elsewhere', () => [setSeal(1, 'first = 2')], [['changed', 2]]],
  [
    'a seal that ends elsewhere',
    () => [setSeal(1, 'last = 3')],
    [
      ['changed', 1],
      ['inserted', 4],
    ],
  ],
  ['the last seal with another hash', () => [setSeal(6, `hash = '${OTHER}'`)], [['changed', 6]]],
  ['taken out of the seal', () => ['DELETE FROM audit_seal WHERE first = 1'], [['missing', 1]]],
  ['the last one taken out of the seal', () => ['DELETE FROM audit_seal WHERE first = 6'], [['missing', 6]]],
  ['all taken out of the seal', () => ['DELETE FROM audit_seal'], [['missing', 1]]],
  [
    'removed with its seal',
    ({ place }) => [`DELETE FROM audit WHERE ${place} <= 4`, 'DELETE FROM audit_seal WHERE first = 1'],
    [['missing', 5]],
  ],
  [
    'a seal among others',
    () => [`INSERT INTO audit_seal (first, last, previous, hash, digests) VALUES (2, 3, '${OTHER}', '${OTHER}', '')`],
    [['inserted', 2]],
  ],
  ['emptied without a word', setAt(3, 'detail = NULL, salt = NULL'), [['changed', 3]]],
  ['emptied of its detail alone', setAt(3, 'detail = NULL'), [['emptied', 3]]],
  ['removed', ({ place }) => [`DELETE FROM audit WHERE ${place} = 3`], [['missing', 4]]],
  ['removed: the first', ({ place }) => [`DELETE FROM audit WHERE ${place} <= 2`], [['missing', 3]]],
  ['removed: the last', ({ place }) => [`DELETE FROM audit WHERE ${place} >= 5`], [['cut', 5]]],
  [
    'reordered',
    ({ place }) => [
      `UPDATE audit SET ${place} = 99 WHERE ${place} = 2`,
      `UPDATE audit SET ${place} = 2 WHERE ${place} = 3`,
      `UPDATE audit SET ${place} = 3 WHERE ${place} = 99`,
    ],
    [
      ['changed', 2],
      ['changed', 3],
    ],
  ],
  [
    'inserted in the place of another',
    ({ place, row }) => [`DELETE FROM audit WHERE ${place} = 3`, `INSERT INTO audit ${row(3, 'LOGIN')}`],
    [['changed', 3]],
  ],
  ['inserted before all others', ({ row }) => [`INSERT INTO audit ${row(0, 'LOGIN')}`], [['inserted', 0]]],
  ['a checkpoint that was changed', setAt(5, 'at = 1'), [['changed', 5]]],
  [
    'said to be sealed less far',
    () => [`UPDATE audit_sealed SET position = 4, hash = (SELECT hash FROM audit_seal WHERE last = 4), count = 4`],
    [['changed', 5]],
  ],
  ['said not to be sealed at all', () => ['DELETE FROM audit_sealed'], [['changed', 1]]],
  [
    'let go without a signed word',
    ({ place }) => [
      `UPDATE audit_sealed SET begins = 4, begins_hash = (SELECT hash FROM audit_seal WHERE last = 4)`,
      `DELETE FROM audit WHERE ${place} <= 4`,
      'DELETE FROM audit_seal WHERE last <= 4',
    ],
    [['beginning', 4]],
  ],
];

export const describeTampering = (open: () => Promise<Tampered>): void => {
  describe('a trail that somebody has changed in the database (SEC-80)', () => {
    let db: Tampered;
    beforeEach(async () => {
      db = await open();
      const write = (...names: readonly string[]) =>
        mustCommit(
          db.store,
          ...names.map((event, n) => ({ type: 'audit.append', event: auditEvent({ event, detail: { n } }) }) as const),
        );
      await write('A', 'B', 'C', 'D');
      await sealAll(db.store, { ends: true });
      await write('F');
      await sealAll(db.store);
    });
    afterEach(() => db.store.close());

    const chain = () => db.store.auditChain;
    const found = async (since?: { readonly position: number; readonly hash: string }): Promise<Found> => {
      const options = { chain: chain(), keys: [CHECKPOINT_KEY_OF_TESTS.publicKey], ...(since && { since }) };
      return (await verifyStored(options)).problems.map(({ fault, position }) => [fault, position]);
    };
    const places = async () =>
      (await chain().rows({ position: 0 }, 99)).map(({ position, seal }) => ({ position, hash: seal?.hash ?? '' }));

    test('is found to be whole where nobody has', async () => {
      expect(await found()).toEqual([]);
    });

    // Each is undone, since making a database takes longer than all of them.
    test.each(TAMPERINGS)('is found: %s', async (_, how, expected) => {
      await db.sql(...how(db));
      expect(await found()).toEqual(expected);
    });

    test('is found where all seals were recomputed, by the signature of the checkpoint', async () => {
      const rows = (await chain().rows({ position: 0 }, 99)).map((row) =>
        row.position === 3 && row.event ? { ...row, event: { ...row.event, outcome: 'o' } } : row,
      );
      const again: string[] = [];
      let head = { position: 0, hash: GENESIS };
      for (const { first, last } of await chain().seals(1, 99, 99)) {
        const digests = rows.slice(first - 1, last).map((row) => digestOf(row, row.seal?.detailHash));
        const batch = batchOf(first, digests, head.hash);
        const { previous, hash } = batch;
        again.push(setSeal(first, `previous = '${previous}', hash = '${hash}', digests = '${batch.digests}'`));
        head = endOf(batch);
      }
      const [outcome = ''] = setAt(3, "outcome = 'o'")(db);
      await db.sql(outcome, ...again, `UPDATE audit_sealed SET hash = '${head.hash}'`);
      expect(await found()).toEqual([['forged', 5]]);
    });

    test('is found to be emptied as an erasure does it, without an ERASE row', async () => {
      const [row] = await chain().rows({ position: 2 }, 1);
      const emptied = `detail = NULL, salt = NULL, detail_hash = '${row?.seal?.detailHash}'`;
      await db.sql(...setAt(3, emptied)(db));
      expect(await found()).toEqual([['emptied', 3]]);
    });

    test('is found where it is said to be sealed less far, or let go further, within a batch', async () => {
      const all = await places();
      const [, second, third] = all;
      await db.sql(`UPDATE audit_sealed SET position = 3, hash = '${third?.hash}', count = 3`);
      expect(await found()).toEqual([['changed', 4]]);
      await db.sql(
        `UPDATE audit_sealed SET position = 6, hash = '${all.at(-1)?.hash}', count = 6`,
        `UPDATE audit_sealed SET begins = 2, begins_hash = '${second?.hash}'`,
        `DELETE FROM audit WHERE ${db.place} <= 2`,
      );
      expect(await found()).toEqual([['beginning', 2]]);
      await db.sql(`UPDATE audit_sealed SET begins_hash = '${third?.hash}'`);
      expect(await found()).toEqual([
        ['changed', 1],
        ['beginning', 2],
      ]);
    });

    test('is found where a checkpoint was put there, which the sealer has sealed', async () => {
      const last = (await places()).at(-1);
      const detail = { ...last, epoch: 0, count: 6, keyId: CHECKPOINT_KEY_OF_TESTS.publicKey.kid, signature: 'AAAA' };
      await db.sql(`INSERT INTO audit ${db.row(7, 'AUDIT_CHECKPOINT', JSON.stringify(detail))}`);
      await sealAll(db.store);
      expect(await found()).toEqual([['forged', 7]]);
    });

    test('is found to be cut where somebody has kept a checkpoint, also when the head was put back', async () => {
      const all = await places();
      const kept = all[4];
      const cutTo = (place: (typeof all)[number] | undefined) =>
        db.sql(
          `DELETE FROM audit WHERE ${db.place} > ${place?.position}`,
          `UPDATE audit_sealed SET position = ${place?.position}, hash = '${place?.hash}', count = ${place?.position}, checkpoint = 0`,
        );
      await cutTo(all[3]);
      // The seals of the deleted rows are still there.
      expect(await found()).toEqual([['cut', 5]]);
      await db.sql('DELETE FROM audit_seal WHERE first > 4');
      // Nothing that is left says that there was more.
      expect(await found()).toEqual([]);
      expect(await found(kept)).toEqual([['cut', 5]]);
      // The seal of the batch covers the deleted row.
      await cutTo(all[2]);
      expect(await found()).toEqual([['cut', 4]]);
    });

    test('goes on behind a place where its end was taken away, and says so', async () => {
      await db.sql(`DELETE FROM audit WHERE ${db.place} >= 5`);
      const sealed = await chain().seal({
        holder: 'sealer',
        now: NOW,
        limit: 9,
        key: CHECKPOINT_KEY_OF_TESTS,
        transactionId: 't',
        gap: 'rows are gone',
      });
      expect(sealed?.gap).toContain('position 6');
      await mustCommit(db.store, { type: 'audit.append', event: auditEvent({ event: 'LATER' }) });
      await sealAll(db.store);
      const names = (await chain().rows({ position: 4 }, 9)).map(({ event, seal }) => [
        event?.event,
        seal !== undefined,
      ]);
      expect(names).toEqual([
        ['AUDIT_GAP', true],
        ['LATER', true],
      ]);
      expect(await found()).toEqual([['missing', 7]]);
    });
  });
};
