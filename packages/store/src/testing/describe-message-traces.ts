import { readTrace, traceLine } from '@assent/push';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { messageRow, mustCommit, NOW } from './rows.ts';

const FIRST = 'AUTHENTICATE:1';
const SECOND = 'AUTHENTICATE:2';
const CLAIM = { by: 'one', until: NOW + 4_000 };

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
