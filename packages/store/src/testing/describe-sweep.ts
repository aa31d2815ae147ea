import { describe, expect, test } from 'vitest';
import type { StoreChange } from '../ports/store.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  activeGrant,
  backChannelRow,
  configuring,
  grantRow,
  journeyRow,
  keyRow,
  messageRow,
  mustCommit,
  NOW,
  parkedRow,
  pendingRow,
  sessionRow,
} from './rows.ts';

const DAY = 24 * 3_600_000;

export const describeSweep = (open: OpenStore): void => {
  describe('the sweep (REL-22)', () => {
    const store = freshStore(open);

    test('finds nothing in an empty store', async () => {
      expect(await store().sweep(NOW, 100)).toBe(0);
    });

    test('never deletes a row that lives (REL-22)', async () => {
      await mustCommit(
        store(),
        { type: 'journey.insert', row: journeyRow() },
        { type: 'session.insert', row: sessionRow() },
        { type: 'push.open', rows: [messageRow()] },
        { type: 'throttle.put', row: { subject: 's', hits: [NOW], lockedUntil: 0, rev: 0 } },
      );
      expect(await store().sweep(NOW + 119_999, 100)).toBe(0);
    });

    test('takes a journey at its expiry, ended or not', async () => {
      await mustCommit(
        store(),
        { type: 'journey.insert', row: journeyRow() },
        { type: 'journey.insert', row: journeyRow({ id: 'ended', ended: true, state: '' }) },
      );
      expect(await store().sweep(NOW + 299_999, 100)).toBe(0);
      expect(await store().sweep(NOW + 300_000, 100)).toBe(2);
      expect(await store().journeySessions.get('journey-1')).toBeUndefined();
    });

    test('tells of what it took, table by table, and of journeys that nobody had ended (OPS-54)', async () => {
      await mustCommit(
        store(),
        { type: 'journey.insert', row: journeyRow() },
        { type: 'journey.insert', row: journeyRow({ id: 'ended', ended: true, state: '' }) },
        { type: 'throttle.put', row: { subject: 's', hits: [], lockedUntil: 0, rev: 0 } },
        { type: 'throttle.put', row: { subject: 't', hits: [], lockedUntil: 0, rev: 0 } },
      );
      const told: unknown[] = [];
      store().observe({
        repeated: () => undefined,
        waited: () => undefined,
        swept: (...swept) => swept[1] > 0 && told.push(swept),
        expired: (...journey) => told.push(journey),
      });
      await store().sweep(NOW + DAY, 2);
      expect(told).toEqual([['throttle', 2, false]]);
      told.length = 0;
      await store().sweep(NOW + DAY, 9);
      const { realm, tree } = journeyRow();
      expect(told).toEqual([
        ['journey', 2, true],
        [realm, tree],
      ]);
    });

    test('takes a session a day after it died, by idle time or age, counted from its last use', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'used' }) },
        { type: 'session.touch', tokenHash: 'used', at: NOW + 1_000_000 },
      );
      expect(await store().sweep(NOW + 1_800_000 + DAY - 1, 100)).toBe(0);
      expect(await store().sweep(NOW + 1_800_000 + DAY, 100)).toBe(1);
      expect(await store().sessions.get('used')).toBeDefined();
      expect(await store().sweep(NOW + 2_800_000 + DAY, 100)).toBe(1);
    });

    test('keeps an approved message to be consumed late, and a consumed one for identical retries', async () => {
      await mustCommit(
        store(),
        { type: 'push.open', rows: [messageRow()] },
        { type: 'push.answer', id: 'AUTHENTICATE:1', state: 'approved', at: NOW + 119_999, answerHash: 'h' },
      );
      const expiry = NOW + 120_000;
      expect(await store().sweep(expiry + 30_000, 100)).toBe(0);
      await mustCommit(store(), {
        type: 'push.consume',
        request: 'AUTHENTICATE:1',
        state: 'approved',
        at: expiry + 29_999,
      });
      expect(await store().sweep(expiry + 179_999, 100)).toBe(0);
      expect(await store().sweep(expiry + 180_000, 100)).toBe(1);
      expect(await store().messages.get('AUTHENTICATE:1')).toBeUndefined();
    });

    test('keeps how a back channel ended for an hour after its time', async () => {
      await mustCommit(store(), { type: 'backChannel.open', row: backChannelRow() });
      const expiry = NOW + 300_000;
      expect(await store().sweep(expiry + 3_599_999, 100)).toBe(0);
      expect(await store().sweep(expiry + 3_600_000, 100)).toBe(1);
      expect(await store().backChannels.get('back-channel-1')).toBeUndefined();
    });

    test('takes a counter that was idle for 25 hours, but not while it locks', async () => {
      await mustCommit(
        store(),
        { type: 'throttle.put', row: { subject: 'idle', hits: [NOW], lockedUntil: 0, rev: 0 } },
        { type: 'throttle.put', row: { subject: 'locked', hits: [NOW], lockedUntil: NOW + 2 * DAY, rev: 0 } },
      );
      expect(await store().sweep(NOW + 25 * 3_600_000, 100)).toBe(0);
      expect(await store().sweep(NOW + 25 * 3_600_000 + 1, 100)).toBe(1);
      expect(await store().throttles.get(['idle', 'locked'])).toHaveLength(1);
      expect(await store().sweep(NOW + 2 * DAY, 100)).toBe(1);
    });

    test('takes what a provider keeps at its time: a code, a grant, a parked request, an approval, a replay', async () => {
      await mustCommit(
        store(),
        { type: 'replay.see', hash: 'h', owner: 'o', expiresAt: NOW + 60_000, now: NOW },
        { type: 'parked.put', row: parkedRow(), now: NOW },
        { type: 'grant.open', row: grantRow({ id: 'code' }) },
        { type: 'pendingApproval.open', row: pendingRow(), now: NOW },
        { type: 'grant.open', row: grantRow() },
        { type: 'grant.redeem', id: 'grant-1', at: NOW, expiresAt: NOW + 900_000 },
        { type: 'consent.save', row: { realm: '/alpha', userId: 'user-1', clientId: 'app', scopes: ['openid'] } },
        { type: 'signingKey.insert', row: keyRow({ status: 'retired' }) },
      );
      for (const after of [60_000, 90_000, 120_000, 600_000, 900_000]) {
        expect(await store().sweep(NOW + after - 1, 100)).toBe(0);
        expect(await store().sweep(NOW + after, 100)).toBe(1);
      }
      expect(await store().replays.has('h')).toBe(false);
      expect(await store().parkedRequests.get('parked-1')).toBeUndefined();
      expect(await store().grants.get('code')).toBeUndefined();
      expect(await store().pendingApprovals.get('device-code-1')).toBeUndefined();
      expect(await store().grants.get('grant-1')).toBeUndefined();
      // What users have agreed to has no end, and when a key may go its provider knows.
      expect(await store().sweep(NOW + 1_000 * DAY, 100)).toBe(0);
      expect(await store().consents.ofUser('user-1', { limit: 9 })).toHaveLength(1);
      expect(await store().signingKeys.ofRealm('/alpha')).toHaveLength(1);
    });

    describe('what ended with its client (OIDC-20)', () => {
      const generations = (letter: string) =>
        ['t', `${letter}g`, `${letter}c`].map((it) => it.padEnd(22, '-')).join('');
      const [grants, consents] = [`1g`, `1c`].map((it) => it.padEnd(22, '-'));
      const putClient = async (id: string, generation?: string): Promise<void> => {
        const client = { realm: '/alpha', id, document: {}, ...(generation !== undefined && { generation }) };
        expect(await configuring(store()).change({ putClients: [client] })).toBe(true);
      };
      const grantTo = (id: string, clientId: string, clientGeneration?: string): StoreChange => ({
        type: 'grant.open',
        row: activeGrant({ id, clientId, userId: id, ...(clientGeneration !== undefined && { clientGeneration }) }),
      });
      const agreed = (userId: string, clientId: string, clientGeneration?: string): StoreChange => ({
        type: 'consent.save',
        row: {
          realm: '/alpha',
          userId,
          clientId,
          scopes: ['openid'],
          ...(clientGeneration !== undefined && { clientGeneration }),
        },
      });
      const leftOf = async (...ids: readonly string[]) => {
        const rows = await Promise.all(ids.map((id) => store().grants.get(id)));
        return rows.flatMap((row) => (row === undefined ? [] : [row.id]));
      };
      const agreedBy = async (...users: readonly string[]) =>
        (await Promise.all(users.map((user) => store().consents.ofUser(user, { limit: 9 }))))
          .flat()
          .map((it) => it.userId);

      test('is taken, and nothing of the client in force or from before there were generations', async () => {
        await putClient('app', generations('1'));
        await putClient('older');
        await mustCommit(
          store(),
          grantTo('valid', 'app', grants),
          grantTo('ended', 'app', 'another'),
          grantTo('before', 'app'),
          grantTo('older', 'older'),
          grantTo('gone', 'gone', 'some'),
          grantTo('unknown', 'gone'),
          agreed('valid', 'app', consents),
          agreed('ended', 'app', 'another'),
          agreed('before', 'app'),
          agreed('older', 'older'),
          agreed('gone', 'gone', 'some'),
          agreed('unknown', 'gone'),
        );
        expect(await store().sweep(NOW, 100)).toBe(6);
        expect(await store().sweep(NOW, 100)).toBe(0);
        expect(await leftOf('valid', 'ended', 'before', 'older', 'gone', 'unknown')).toEqual([
          'valid',
          'older',
          'unknown',
        ]);
        expect(await agreedBy('valid', 'ended', 'before', 'older', 'gone', 'unknown')).toEqual([
          'valid',
          'older',
          'unknown',
        ]);
      });

      test('is taken in parts of the limit, until nothing is left', async () => {
        const ids = Array.from({ length: 7 }, (_, at) => `${at}`.repeat(8));
        await mustCommit(store(), ...ids.flatMap((id) => [grantTo(id, 'gone', 'some'), agreed(id, 'gone', 'some')]));
        const swept: (number | undefined)[] = [];
        for (let at = 0; at < 6; at += 1) swept.push(await store().sweep(NOW, 3));
        expect(swept).toEqual([3, 3, 3, 3, 2, 0]);
        expect(await leftOf(...ids)).toEqual([]);
        expect(await agreedBy(...ids)).toEqual([]);
      });

      test('is found in time among more rows than a sweep reads', async () => {
        const rows = Array.from({ length: 1_200 }, (_, at) =>
          grantTo(`row-${at}`, at % 600 === 0 ? 'gone' : 'stays', at % 600 === 0 ? 'some' : undefined),
        );
        await mustCommit(store(), ...rows);
        let swept = 0;
        for (let at = 0; at < 4; at += 1) swept += (await store().sweep(NOW, 100)) ?? 0;
        expect(swept).toBe(2);
        expect(await leftOf('row-0', 'row-1', 'row-600')).toEqual(['row-1']);
      });
    });

    test('takes no more than its limit at a time, over all tables, until nothing is left', async () => {
      for (const id of ['a', 'b', 'c']) {
        await mustCommit(
          store(),
          { type: 'journey.insert', row: journeyRow({ id }) },
          { type: 'push.open', rows: [messageRow({ id, userId: id })] },
        );
      }
      const swept: (number | undefined)[] = [];
      for (let at = 0; at < 4; at += 1) swept.push(await store().sweep(NOW + DAY, 2));
      expect(swept).toEqual([2, 2, 2, 0]);
    });
  });
};
