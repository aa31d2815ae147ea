import { LOGOUT_WEBHOOKS, webhooksText } from '@assent/engine/host';
import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { locksOf } from '../sql/locks.ts';
import { settingsOf } from '../testing/describe-configuration.ts';
import {
  activeGrant,
  backChannelRow,
  configuring,
  deviceRow,
  messageRow,
  mustCommit,
  NOW,
  newUser,
  outboxEntry,
  passkeyRow,
  sessionRow,
} from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts';

/** `ASSENT_TEST_LOCK_PAIRS=5000` has as many as OPS-05 says. */
const PAIRS = Number(process.env.ASSENT_TEST_LOCK_PAIRS ?? 120);
/** What is wrong on purpose is found long before. */
const PAIRS_UNTIL_FOUND = 400;
const PAIRS_AT_ONCE = 8;
const SEED = 15;
const ROUNDS_OF_SWEEPS = 12;
const SESSIONS_SWEPT = 40;
const ROUNDS_OF_DELETIONS = 3;
const ROWS_OF_A_KIND = 30;
/** Milliseconds: no session is kept for so long after its end. */
const SWEPT_FOR_GOOD_AFTER = 400 * 24 * 3_600_000;
const MAX_DEVICES = 2;
/** Milliseconds: the server looks for deadlocks before anybody has waited for long enough to be told so. */
const DEADLOCK_MILLIS = 20;

/** A change to the few rows of a round; `nth` makes what is new another for each commit. */
type Named = (round: number, nth: number) => StoreChange;
const users = ['1', '2'] as const;
const user = fc.constantFrom(...users);
const state = fc.constantFrom('approved' as const, 'denied' as const);
const policy = { windowMillis: 60_000, free: 50, lockMillis: 1_000, maxLockMillis: 1_000 };
const some = <T>(from: fc.Arbitrary<T>, change: (given: T, of: (name: string) => string, nth: number) => StoreChange) =>
  from.map(
    (given): Named =>
      (round, nth) =>
        change(given, (name) => `${name} ${round}`, nth),
  );

/** Two users, each with a session, two phones and a request that rings at both. */
const before = (round: number): readonly StoreChange[] => {
  const of = (name: string) => `${name} ${round}`;
  return users.flatMap((it): readonly StoreChange[] => [
    newUser({ id: of(`user ${it}`), username: of(`user ${it}`), hash: 'old' }),
    {
      type: 'device.insert',
      row: deviceRow({ uuid: of(`device ${it}`), userId: of(`user ${it}`), mechanismUid: of(it) }),
      maxDevices: MAX_DEVICES,
    },
    {
      type: 'push.open',
      rows: ['a', 'b'].map((phone) =>
        messageRow({
          id: of(`${it}${phone}`),
          request: of(`${it}a`),
          userId: of(`user ${it}`),
          deviceUuid: of(`device ${it}`),
        }),
      ),
    },
    {
      type: 'session.insert',
      row: sessionRow({ tokenHash: of(`token ${it}`), handle: of(it), sid: of(`sid ${it}`), userId: of(`user ${it}`) }),
    },
    {
      type: 'passkey.insert',
      row: passkeyRow({ uuid: of(`passkey ${it}`), userId: of(`user ${it}`), credentialId: of(`credential ${it}`) }),
      maxDevices: MAX_DEVICES,
    },
    { type: 'throttle.put', row: { subject: of(`counter ${it}`), hits: [NOW], lockedUntil: 0, rev: 0 } },
  ]);
};

const named = fc.oneof(
  some(fc.tuple(user, state), ([it, answered], of) => ({
    type: 'push.answer',
    id: of(`${it}b`),
    state: answered,
    at: NOW + 1,
    answerHash: 'answer',
  })),
  some(user, (it, of) => ({ type: 'push.badProof', id: of(`${it}b`), at: NOW })),
  some(user, (it, of) => ({ type: 'push.close', request: of(`${it}a`), reason: 'exit' })),
  some(user, (it, of) => ({ type: 'push.closeUser', userId: of(`user ${it}`), reason: 'password' })),
  some(fc.shuffledSubarray(['1a', '1b', '2a', '2b'], { minLength: 2 }), (ids, of) => ({
    type: 'push.delivery',
    marks: ids.map((id) => ({ id: of(id), delivery: 'sent' })),
  })),
  some(user, (it, of, nth) => ({
    type: 'push.open',
    rows: [
      messageRow({
        id: of(`new ${it} ${nth}`),
        request: of(`new ${it} ${nth}`),
        userId: of(`user ${it}`),
        deviceUuid: of(`device ${it}`),
      }),
    ],
  })),
  some(user, (it, of, nth) => ({
    type: 'device.insert',
    maxDevices: MAX_DEVICES,
    row: deviceRow({
      uuid: of(`device ${it} ${nth}`),
      userId: of(`user ${it}`),
      mechanismUid: of(`mechanism ${it} ${nth}`),
    }),
  })),
  some(user, (it, of) => ({
    type: 'passkey.used',
    uuid: of(`passkey ${it}`),
    signCount: 0,
    mismatch: true,
    userVerified: true,
    backedUp: false,
    at: NOW,
  })),
  some(user, (it, of) => ({ type: 'throttle.hit', subject: of(`counter ${it}`), policy, at: NOW })),
  some(fc.shuffledSubarray(['counter 1', 'counter 2'], { minLength: 2 }), (names, of) => ({
    type: 'throttle.clear',
    subjects: names.map(of),
  })),
  some(user, (it, of) => ({ type: 'session.touch', tokenHash: of(`token ${it}`), at: NOW + 5 })),
  some(user, (it, of) => ({ type: 'session.endAllOf', userId: of(`user ${it}`) })),
  some(user, (it, of) => ({ type: 'identity.rehash', id: of(`user ${it}`), seenHash: 'old', hash: 'old' })),
);
/** In whatever order they come: only a common one of the locks keeps two from waiting for each other. */
const changes = fc.array(named, { minLength: 2, maxLength: 4 });
const sampled = fc.sample(fc.tuple(changes, changes), { seed: SEED, numRuns: Math.max(PAIRS, PAIRS_UNTIL_FOUND) });

