import { type PushMessage, readWithdrawal } from '@assent/push';
import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { commit, deviceRow, messageRow, mustCommit, NOW, newUser } from './rows.ts';

const FIRST = 'AUTHENTICATE:1';
const SECOND = 'AUTHENTICATE:2';
const moment = { at: NOW + 1_000, by: 'one' };

const rung = (given: Partial<PushMessage> = {}, communicationType = 'webpush'): PushMessage => {
  const row = messageRow({ delivery: 'sent', ...given });
  return { ...row, ...(row.envelope && { envelope: { ...row.envelope, communicationType } }) };
};
/** One request that rings two browsers. */
const twoBrowsers = (): readonly PushMessage[] => [
  rung(),
  rung({ id: SECOND, request: FIRST, deviceUuid: 'device-2' }),
];
const openRows = (...rows: readonly PushMessage[]): StoreChange => ({ type: 'push.open', rows });

/** Which notifications are to go, and whose. */
const withdrawnIn = async (store: Store) =>
  (await store.outbox.due(NOW, 100, 100))
    .map((entry) => {
      expect([entry.kind, entry.realm, entry.userId, entry.recipient]).toEqual([
        'withdrawal',
        '/alpha',
        'user-1',
        'webpush',
      ]);
      expect(readWithdrawal(entry).expiresAt).toBe(NOW + 120_000);
      return readWithdrawal(entry).messageId;
    })
    .sort();

