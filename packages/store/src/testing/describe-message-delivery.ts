import { type PushMessage, readTrace, traceLine } from '@assent/push';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { messageRow, mustCommit, NOW } from './rows.ts';

const FIRST = 'AUTHENTICATE:1';
const SECOND = 'AUTHENTICATE:2';

/** By who committed a message; its claim has ended at `AFTER_CLAIM`. */
const CLAIM = { by: 'one', until: NOW + 4_000 };
const AFTER_CLAIM = CLAIM.until + 1;

const queued = (id: string, given: Partial<PushMessage> = {}) =>
  ({ type: 'push.open', rows: [messageRow({ id, userId: id, claim: CLAIM, ...given })] }) as const;

const claimed = (by: string, ids: readonly string[], now = CLAIM.until) =>
  ({ type: 'push.claim', ids, claim: { by, until: now + 4_000 }, now }) as const;

export const describeMessageTraces = (open: OpenStore): void => {
  describe('traces of push messages', () => {
    const store = freshStore(open);

    test('each change that says when and by whom is noted, in order, and nothing else is (OPS-50)', async () => {
      const moment = (seconds: number) => ({ at: NOW + seconds * 1_000, by: 'one' });
      const opened = traceLine({ step: 'queued', at: NOW, by: 'one' });
      await mustCommit(store(), {
        type: 'push.open',
        rows: [messageRow(), messageRow({ id: SECOND, request: FIRST, deviceUuid: 'device-2' })].map((row) => ({
          ...row,
          delivery: 'queued' as const,
          claim: CLAIM,
          trace: opened,
        })),
      });
      await mustCommit(store(), {
        type: 'push.defer',
        id: FIRST,
        by: 'one',
        nextTryAt: NOW,
        cause: 'HTTP 503',
        moment: moment(1),
      });
      await mustCommit(store(), {
        type: 'push.claim',
        ids: [FIRST, SECOND],
        claim: { by: 'two', until: NOW + 9_000 },
        now: NOW + 5_000,
      });
      const marks = [
        { id: FIRST, delivery: 'sent' },
        { id: SECOND, delivery: 'failed', cause: 'UNREGISTERED' },
      ] as const;
      await mustCommit(store(), { type: 'push.delivery', marks, moment: moment(6) });
      await mustCommit(store(), {
        type: 'push.answer',
        id: FIRST,
        state: 'approved',
        at: NOW + 7_000,
        answerHash: 'hash',
        moment: moment(7),
      });
      await mustCommit(store(), {
        type: 'push.consume',
        request: FIRST,
        state: 'approved',
        at: NOW + 8_000,
        moment: moment(8),
      });
      // Without a moment nothing is known that could be noted.
      await mustCommit(store(), { type: 'push.delivery', marks: [{ id: SECOND, delivery: 'shown' }] });
      const rows = await store().messages.ofJourneys(['journey-1', 'journey-of-nobody'], 10);
      const noted = new Map(rows.map(({ id, trace }) => [id, readTrace(trace)]));
      expect(noted.get(FIRST)?.map(({ step, at, by, cause = '' }) => [step, (at - NOW) / 1_000, by, cause])).toEqual([
        ['queued', 0, 'one', ''],
        ['deferred', 1, 'one', 'HTTP 503'],
        ['takenOver', 5, 'two', ''],
        ['sent', 6, 'one', ''],
        ['approved', 7, 'one', ''],
        ['consumed', 8, 'one', ''],
      ]);
      expect(noted.get(SECOND)?.map(({ step, cause = '' }) => [step, cause])).toEqual([
        ['queued', ''],
        ['takenOver', ''],
        ['failed', 'UNREGISTERED'],
        ['closed', 'withdrawn'],
      ]);
      expect(await store().messages.ofJourneys(['journey-1'], 1)).toHaveLength(1);
      expect(await store().messages.ofJourneys([], 1)).toEqual([]);
    });

    test('a trace has an end, and so has a cause in it', async () => {
      await mustCommit(store(), { type: 'push.open', rows: [messageRow()] });
      const marks = Array.from(
        { length: 100 },
        () => ({ id: FIRST, delivery: 'failed', cause: 'x'.repeat(500) }) as const,
      );
      await mustCommit(store(), { type: 'push.delivery', marks, moment: { at: NOW, by: 'one' } });
      const [row] = await store().messages.ofJourneys(['journey-1'], 1);
      expect(row?.trace.length).toBeGreaterThan(3_000);
      expect(row?.trace.length).toBeLessThan(4_200);
      expect(readTrace(row?.trace ?? '').length).toBeGreaterThan(10);
    });
  });
};

