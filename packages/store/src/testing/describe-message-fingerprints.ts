import { type PushMessage, QUIET } from '@assent/push';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { messageRow, mustCommit, NOW } from './rows.ts';

const FIRST = 'AUTHENTICATE:1';
const SECOND = 'AUTHENTICATE:2';

/** One request that rings two phones. */
const twoPhones = (): PushMessage[] => [
  messageRow(),
  messageRow({ id: SECOND, request: FIRST, deviceUuid: 'device-2', mechanismUid: 'mechanism-2' }),
];

const answer = (state: 'approved' | 'denied', id = FIRST) =>
  ({ type: 'push.answer', id, state, at: NOW + 1_000, answerHash: `hash-of-${state}` }) as const;

export const describeMessageFingerprints = (open: OpenStore): void => {
  describe('fingerprints of push messages', () => {
    const store = freshStore(open);

    test('OPS-39: the fingerprint of a request changes with everything that its page has to know, and with nothing else', async () => {
      const fingerprint = async () => {
        const { requests } = await store().messages.fingerprints({ requests: [FIRST, 'AUTHENTICATE:none'], users: [] });
        expect(requests.size).toBe(2);
        expect(requests.get('AUTHENTICATE:none')).not.toBe(QUIET);
        return requests.get(FIRST);
      };
      expect(await fingerprint()).not.toBe(QUIET);
      await mustCommit(store(), { type: 'push.open', rows: twoPhones() });
      expect(await fingerprint()).toBe(QUIET);
      await mustCommit(store(), { type: 'push.badProof', id: SECOND, at: NOW });
      await mustCommit(store(), { type: 'push.delivery', marks: [{ id: FIRST, delivery: 'sent' }] });
      expect(await fingerprint()).toBe(QUIET);

      const unreachable = (id: string) => ({ id, delivery: 'unreachable' }) as const;
      const dead = async () =>
        (await store().messages.ofRequest(FIRST)).map(({ isUnreachable = false }) => isUnreachable);
      expect(await dead()).toEqual([false, false]);
      await mustCommit(store(), { type: 'push.delivery', marks: [unreachable(FIRST)] });
      expect(await fingerprint()).toBe(QUIET);
      await mustCommit(store(), { type: 'push.delivery', marks: [unreachable(SECOND)] });
      expect(await fingerprint()).not.toBe(QUIET);
      expect(await dead()).toEqual([true, true]);

      await mustCommit(store(), answer('approved', SECOND));
      const approved = await fingerprint();
      await mustCommit(store(), answer('denied'));
      const denied = await fingerprint();
      await mustCommit(store(), { type: 'push.consume', request: FIRST, state: 'denied', at: NOW + 2_000 });
      expect(new Set([QUIET, approved, denied, await fingerprint()]).size).toBe(4);
    });

    test('OPS-39: the fingerprint of a phone is what rings there, and of no other user', async () => {
      const phones = async (...users: string[]) =>
        Object.fromEntries((await store().messages.fingerprints({ requests: [], users })).phones);
      expect(await phones('user-1')).toEqual({});
      await mustCommit(store(), { type: 'push.open', rows: twoPhones() });
      const before = await phones('user-1', 'user-2');
      expect(Object.keys(before).sort()).toEqual(['device-1', 'device-2']);
      expect(await phones('user-2')).toEqual({});

      const next = messageRow({ id: 'AUTHENTICATE:3', request: 'AUTHENTICATE:3', journeyId: 'journey-3' });
      await mustCommit(store(), { type: 'push.open', rows: [next] });
      const after = await phones('user-1');
      expect(Object.keys(after)).toEqual(['device-1']);
      expect(after['device-1']).not.toBe(before['device-1']);
      await mustCommit(store(), { type: 'push.close', request: 'AUTHENTICATE:3', reason: 'exit' });
      expect(await phones('user-1')).toEqual({});
    });
  });
};