export const describeWithdrawals = (open: OpenStore): void => {
  describe('notifications of requests that are over (OPS-43)', () => {
    const store = freshStore(open);
    const newer = rung({ id: 'AUTHENTICATE:3', request: 'AUTHENTICATE:3', journeyId: 'journey-2' });

    test.each<readonly [string, StoreChange, readonly string[]]>([
      ['a newer request', openRows({ ...newer, delivery: 'queued' }), [FIRST, SECOND]],
      ['its exit', { type: 'push.close', request: FIRST, reason: 'exit', moment }, [FIRST, SECOND]],
      ['the end of its login', { type: 'push.closeJourney', journeyId: 'journey-1', reason: 'end' }, [FIRST, SECOND]],
      ['a new password', { type: 'push.closeUser', userId: 'user-1', reason: 'password' }, [FIRST, SECOND]],
      [
        'an answer of the other phone',
        { type: 'push.answer', id: FIRST, state: 'approved', at: NOW + 1_000, answerHash: 'hash', moment },
        [SECOND],
      ],
    ])('are taken back by %s, in the same commit and once', async (_by, end, withdrawn) => {
      await mustCommit(store(), openRows(...twoBrowsers()));
      const refused: StoreChange = { type: 'push.consume', request: 'AUTHENTICATE:9', state: 'denied', at: NOW };
      expect(await commit(store(), end, refused)).toMatchObject({ committed: false });
      expect(await withdrawnIn(store())).toEqual([]);
      await mustCommit(store(), end);
      await mustCommit(store(), { type: 'push.closeUser', userId: 'user-1', reason: 'later' });
      const ofNewer = end.type === 'push.open' ? [newer.id] : [];
      expect(await withdrawnIn(store())).toEqual([...withdrawn, ...ofNewer]);
    });

    test('are taken back where the phone has sent too many bad proofs, which whoever sent them shall not hide', async () => {
      await mustCommit(store(), openRows(...twoBrowsers()));
      for (let at = 0; at < 5; at += 1) await mustCommit(store(), { type: 'push.badProof', id: FIRST, at: NOW });
      expect(await withdrawnIn(store())).toEqual([FIRST]);
    });

    test.each<readonly [string, PushMessage]>([
      ['an official app on Android', rung({}, 'gcm')],
      ['an official app on an iPhone', rung({}, 'apns')],
      ['a phone that only fetches', rung({ delivery: 'none' }, 'relay')],
      ['a browser that has opened it', rung({ delivery: 'shown' })],
      ['a browser that could not be rung', rung({ delivery: 'failed' })],
      ['a browser whose address is dead', rung({ delivery: 'unreachable' })],
      ['a request that has run out', rung({ expiresAt: moment.at })],
      ['a phone that is only being registered', rung({ kind: 'REGISTER' })],
    ])('are not taken back from %s', async (_whom, row) => {
      await mustCommit(store(), openRows(row), { type: 'push.close', request: FIRST, reason: 'exit', moment });
      expect((await store().messages.get(FIRST))?.state).toBe('closed');
      expect(await withdrawnIn(store())).toEqual([]);
    });

    test('are not taken back from who has answered, nor from a phone or a user that is gone', async () => {
      await mustCommit(store(), newUser(), openRows(rung()));
      await mustCommit(
        store(),
        { type: 'push.answer', id: FIRST, state: 'denied', at: NOW + 1_000, answerHash: 'hash', moment },
        { type: 'push.consume', request: FIRST, state: 'denied', at: NOW + 2_000, moment },
      );
      expect(await withdrawnIn(store())).toEqual([]);
      await mustCommit(store(), { type: 'device.insert', row: deviceRow(), maxDevices: 5 }, openRows(newer));
      await mustCommit(store(), { type: 'device.delete', uuid: 'device-1' });
      expect((await store().messages.get(newer.id))?.reason).toBe('removed');
      expect(await withdrawnIn(store())).toEqual([]);
      const last = rung({ id: 'AUTHENTICATE:4', request: 'AUTHENTICATE:4' });
      await mustCommit(store(), openRows(last), { type: 'push.close', request: last.id, reason: 'exit', moment });
      expect(await withdrawnIn(store())).toEqual([last.id]);
      await mustCommit(store(), { type: 'identity.delete', id: 'user-1' });
      expect(await store().outbox.due(NOW, 100, 100)).toEqual([]);
    });
  });

  describe('requests of one user from several places', () => {
    const store = freshStore(open);
    test('a request that a stranger asks for leaves those of the owner and of other strangers as they are (SEC-24)', async () => {
      const from = (n: number, place?: string) =>
        messageRow({
          id: `AUTHENTICATE:${n}`,
          request: `AUTHENTICATE:${n}`,
          journeyId: `journey-${n}`,
          askedFrom: { source: `192.0.2.${n}`, ...(place !== undefined && { place }) },
        });
      const rows = [from(1, 'browser-1'), from(2), from(3), from(4, 'browser-2')];
      await mustCommit(store(), ...rows.map((row) => ({ type: 'push.open' as const, rows: [row] })));
      const stateOf = async (row: PushMessage) => (await store().messages.get(row.id))?.state;
      expect(await Promise.all(rows.map(stateOf))).toEqual(['pending', 'pending', 'pending', 'pending']);
      const again = { ...from(5, 'browser-1'), askedFrom: { source: '192.0.2.99', place: 'browser-1' } };
      await mustCommit(store(), { type: 'push.open', rows: [again] });
      expect(await Promise.all(rows.map(stateOf))).toEqual(['closed', 'pending', 'pending', 'pending']);
      // The phone shows all that wait, and answers the one that it names.
      const [{ deviceUuid, userId }] = [again];
      const waiting = await store().messages.pendingFor([{ uuid: deviceUuid, userId }], NOW);
      expect(waiting.map(({ id }) => id)).toEqual([
        'AUTHENTICATE:2',
        'AUTHENTICATE:3',
        'AUTHENTICATE:4',
        'AUTHENTICATE:5',
      ]);
      await mustCommit(store(), {
        type: 'push.answer',
        id: again.id,
        state: 'approved',
        at: NOW + 1_000,
        answerHash: 'hash',
      });
      expect(await Promise.all([...rows.slice(1), again].map(stateOf))).toEqual([
        'pending',
        'pending',
        'pending',
        'approved',
      ]);
    });
  });
};