interface Found {
  deadlocks: number;
  /** Rules that hold after any commits, and did not. */
  lost: number;
}

/** Whoever came last has superseded the others, and nobody has more phones than are allowed (I2, OPS-06). */
const lostIn = async (store: Store, round: number): Promise<number> => {
  const of = (name: string) => `${name} ${round}`;
  const counts = await Promise.all(
    users.map(async (it) => {
      const devices = await store.devices.ofUser(of(`user ${it}`));
      const uuids = devices.map(({ uuid }) => ({ uuid, userId: of(`user ${it}`) }));
      const ringing = await store.messages.pendingFor(uuids, NOW);
      const requests = new Set(ringing.map(({ request }) => request));
      return (devices.length > MAX_DEVICES ? 1 : 0) + (requests.size > 1 ? 1 : 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};

/** Lets two instances change one new database, and tells how often they have waited for each other. */
const deadlocksOf = async (
  locks: PostgresStoreOptions['locks'],
  work: (stores: readonly [Store, Store], deadlocks: () => Promise<number>) => Promise<void>,
): Promise<number> => {
  const database = await createDatabase();
  const client = new pg.Client(database.superuserUrl);
  await client.connect();
  await client.query(`ALTER DATABASE ${database.name} SET deadlock_timeout = ${DEADLOCK_MILLIS}`);
  const statistics = async () => {
    const { rows } = await client.query(
      `SELECT deadlocks, (SELECT COUNT(*) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'assent') AS open
       FROM pg_stat_database WHERE datname = $1`,
      [database.name],
    );
    return { deadlocks: Number(rows[0].deadlocks), open: Number(rows[0].open) };
  };
  const open = () =>
    openPostgresStore({
      url: database.url,
      masterKey: masterKeyOf('test'),
      random: systemRandom,
      maxWait: 15_000,
      ...(locks !== undefined && { locks }),
    });
  const stores = [await open(), await open()] as const;
  let deadlocks = 0;
  try {
    await work(stores, async () => (await statistics()).deadlocks);
  } finally {
    for (const store of stores) await store.close();
    // The server adds up what a connection has met when the connection ends.
    while ((await statistics()).open > 0);
    deadlocks = (await statistics()).deadlocks;
    await client.end();
    await database.close();
  }
  return deadlocks;
};

/** Sets pairs of commits upon a few rows, eight pairs at once by two instances, until so many are done or one is found. */
const collide = async (
  pairs: number,
  locks: PostgresStoreOptions['locks'],
  isEnough: (found: Found) => boolean,
): Promise<Found> => {
  const found: Found = { deadlocks: 0, lost: 0 };
  found.deadlocks = await deadlocksOf(locks, async (stores, deadlocks) => {
    for (let round = 0; round * PAIRS_AT_ONCE < pairs && !isEnough(found); round += 1) {
      await mustCommit(stores[0], ...before(round));
      const some = sampled.slice(round * PAIRS_AT_ONCE, (round + 1) * PAIRS_AT_ONCE);
      await Promise.all(
        some.flatMap((pair, at) =>
          pair.map((commit, of) =>
            stores[of === 0 ? 0 : 1].committer.commit(commit.map((change) => change(round, 2 * at + of))),
          ),
        ),
      );
      found.lost += await lostIn(stores[1], round);
      if (locks !== undefined) found.deadlocks = await deadlocks();
    }
  });
  return found;
};

/** Two sweeps of sessions that have run out, while their user ends them all. */
const sweepAndEnd = async ([one, other]: readonly [Store, Store], round: number): Promise<void> => {
  const userId = `user of ${round}`;
  const rows = Array.from({ length: SESSIONS_SWEPT }, (_, at) => {
    const name = `${round} ${String(at).padStart(2, '0')}`;
    const properties = { [LOGOUT_WEBHOOKS]: webhooksText(['app']) };
    return sessionRow({ tokenHash: name, handle: name, sid: name, userId, properties });
  });
  // Other than by the key, and than by any index.
  const made = [...rows.filter((_, at) => at % 2 === 1).toReversed(), ...rows.filter((_, at) => at % 2 === 0)];
  await mustCommit(one, ...made.map((row): StoreChange => ({ type: 'session.insert', row })));
  // Half of the rounds tell of their end, and the others delete them.
  const at = sessionRow().maxExpiresAt + (round % 2) * SWEPT_FOR_GOOD_AFTER;
  await Promise.all([
    one.sweep(at, 1_000),
    mustCommit(other, { type: 'session.endAllOf', userId }),
    other.sweep(at, 1_000),
  ]);
};

/** Two sweeps of whatever a user has left that is over, while the user is deleted; as many of each kind, in no order of their keys. */
const sweepAndDelete = async ([one, other]: readonly [Store, Store], round: number): Promise<void> => {
  const id = `user of ${round}`;
  const names = Array.from({ length: ROWS_OF_A_KIND }, (_, at) => `${round} ${String(at).padStart(2, '0')}`);
  const made = [...names.filter((_, at) => at % 2 === 1).toReversed(), ...names.filter((_, at) => at % 2 === 0)];
  const owned = { realm: '/alpha', userId: id };
  await mustCommit(
    one,
    newUser({ id, username: id }),
    ...made.flatMap((name): readonly StoreChange[] => [
      { type: 'throttle.put', row: { subject: `password:${id}:${name}`, hits: [NOW], lockedUntil: 0, rev: 0 } },
      { type: 'push.open', rows: [messageRow({ ...owned, id: name, request: name, journeyId: name })] },
      { type: 'backChannel.open', row: backChannelRow({ idHash: name, openedBy: name, subject: id }) },
      { type: 'grant.open', row: activeGrant({ ...owned, id: name, sid: name }) },
      { type: 'outbox.put', entry: outboxEntry({ id: name, recipient: name, userId: id }) },
      { type: 'outbox.bury', id: name, seenTries: 0, at: NOW, cause: 'gone' },
    ]),
  );
  const at = NOW + SWEPT_FOR_GOOD_AFTER;
  await Promise.all([one.sweep(at, 1_000), mustCommit(other, { type: 'identity.delete', id }), other.sweep(at, 1_000)]);
};

describeWith(['postgres'], 'commits of two instances to the same few rows', () => {
  test(`never wait for each other in ${PAIRS} random pairs, and lose no race (OPS-05, OPS-06)`, async () => {
    expect(await collide(PAIRS, undefined, () => false)).toEqual({ deadlocks: 0, lost: 0 });
  }, 600_000);

  test('never wait for a sweep, which takes many rows at once, nor it for them (OPS-05)', async () => {
    const ofSweeps = await deadlocksOf(undefined, async (stores) => {
      for (let round = 0; round < ROUNDS_OF_SWEEPS; round += 1) await sweepAndEnd(stores, round);
    });
    expect(ofSweeps).toBe(0);
  });

  test('never wait for a sweep that takes what they delete of a user, of whatever kind (OPS-05)', async () => {
    const ofDeletions = await deadlocksOf(undefined, async (stores) => {
      for (let round = 0; round < ROUNDS_OF_DELETIONS; round += 1) await sweepAndDelete(stores, round);
    });
    expect(ofDeletions).toBe(0);
  });

  test('never wait for a commit that writes the settings of their realm, nor it for them (OPS-05, SEC-89)', async () => {
    const settings = settingsOf('/alpha');
    const ofSettings = await deadlocksOf(undefined, async (stores) => {
      await configuring(stores[0]).createRealm(settings);
      for (let round = 0; round * PAIRS_AT_ONCE < PAIRS; round += 1) {
        await mustCommit(stores[0], ...before(round));
        const some = sampled.slice(round * PAIRS_AT_ONCE, (round + 1) * PAIRS_AT_ONCE);
        const commits = some.flatMap((pair, at) =>
          pair.map(
            (commit, of) => () =>
              stores[of === 0 ? 0 : 1].committer.commit(commit.map((change) => change(round, 2 * at + of))),
          ),
        );
        const half = commits.length / 2;
        await Promise.all([
          ...commits.slice(0, half).map((commit) => commit()),
          configuring(stores[1]).saveRealm(settings),
          ...commits.slice(half).map((commit) => commit()),
        ]);
      }
    });
    expect(ofSettings).toBe(0);
  }, 600_000);

  describe('are shown to have met, since this test finds', () => {
    test('deadlocks, where every other commit locks in another order', async () => {
      let commits = 0;
      const inTurns: typeof locksOf = (given) => {
        commits += 1;
        return commits % 2 === 0 ? locksOf(given) : locksOf(given).toReversed();
      };
      expect((await collide(PAIRS_UNTIL_FOUND, inTurns, ({ deadlocks }) => deadlocks > 0)).deadlocks).toBeGreaterThan(
        0,
      );
    });

    test('lost races, where nothing is locked', async () => {
      expect(
        (
          await collide(
            PAIRS_UNTIL_FOUND,
            () => [],
            ({ lost }) => lost > 0,
          )
        ).lost,
      ).toBeGreaterThan(0);
    });
  });
});
