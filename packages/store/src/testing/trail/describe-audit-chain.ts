import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyStored } from '../../chain/verify-stored.ts';
import type { Store } from '../../ports/store.ts';
import { LEASE_MILLIS } from '../../rules/leases.ts';
import type { OpenTwoStores } from '../describe-races.ts';
import { auditEvent, CHECKPOINT_KEY_OF_TESTS, commit, mustCommit, NOW, sealAll } from '../rows.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const KEYS = [CHECKPOINT_KEY_OF_TESTS.publicKey];

export const describeAuditChain = (open: OpenTwoStores): void => {
  describe('the trail as a chain', () => {
    let one: Store;
    let other: Store;
    beforeEach(async () => {
      [one, other] = await open();
    });
    afterEach(async () => {
      await one.close();
      await other.close();
    });

    const order = { holder: 'a', now: NOW, limit: 3, key: CHECKPOINT_KEY_OF_TESTS, transactionId: 't' };
    const trimOrder = { ...order, onlySent: false, limit: 100 };
    const write = (store: Store, ...names: readonly string[]) =>
      mustCommit(
        store,
        ...names.map((event) => ({
          type: 'audit.append' as const,
          event: auditEvent({ event, detail: { of: event, n: 1 } }),
        })),
      );
    const verified = (since?: { position: number; hash: string }) =>
      verifyStored({ chain: one.auditChain, keys: KEYS, ...(since && { since }) });
    const rowsOf = () => one.auditChain.rows({ position: 0 }, 1_000);

    test('seals what was committed, batch by batch, and each row by all that were before it (SEC-80)', async () => {
      await write(one, 'A', 'B');
      await write(one, 'C', 'D', 'E');
      const batches = [];
      for (let isMore = true; isMore; ) {
        const sealed = await one.auditChain.seal(order);
        batches.push(sealed?.rows);
        isMore = sealed?.isMore === true;
      }
      expect(batches).toEqual([3, 2]);
      const rows = await rowsOf();
      expect(rows.map(({ position, event }) => [position, event?.event])).toEqual(
        ['A', 'B', 'C', 'D', 'E'].map((name, at) => [at + 1, name]),
      );
      expect(new Set(rows.map(({ seal }) => seal?.hash)).size).toBe(5);
      expect(await verified()).toMatchObject({ rows: 5, faults: 0, to: { position: 5, hash: rows[4]?.seal?.hash } });
    });

    test('is sealed by one instance, and by the next once that is heard of no more (SEC-80, OPS-32)', async () => {
      await write(one, 'A');
      expect(await one.auditChain.seal(order)).toMatchObject({ rows: 1 });
      await write(one, 'B');
      expect(await other.auditChain.seal({ ...order, holder: 'b', now: NOW + LEASE_MILLIS - 1 })).toBeUndefined();
      expect(await other.auditChain.seal({ ...order, holder: 'b', now: NOW + LEASE_MILLIS })).toMatchObject({
        rows: 1,
      });
      expect(await one.auditChain.trim({ ...trimOrder, now: NOW + LEASE_MILLIS, before: NOW })).toBeUndefined();
      expect(await verified()).toMatchObject({ rows: 2, faults: 0 });
    });

    test('has a checkpoint a minute where something happened, and at the end of the server (SEC-80)', async () => {
      await write(one, 'A');
      expect(await one.auditChain.seal(order)).toMatchObject({ madeCheckpoint: false });
      const later = { ...order, now: NOW + MINUTE };
      expect(await one.auditChain.seal(later)).toMatchObject({ rows: 0, madeCheckpoint: true });
      expect(await one.auditChain.seal({ ...later, ends: true })).toMatchObject({ madeCheckpoint: false });
      await write(one, 'B');
      expect(await one.auditChain.seal({ ...later, ends: true })).toMatchObject({ rows: 1, madeCheckpoint: true });
      const report = await verified();
      expect(report).toMatchObject({ rows: 4, checkpoints: 2, faults: 0, lastCheckpoint: { position: 3, epoch: 0 } });
      expect((await verifyStored({ chain: one.auditChain, keys: [] })).problems.map(({ fault }) => fault)).toEqual([
        'forged',
        'forged',
      ]);
    });

    test('stays whole when the details of a user are erased, sealed or not, and says so (SEC-80)', async () => {
      await write(one, 'A');
      await mustCommit(one, { type: 'audit.append', event: auditEvent({ userId: 'user-2', detail: { ip: 'x' } }) });
      await sealAll(one);
      await write(one, 'B');
      const erase = [
        { type: 'audit.erase', userId: 'user-1' },
        { type: 'audit.append', event: auditEvent({ event: 'ERASE', detail: { rows: 2 } }) },
      ] as const;
      await mustCommit(one, ...erase);
      await sealAll(one);
      const rows = await rowsOf();
      expect(rows.map(({ event }) => event?.detail)).toEqual([undefined, { ip: 'x' }, undefined, { rows: 2 }]);
      expect(rows[0]?.seal).toEqual({ hash: expect.any(String), detailHash: expect.any(String) });
      expect(rows[2]?.seal).toEqual({ hash: expect.any(String) });
      expect(await verified()).toMatchObject({ rows: 4, erased: 1, faults: 0 });
      // Once more changes nothing, and takes nothing of what tells of it.
      await mustCommit(one, ...erase);
      await sealAll(one);
      expect((await rowsOf()).slice(0, 4)).toEqual(rows);
      expect(await verified()).toMatchObject({ erased: 1, faults: 0 });
    });

    test('seals nothing personal of who was erased just before, such as of a guess that was under way (SEC-80)', async () => {
      await write(one, 'A');
      const erase = { type: 'identity.erase', id: 'user-1', realm: '/', at: NOW, journeys: [] } as const;
      await mustCommit(one, erase, {
        type: 'audit.append',
        event: auditEvent({ event: 'ERASE', detail: { by: 'x' } }),
      });
      await write(one, 'B');
      await mustCommit(one, { type: 'audit.append', event: auditEvent({ userId: 'user-2', detail: { ip: 'x' } }) });
      await sealAll(one);
      expect((await rowsOf()).map(({ event }) => event?.detail)).toEqual([
        undefined,
        { by: 'x' },
        undefined,
        { ip: 'x' },
      ]);
      expect(await verified()).toMatchObject({ rows: 4, erased: 0, faults: 0 });
    });

    test('stays whole when an erasure empties a row behind its own row, which is not sealed yet (SEC-80)', async () => {
      await mustCommit(one, { type: 'audit.append', event: auditEvent({ event: 'ERASE' }) });
      await write(one, 'A');
      await mustCommit(one, { type: 'audit.erase', userId: 'user-1' });
      await sealAll(one);
      expect((await rowsOf()).map(({ event, seal }) => [event?.event, event?.detail, seal?.detailHash])).toEqual([
        ['ERASE', undefined, undefined],
        ['A', undefined, undefined],
      ]);
      expect(await verified()).toMatchObject({ rows: 2, erased: 0, faults: 0 });
    });

    test('counts a detail that is gone without a word as taken (SEC-80)', async () => {
      await write(one, 'A');
      await sealAll(one);
      await mustCommit(one, { type: 'audit.erase', userId: 'user-1' });
      expect((await verified()).problems).toMatchObject([{ fault: 'emptied', position: 1, id: expect.any(String) }]);
      // That of somebody else says nothing of it.
      await mustCommit(one, { type: 'audit.append', event: auditEvent({ event: 'ERASE', userId: 'user-2' }) });
      await sealAll(one);
      expect(await verified()).toMatchObject({ faults: 1 });
    });

    test('an erasure that is refused with its commit leaves all as it was (SEC-80)', async () => {
      await write(one, 'A');
      await sealAll(one);
      const refused = { type: 'session.usable', tokenHash: 'none', now: NOW } as never;
      await commit(one, { type: 'audit.erase', userId: 'user-1' }, refused);
      expect((await rowsOf())[0]?.event?.detail).toEqual({ of: 'A', n: 1 });
      expect(await verified()).toMatchObject({ erased: 0, faults: 0 });
    });

    test('lets go what is old by a signed word, and is whole from there (SEC-80)', async () => {
      const at = (time: number, ...names: string[]) =>
        mustCommit(
          one,
          ...names.map((event) => ({ type: 'audit.append', event: auditEvent({ event, at: time }) }) as const),
        );
      await at(NOW - 3 * DAY, 'A', 'B', 'C');
      await sealAll(one);
      await at(NOW, 'D', 'E');
      await sealAll(one, { holder: 'a', now: NOW + LEASE_MILLIS });
      const now = NOW + LEASE_MILLIS;
      // Nothing is that old.
      expect(await one.auditChain.trim({ ...trimOrder, now, before: NOW - 4 * DAY })).toBe(0);
      expect(await one.auditChain.trim({ ...trimOrder, now, before: NOW - DAY, limit: 2 })).toBe(2);
      // While some of it is still there, too.
      expect(await verified()).toMatchObject({ faults: 0, rows: 3, from: { position: 3 } });
      expect(await one.auditChain.trim({ ...trimOrder, now, before: NOW - DAY })).toBe(1);
      expect(await one.auditChain.trim({ ...trimOrder, now, before: NOW - DAY })).toBe(0);
      expect((await rowsOf()).map(({ event }) => event?.event)).toEqual(['D', 'E', 'AUDIT_TRIMMED']);
      expect(await verified()).toMatchObject({ faults: 0, rows: 3, from: { position: 3 } });
      const unsigned = await verifyStored({ chain: one.auditChain, keys: [] });
      expect(unsigned.problems.map(({ fault }) => fault)).toEqual(['forged', 'beginning']);
      // The newest row stays, however old, so that positions go on.
      expect(await one.auditChain.trim({ ...trimOrder, now, before: NOW + DAY })).toBe(2);
      expect(await verified()).toMatchObject({ faults: 0, from: { position: 5 } });
      await write(one, 'F');
      await sealAll(one, { holder: 'a', now });
      expect(await verified()).toMatchObject({ faults: 0, rows: 3 });
    });

    test('keeps what the sink does not have, however old (SEC-80, OPS-58)', async () => {
      await one.auditFeed.begin(0);
      await write(one, 'A', 'B', 'C');
      await sealAll(one, { holder: 'a' });
      const [, second] = (await one.auditFeed.next({ holder: 's', now: NOW }, 9)) ?? [];
      expect(await one.auditChain.trim({ ...trimOrder, before: NOW + DAY, onlySent: true })).toBe(0);
      await one.auditFeed.sent({ holder: 's', now: NOW }, second?.position ?? 0);
      expect(await one.auditChain.trim({ ...trimOrder, before: NOW + DAY, onlySent: true })).toBe(2);
      await sealAll(one, { holder: 'a' });
      const rest = (await one.auditFeed.next({ holder: 's', now: NOW }, 9)) ?? [];
      expect(rest.map(({ event }) => event)).toEqual(['C', 'AUDIT_TRIMMED']);
      expect(rest[0]?.previous).toBe(second?.seal?.hash);
    });

    test('is found to be another one than a checkpoint says, or to end before it (SEC-80)', async () => {
      await write(one, 'A', 'B', 'C');
      await sealAll(one);
      const rows = await rowsOf();
      const place = { position: 2, hash: rows[1]?.seal?.hash ?? '' };
      expect(await verified(place)).toMatchObject({ faults: 0, rows: 1 });
      expect((await verified({ ...place, hash: rows[0]?.seal?.hash ?? '' })).problems[0]).toMatchObject({
        fault: 'changed',
        position: 2,
      });
      expect((await verified({ ...place, position: 9 })).problems).toMatchObject([{ fault: 'cut', position: 4 }]);
    });

    test('a row that waits for longer than it takes is told of (SEC-80)', async () => {
      await write(one, 'A');
      const chain = one.auditChain;
      expect(await verifyStored({ chain, keys: KEYS, sealedBefore: NOW })).toMatchObject({ faults: 0 });
      expect((await verifyStored({ chain, keys: KEYS, sealedBefore: NOW + 1 })).problems).toMatchObject([
        { fault: 'unsealed', id: expect.any(String) },
      ]);
    });

    test('is whole whoever commits, erases, lets go and verifies meanwhile (SEC-80)', async () => {
      let isOver = false;
      const writers = [one, other].map(async (store, writer) => {
        for (let at = 0; at < 25; at += 1) {
          const userId = `user-${at % 3}`;
          await mustCommit(store, {
            type: 'audit.append',
            event: auditEvent({ event: `${writer}-${at}`, userId, detail: { at } }),
          });
          if (at % 5 === 4)
            await mustCommit(
              store,
              { type: 'audit.erase', userId },
              { type: 'audit.append', event: auditEvent({ event: 'ERASE', userId }) },
            );
          await nextTurn();
        }
      });
      const work = Promise.all(writers).then(() => {
        isOver = true;
      });
      let now = NOW;
      for (let isLast = false; !isLast; now += 20_000) {
        isLast = isOver;
        await nextTurn();
        await one.auditChain.seal({ ...order, now, limit: 7 });
        if (now % 3 === 0) await one.auditChain.trim({ ...trimOrder, now, before: 0 });
        expect((await verified()).problems).toEqual([]);
      }
      await work;
      await sealAll(one, { holder: 'a', now });
      expect((await verified()).problems).toEqual([]);
      expect((await rowsOf()).filter(({ event }) => event?.event !== 'AUDIT_CHECKPOINT')).toHaveLength(60);
    });
  });
};
