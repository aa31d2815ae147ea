import type { PushMessage } from '@assent/push';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelOf, stepOf } from './message-model.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { commit, countWinners, messageRow, mustCommit, NOW, refusedAt } from './rows.ts';

const FIRST = 'AUTHENTICATE:1';
const SECOND = 'AUTHENTICATE:2';

/** One request that rings two phones. */
const twoPhones = (): PushMessage[] => [
  messageRow(),
  messageRow({ id: SECOND, request: FIRST, deviceUuid: 'device-2', mechanismUid: 'mechanism-2' }),
];

const answer = (
  state: 'approved' | 'denied',
  given: { id?: string; at?: number; reason?: string; answerHash?: string } = {},
) =>
  ({
    type: 'push.answer',
    id: given.id ?? FIRST,
    state,
    at: given.at ?? NOW + 1_000,
    answerHash: given.answerHash ?? `hash-of-${state}`,
    ...(given.reason === undefined ? {} : { reason: given.reason }),
  }) as const;

const consume = (state: 'approved' | 'denied') =>
  ({ type: 'push.consume', request: FIRST, state, at: NOW + 2_000 }) as const;

export const describeMessages = (open: OpenStore): void => {
  describe('push messages', () => {
    const store = freshStore(open);
    const states = async () => (await store().messages.ofRequest(FIRST)).map(({ state }) => state);

    test('an answer to a message nobody sent is refused', async () => {
      expect(await commit(store(), answer('approved'))).toEqual(refusedAt('push.answer'));
      expect(await commit(store(), consume('approved'))).toEqual(refusedAt('push.consume'));
      await mustCommit(store(), { type: 'push.badProof', id: FIRST, at: NOW });
      await mustCommit(store(), { type: 'push.close', request: FIRST, reason: 'exit' });
      await mustCommit(store(), { type: 'push.delivery', marks: [{ id: FIRST, delivery: 'sent' }] });
      expect(await store().messages.get(FIRST)).toBeUndefined();
    });

    test('how a request stands is told of each message, with the number of the one that was approved', async () => {
      await mustCommit(store(), { type: 'push.open', rows: twoPhones() });
      const plain = {
        kind: 'AUTHENTICATE',
        realm: '/alpha',
        userId: 'user-1',
        journeyId: 'journey-1',
        pushType: 'CHALLENGE',
        state: 'pending',
        expiresAt: NOW + 120_000,
      };
      const [first, second] = await store().messages.ofRequest(FIRST);
      expect(first).toMatchObject({ ...plain, id: FIRST, deviceUuid: 'device-1' });
      expect(second).toMatchObject({ ...plain, id: SECOND, deviceUuid: 'device-2' });
      expect([first?.answeredAt, first?.reason, first?.claims]).toEqual([undefined, undefined, undefined]);

      await mustCommit(store(), answer('approved', { id: SECOND }));
      const answered = { state: 'approved', answeredAt: NOW + 1_000, expectedNumber: 471_902 };
      expect(await store().messages.ofRequest(FIRST)).toMatchObject([
        { id: FIRST, state: 'closed', reason: 'withdrawn' },
        { id: SECOND, ...answered },
      ]);
      expect(await store().messages.ofRequest(SECOND)).toEqual([]);
    });

    test('the claims of a phone that registers are told with how its request stands', async () => {
      const claims = {
        mechanismUid: 'mechanism-9',
        deviceId: 'device-id',
        deviceType: 'web',
        communicationType: 'relay',
        communicationId: 'address-9',
      };
      await mustCommit(
        store(),
        { type: 'push.open', rows: [messageRow({ id: 'REGISTER:1', kind: 'REGISTER' })] },
        { ...answer('approved', { id: 'REGISTER:1' }), claims },
      );
      expect(await store().messages.ofRequest('REGISTER:1')).toMatchObject([{ state: 'approved', claims }]);
    });

    test('an answer at the moment of expiry is refused, one a millisecond before counts (SEC-16)', async () => {
      await mustCommit(store(), { type: 'push.open', rows: [messageRow()] });
      expect(await commit(store(), answer('approved', { at: NOW + 120_000 }))).toEqual(refusedAt('push.answer'));
      expect(await commit(store(), answer('denied', { at: NOW + 120_000 }))).toEqual(refusedAt('push.answer'));
      await mustCommit(store(), answer('approved', { at: NOW + 119_999 }));
    });

    test('an approve never replaces a deny, nor another approve (SEC-18)', async () => {
      await mustCommit(store(), { type: 'push.open', rows: [messageRow()] }, answer('approved'));
      expect(await commit(store(), answer('approved', { answerHash: 'x' }))).toEqual(refusedAt('push.answer'));
      await mustCommit(store(), answer('denied', { reason: 'denied' }));
      expect(await commit(store(), answer('approved'))).toEqual(refusedAt('push.answer'));
      expect(await commit(store(), consume('approved'))).toEqual(refusedAt('push.consume'));
      expect(await store().messages.get(FIRST)).toMatchObject({
        state: 'denied',
        reason: 'denied',
        answerHash: 'hash-of-denied',
      });
    });

    test('a consumed answer takes no deny any more', async () => {
      await mustCommit(store(), { type: 'push.open', rows: [messageRow()] }, answer('approved'), consume('approved'));
      expect(await commit(store(), answer('denied'))).toEqual(refusedAt('push.answer'));
      expect(await commit(store(), consume('approved'))).toEqual(refusedAt('push.consume'));
      expect(await states()).toEqual(['consumed']);
    });

    test('of 50 answers at once, one is taken; of 50 journeys that consume it, one (SEC-17)', async () => {
      await mustCommit(store(), { type: 'push.open', rows: twoPhones() });
      const answers = Array.from({ length: 50 }, (_, at) => [
        answer('approved', { id: at % 2 === 0 ? FIRST : SECOND, answerHash: `hash-${at}` }),
      ]);
      expect(await countWinners(store(), answers)).toBe(1);
      expect(
        await countWinners(
          store(),
          Array.from({ length: 50 }, () => [consume('approved')]),
        ),
      ).toBe(1);
    });

    test('the first answer withdraws the request from the other phones', async () => {
      await mustCommit(store(), { type: 'push.open', rows: twoPhones() }, answer('approved', { id: SECOND }));
      expect(await store().messages.get(FIRST)).toMatchObject({ state: 'closed', reason: 'withdrawn' });
      expect(await commit(store(), answer('approved'))).toEqual(refusedAt('push.answer'));
      await mustCommit(store(), consume('approved'));
      expect(await states()).toEqual(['closed', 'consumed']);
    });

    test('a deny from any phone of the request counts until the approve is consumed', async () => {
      await mustCommit(store(), { type: 'push.open', rows: twoPhones() }, answer('approved', { id: SECOND }));
      await mustCommit(store(), answer('denied', { reason: 'not_me' }));
      const rows = await store().messages.ofRequest(FIRST);
      expect(rows.map(({ state, reason }) => [state, reason])).toEqual([
        ['denied', 'not_me'],
        ['denied', 'not_me'],
      ]);
      expect(await commit(store(), consume('approved'))).toEqual(refusedAt('push.consume'));
      await mustCommit(store(), consume('denied'));
      expect(await states()).toEqual(['consumed', 'consumed']);
    });

    test('a deny from a phone whose request was withdrawn is refused once the approve is consumed', async () => {
      await mustCommit(store(), { type: 'push.open', rows: twoPhones() }, answer('approved', { id: SECOND }));
      await mustCommit(store(), consume('approved'));
      expect(await commit(store(), answer('denied'))).toEqual(refusedAt('push.answer'));
    });

    test('the fifth bad proof closes a pending message, and a sixth changes only the count', async () => {
      await mustCommit(store(), { type: 'push.open', rows: [messageRow()] });
      const badProof = { type: 'push.badProof', id: FIRST, at: NOW } as const;
      await mustCommit(store(), badProof, badProof, badProof, badProof);
      expect(await store().messages.get(FIRST)).toMatchObject({ state: 'pending', attempts: 4 });
      await mustCommit(store(), badProof);
      expect(await store().messages.get(FIRST)).toMatchObject({ state: 'closed', reason: 'attempts', attempts: 5 });
      await mustCommit(store(), badProof);
      expect(await store().messages.get(FIRST)).toMatchObject({ state: 'closed', attempts: 6 });
      expect(await commit(store(), answer('approved'))).toEqual(refusedAt('push.answer'));
    });

    test('bad proofs do not undo an answer', async () => {
      await mustCommit(store(), { type: 'push.open', rows: [messageRow({ attempts: 4 })] }, answer('approved'), {
        type: 'push.badProof',
        id: FIRST,
        at: NOW,
      });
      expect(await store().messages.get(FIRST)).toMatchObject({ state: 'approved', attempts: 5 });
    });

    test('a newer request supersedes the pending one of the same user and place, and no other (SEC-24)', async () => {
      const other = messageRow({ id: 'AUTHENTICATE:other', userId: 'user-2' });
      const registration = messageRow({ id: 'REGISTER:1', kind: 'REGISTER' });
      await mustCommit(
        store(),
        { type: 'push.open', rows: twoPhones() },
        { type: 'push.open', rows: [other] },
        { type: 'push.open', rows: [registration] },
        { type: 'push.open', rows: [messageRow({ id: 'AUTHENTICATE:3' })] },
      );
      expect(await states()).toEqual(['closed', 'closed']);
      expect(await store().messages.get(FIRST)).toMatchObject({ reason: 'superseded' });
      expect(await store().messages.get(other.id)).toMatchObject({ state: 'pending' });
      expect(await store().messages.get(registration.id)).toMatchObject({ state: 'pending' });
      expect(await commit(store(), answer('denied'))).toEqual(refusedAt('push.answer'));
    });

    test('a registration closes no login that waits', async () => {
      await mustCommit(
        store(),
        { type: 'push.open', rows: [messageRow()] },
        { type: 'push.open', rows: [messageRow({ id: 'REGISTER:1', kind: 'REGISTER' })] },
      );
      expect(await states()).toEqual(['pending']);
    });

    test('a request that is over the limit, and so never sent, closes none that waits (SEC-25)', async () => {
      const suppressed = messageRow({ id: 'AUTHENTICATE:3', state: 'closed', reason: 'suppressed', delivery: 'none' });
      await mustCommit(store(), { type: 'push.open', rows: [messageRow()] }, { type: 'push.open', rows: [suppressed] });
      expect(await states()).toEqual(['pending']);
      expect(await store().messages.get('AUTHENTICATE:3')).toEqual(suppressed);
    });

    test('an id is opened once', async () => {
      await mustCommit(store(), { type: 'push.open', rows: [messageRow()] });
      expect(await commit(store(), { type: 'push.open', rows: [messageRow()] })).toEqual(refusedAt('push.open'));
    });

    test('closing takes back what is pending or answered, by request or by journey', async () => {
      await mustCommit(store(), { type: 'push.open', rows: twoPhones() }, answer('approved'));
      await mustCommit(store(), { type: 'push.close', request: FIRST, reason: 'exit' });
      expect(await states()).toEqual(['closed', 'closed']);
      expect(await commit(store(), consume('approved'))).toEqual(refusedAt('push.consume'));
      await mustCommit(store(), { type: 'push.open', rows: [messageRow({ id: 'AUTHENTICATE:3' })] });
      await mustCommit(store(), { type: 'push.closeJourney', journeyId: 'journey-1', reason: 'timeout' });
      expect(await store().messages.get('AUTHENTICATE:3')).toMatchObject({ state: 'closed', reason: 'timeout' });
      expect(await store().messages.get(FIRST)).toMatchObject({ reason: 'exit' });
    });

    test('what is open of a user is closed at once, and nothing of others (SEC-61)', async () => {
      await mustCommit(
        store(),
        { type: 'push.open', rows: [messageRow()] },
        { type: 'push.open', rows: [messageRow({ id: 'REGISTER:1', kind: 'REGISTER', request: 'REGISTER:1' })] },
        {
          type: 'push.open',
          rows: [messageRow({ id: 'AUTHENTICATE:9', request: 'AUTHENTICATE:9', userId: 'user-2' })],
        },
        { type: 'push.closeUser', userId: 'user-1', reason: 'account' },
      );
      const states = [];
      for (const id of ['AUTHENTICATE:1', 'REGISTER:1', 'AUTHENTICATE:9']) {
        const row = await store().messages.get(id);
        states.push([row?.state, row?.reason]);
      }
      expect(states).toEqual([
        ['closed', 'account'],
        ['closed', 'account'],
        ['pending', undefined],
      ]);
    });

    test('what a phone said at registration comes back with the row, secret and all', async () => {
      const row = messageRow({
        id: 'REGISTER:1',
        kind: 'REGISTER',
        secret: Uint8Array.from({ length: 32 }, (_, at) => 255 - at),
      });
      const claims = {
        mechanismUid: 'm',
        deviceId: 'd',
        deviceType: 'web',
        communicationType: 'relay',
        communicationId: 'c',
        xKey: { kty: 'EC', crv: 'P-256', x: 'xx', y: 'yy' } as const,
      };
      await mustCommit(store(), { type: 'push.open', rows: [row] });
      expect(await store().messages.get(row.id)).toEqual(row);
      await mustCommit(store(), { ...answer('approved', { id: row.id }), claims });
      expect(await store().messages.get(row.id)).toEqual({
        ...row,
        state: 'approved',
        answeredAt: NOW + 1_000,
        answerHash: 'hash-of-approved',
        claims,
      });
    });

    test('a phone is given what is pending and unexpired, for logins, oldest first', async () => {
      await mustCommit(
        store(),
        { type: 'push.open', rows: [messageRow({ id: 'later', userId: 'a', createdAt: NOW + 5 })] },
        { type: 'push.open', rows: [messageRow({ id: 'sooner', userId: 'b' })] },
        { type: 'push.open', rows: [messageRow({ id: 'elsewhere', userId: 'c', deviceUuid: 'device-9' })] },
        { type: 'push.open', rows: [messageRow({ id: 'expired', userId: 'd', expiresAt: NOW + 10 })] },
        { type: 'push.open', rows: [messageRow({ id: 'register', kind: 'REGISTER' })] },
        {
          type: 'push.open',
          rows: [messageRow({ id: 'second', userId: 'e', createdAt: NOW + 1, deviceUuid: 'device-2' })],
        },
      );
      const phones = [
        { uuid: 'device-1', userId: 'a' },
        { uuid: 'device-1', userId: 'b' },
        { uuid: 'device-1', userId: 'c' },
        { uuid: 'device-1', userId: 'd' },
        { uuid: 'device-1', userId: 'user-1' },
        { uuid: 'device-2', userId: 'e' },
        { uuid: 'device-3', userId: 'e' },
      ];
      const pending = await store().messages.pendingFor(phones, NOW + 10);
      expect(pending.map(({ id }) => id)).toEqual(['sooner', 'second', 'later']);
      expect(await store().messages.pendingFor([], NOW)).toEqual([]);
    });

    test('whatever happens in whatever order, a request does what the model of it does', async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(stepOf, { maxLength: 14 }), async (steps) => {
          run += 1;
          const model = modelOf(`run-${run}`);
          for (const step of steps) {
            const change = model.changeOf(step);
            const result = await commit(store(), change);
            expect([change, result.committed]).toEqual([change, model.apply(step)]);
            for (const [id, state] of model.states()) {
              const row = await store().messages.get(id);
              expect([id, row?.state, row?.attempts]).toEqual([id, state.state, state.attempts]);
            }
          }
        }),
        { numRuns: 150 },
      );
    });
  });
};
