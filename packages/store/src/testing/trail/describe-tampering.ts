import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linked } from '../../chain/seals.ts';
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

/** Rows 1 to 6, of which 5 is a checkpoint. */
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
    'changed with its hash',
    setAt(3, "outcome = 'o', chain_hash = 'hash'"),
    [
      ['changed', 3],
      ['changed', 4],
    ],
  ],
  [
    'taken out of the seal',
    setAt(3, 'chain_hash = NULL'),
    [
      ['inserted', 3],
      ['missing', 4],
    ],
  ],
  ['emptied without a word', setAt(3, 'detail = NULL, salt = NULL'), [['emptied', 3]]],
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
      ['changed', 4],
    ],
  ],
  [
    'inserted in the place of another',
    ({ place, row }) => [`DELETE FROM audit WHERE ${place} = 3`, `INSERT INTO audit ${row(3, 'LOGIN')}`],
    [
      ['inserted', 3],
      ['missing', 4],
    ],
  ],
  ['inserted before all others', ({ row }) => [`INSERT INTO audit ${row(0, 'LOGIN')}`], [['inserted', 0]]],
  ['a checkpoint that was changed', setAt(5, 'at = 1'), [['changed', 5]]],
  [
    'said to be sealed less far',
    ({ place }) => [
      `UPDATE audit_sealed SET position = 3, hash = (SELECT chain_hash FROM audit WHERE ${place} = 3), count = 3`,
    ],
    [['changed', 4]],
  ],
  ['said not to be sealed at all', () => ['DELETE FROM audit_sealed'], [['changed', 1]]],
  [
    'let go without a signed word',
    ({ place }) => [
      `UPDATE audit_sealed SET begins = 2, begins_hash = (SELECT chain_hash FROM audit WHERE ${place} = 2)`,
      `DELETE FROM audit WHERE ${place} <= 2`,
    ],
    [['beginning', 2]],
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

    test('is found where hashes were made anew, by the checkpoint that nobody else can sign', async () => {
      const rows = await chain().rows({ position: 0 }, 99);
      const [, second, third, fourth, fifth, sixth] = rows;
      // The easiest way: another row in the place of the third, and all hashes from there on.
      let previous = second?.seal?.hash ?? '';
      const again = [third, fourth, fifth, sixth].map((row) => {
        previous = linked(previous, `digest of another row, at ${row?.position}`);
        return `UPDATE audit SET chain_hash = '${previous}' WHERE ${db.place} = ${row?.position}`;
      });
      await db.sql(...again);
      expect(new Set((await found()).map(([fault]) => fault))).toEqual(new Set(['changed']));
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
      const head = all[2];
      await db.sql(
        `DELETE FROM audit WHERE ${db.place} > 3`,
        `UPDATE audit_sealed SET position = 3, hash = '${head?.hash}', count = 3, checkpoint = 0`,
      );
      // Nothing that is left says that there was more.
      expect(await found()).toEqual([]);
      expect(await found(kept)).toEqual([['cut', 4]]);
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