export const describeMessageClaims = (open: OpenStore): void => {
  describe('push messages that wait to be sent', () => {
    const store = freshStore(open);

    test('a message waits until a delivery is noted, and `shown` is not forgotten for `sent`', async () => {
      for (const [at, id] of ['a', 'b', 'c', 'd'].entries())
        await mustCommit(store(), queued(id, { createdAt: NOW + at }));
      const waiting = () => store().messages.unclaimed(AFTER_CLAIM, 2);
      expect(await waiting()).toEqual(['a', 'b']);
      await mustCommit(store(), {
        type: 'push.delivery',
        marks: [
          { id: 'a', delivery: 'shown' },
          { id: 'nobody', delivery: 'sent' },
        ],
      });
      await mustCommit(store(), { type: 'push.delivery', marks: [{ id: 'a', delivery: 'sent' }] });
      await mustCommit(store(), { type: 'push.close', request: 'b', reason: 'exit' });
      expect(await waiting()).toEqual(['c', 'd']);
      expect(await store().messages.get('a')).toMatchObject({ delivery: 'shown' });
      expect(await store().messages.unclaimed(NOW + 120_000, 9)).toEqual([]);
    });

    test('those of the realms that are left out wait, and take no place of the others (SEC-93)', async () => {
      for (const [at, realm] of ['/greedy', '/greedy', '/', '/other'].entries())
        await mustCommit(store(), queued(`m${at}`, { realm, createdAt: NOW + at }));
      const waiting = (limit: number, ...except: string[]) =>
        store().messages.unclaimed(AFTER_CLAIM, limit, undefined, except);
      expect(await waiting(2)).toEqual(['m0', 'm1']);
      expect(await waiting(2, '/greedy')).toEqual(['m2', 'm3']);
      expect(await waiting(9, '/greedy', '/other')).toEqual(['m2']);
    });

    test('a message is held by who committed it, until its claim ends or that one is started again (OPS-41)', async () => {
      await mustCommit(store(), queued('a'));
      expect(await store().messages.get('a')).toMatchObject({ claim: CLAIM, delivery: 'queued' });
      expect(await store().messages.unclaimed(CLAIM.until, 9)).toEqual([]);
      expect(await store().messages.unclaimed(CLAIM.until, 9, 'another')).toEqual([]);
      await mustCommit(store(), claimed('two', ['a']));
      expect(await store().messages.claimed(CLAIM)).toMatchObject([{ id: 'a', envelope: { messageId: 'a' } }]);
      expect(await store().messages.unclaimed(AFTER_CLAIM, 9)).toEqual(['a']);
      expect(await store().messages.unclaimed(NOW, 9, CLAIM.by)).toEqual(['a']);
      const again = { by: CLAIM.by, until: CLAIM.until + 1 };
      await mustCommit(store(), { type: 'push.claim', ids: ['a'], claim: again, now: NOW, alsoOf: CLAIM.by });
      expect(await store().messages.claimed(CLAIM)).toEqual([]);
      expect(await store().messages.claimed(again)).toMatchObject([{ id: 'a', tries: 1 }]);
    });

    test('of 50 that take one message whose claim has ended, one has it (OPS-41)', async () => {
      await mustCommit(store(), queued('a'), queued('b'));
      const all = Array.from({ length: 50 }, (_, at) =>
        claimed(`taker-${at}`, at % 2 === 0 ? ['a', 'b'] : ['b', 'a'], AFTER_CLAIM),
      );
      await Promise.all(all.map((change) => mustCommit(store(), change)));
      const held = await Promise.all(all.map(({ claim }) => store().messages.claimed(claim)));
      expect(held.map((rows) => rows.length).filter((many) => many > 0)).toEqual([2]);
      expect(await store().messages.unclaimed(AFTER_CLAIM, 9)).toEqual([]);
    });

    test('a claim is held longer by who has it, and by nobody else (OPS-41)', async () => {
      await mustCommit(store(), queued('a'));
      const later = NOW + 9_000;
      await mustCommit(store(), { type: 'push.renewClaim', ids: ['a', 'nobody'], claim: { by: 'two', until: later } });
      expect(await store().messages.get('a')).toMatchObject({ claim: CLAIM });
      await mustCommit(store(), { type: 'push.renewClaim', ids: ['a'], claim: { by: CLAIM.by, until: later } });
      expect(await store().messages.unclaimed(later, 9)).toEqual([]);
      expect(await store().messages.unclaimed(later + 1, 9)).toEqual(['a']);
    });

    test('what is put off is nobody’s, and waits until it may be sent (OPS-44)', async () => {
      await mustCommit(store(), queued('a'));
      const nextTryAt = NOW + 30_000;
      await mustCommit(store(), { type: 'push.defer', id: 'a', by: 'two', nextTryAt });
      expect(await store().messages.get('a')).toMatchObject({ claim: CLAIM });
      await mustCommit(store(), { type: 'push.defer', id: 'a', by: CLAIM.by, nextTryAt });
      await mustCommit(store(), { type: 'push.renewClaim', ids: ['a'], claim: CLAIM });
      await mustCommit(store(), claimed('two', ['a'], nextTryAt - 1));
      expect(await store().messages.unclaimed(nextTryAt - 1, 9, CLAIM.by)).toEqual([]);
      expect(await store().messages.unclaimed(nextTryAt, 9)).toEqual(['a']);
      expect(await store().messages.get('a')).toMatchObject({ nextTryAt });
    });
  });
};
