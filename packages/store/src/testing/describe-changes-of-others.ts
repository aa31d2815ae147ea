import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import type { OpenTwoStores } from './describe-races.ts';
import { commit, deviceRow, journeyRow, messageRow, mustCommit, NOW, newUser } from './rows.ts';

/** What others commit is seen, whatever was read or written here before (OPS-27). */
export const describeChangesOfOthers = (openTwo: OpenTwoStores): void => {
  describe('changes of others', () => {
    let one: Store;
    let two: Store;
    beforeEach(async () => {
      [one, two] = await openTwo();
    });
    afterEach(async () => {
      await one.close();
      await two.close();
    });

    const second = messageRow({ id: 'AUTHENTICATE:2', request: 'AUTHENTICATE:1', deviceUuid: 'device-2' });
    const answered = { type: 'push.answer', id: 'AUTHENTICATE:1', at: NOW + 1, answerHash: 'h' } as const;
    const journey = () => one.journeySessions.get('journey-1');

    /** What is asked of the messages again and again. */
    const askedOf = async ({ messages }: Store) => ({
      request: (await messages.ofRequest('AUTHENTICATE:1')).map((it) => ({ ...it, expectedNumber: undefined })),
      first: await messages.get('AUTHENTICATE:1'),
      second: await messages.get('AUTHENTICATE:2'),
    });

    test('a step or message that was asked for before is read as another process left it (OPS-27)', async () => {
      await mustCommit(one, { type: 'journey.insert', row: journeyRow() }, { type: 'push.open', rows: [messageRow()] });
      expect(await journey()).toEqual(journeyRow());
      expect(await one.messages.ofRequest('AUTHENTICATE:1')).toMatchObject([{ state: 'pending' }]);
      const next = journeyRow({ nonce: 'nonce-2', state: '{"next":true}' });
      await mustCommit(
        two,
        { type: 'journey.advance', seenNonce: 'nonce-1', row: next },
        { ...answered, state: 'approved' },
      );
      expect(await journey()).toEqual(next);
      expect(await one.messages.ofRequest('AUTHENTICATE:1')).toMatchObject([{ state: 'approved' }]);
      expect(await one.messages.get('AUTHENTICATE:1')).toMatchObject({ state: 'approved', expectedNumber: 471_902 });
      const ended = journeyRow({ nonce: 'nonce-2', ended: true, state: '' });
      await mustCommit(two, { type: 'journey.advance', seenNonce: 'nonce-2', row: ended });
      expect(await journey()).toEqual(ended);
    });

    test('a step or message of a commit that was refused is as if it had never been', async () => {
      await mustCommit(one, { type: 'journey.insert', row: journeyRow() }, { type: 'push.open', rows: [messageRow()] });
      const refused: StoreChange = { type: 'code.use', id: 'none' };
      const row = journeyRow({ nonce: 'nonce-2' });
      const others = [
        commit(
          one,
          { type: 'journey.advance', seenNonce: 'nonce-1', row },
          { ...answered, state: 'approved' },
          refused,
        ),
        commit(one, { type: 'push.open', rows: [messageRow({ id: 'AUTHENTICATE:3' })] }, refused),
        commit(one, { type: 'journey.insert', row: journeyRow({ id: 'journey-2' }) }),
      ];
      expect((await Promise.all(others)).map(({ committed }) => committed)).toEqual([false, false, true]);
      expect(await journey()).toEqual(journeyRow());
      expect(await one.messages.ofRequest('AUTHENTICATE:1')).toMatchObject([{ state: 'pending' }]);
      expect(await one.messages.get('AUTHENTICATE:1')).toEqual(messageRow());
      expect(await one.messages.ofRequest('AUTHENTICATE:3')).toEqual([]);
      expect(await one.messages.get('AUTHENTICATE:3')).toBeUndefined();
    });

    const changes: Record<string, readonly StoreChange[]> = {
      'an approve': [{ ...answered, state: 'approved' }],
      'a denial': [{ ...answered, state: 'denied', reason: 'not_me' }],
      'a denial after an approve': [
        { ...answered, state: 'approved' },
        { ...answered, id: 'AUTHENTICATE:2', state: 'denied' },
      ],
      'a bad proof': [{ type: 'push.badProof', id: 'AUTHENTICATE:2', at: NOW }],
      'the last bad proof': Array.from({ length: 5 }, () => ({ type: 'push.badProof', id: 'AUTHENTICATE:2', at: NOW })),
      'an approve that is consumed': [
        { ...answered, state: 'approved' },
        { type: 'push.consume', request: 'AUTHENTICATE:1', state: 'approved', at: NOW },
      ],
      'the end of a request': [{ type: 'push.close', request: 'AUTHENTICATE:1', reason: 'exit' }],
      'the end of a journey': [{ type: 'push.closeJourney', journeyId: 'journey-1', reason: 'ended' }],
      'another password': [{ type: 'push.closeUser', userId: 'user-1', reason: 'account' }],
      'a mark of delivery': [{ type: 'push.delivery', marks: [{ id: 'AUTHENTICATE:1', delivery: 'sent' }] }],
      'a newer request': [{ type: 'push.open', rows: [messageRow({ id: 'AUTHENTICATE:9' })] }],
      'another phone of the request': [
        { type: 'push.open', rows: [messageRow({ id: 'AUTHENTICATE:3', request: 'AUTHENTICATE:1' })] },
      ],
      'the removal of a phone': [{ type: 'device.delete', uuid: 'device-2' }],
      'the removal of the user': [{ type: 'identity.delete', id: 'user-1' }],
    };

    test.each(Object.entries(changes))(
      'messages that were asked for before are what another has made of them by %s (OPS-27)',
      async (_, then) => {
        await mustCommit(
          one,
          newUser(),
          { type: 'device.insert', row: deviceRow({ uuid: 'device-2' }), maxDevices: 5 },
          { type: 'push.open', rows: [messageRow(), second] },
        );
        const before = await askedOf(one);
        for (const store of [one, two]) expect(await askedOf(store)).toEqual(before);
        await mustCommit(two, ...then);
        const after = await askedOf(one);
        expect(after).not.toEqual(before);
        expect(await askedOf(two)).toEqual(after);
      },
    );

    test('what was swept is not there any more', async () => {
      await mustCommit(one, { type: 'journey.insert', row: journeyRow() }, { type: 'push.open', rows: [messageRow()] });
      await journey();
      await one.sweep(NOW + 3_600_000, 100);
      expect(await journey()).toBeUndefined();
      expect(await askedOf(one)).toEqual({ request: [], first: undefined, second: undefined });
    });

    const ofUsers: Record<string, readonly StoreChange[]> = {
      'a use of the phone': [{ type: 'device.accessed', uuid: 'device-2', at: NOW + 9 }],
      'another name of the phone': [
        { type: 'device.update', row: deviceRow({ uuid: 'device-2', deviceName: 'Old phone', rev: 1 }) },
      ],
      'the removal of the phone': [{ type: 'device.delete', uuid: 'device-2' }],
      'the removal of all phones': [{ type: 'device.deleteAll', userId: 'user-1' }],
      'other attributes': [{ type: 'identity.attributes', id: 'user-1', seenRev: 1, attributes: { mail: [] } }],
      'another password': [{ type: 'identity.password', id: 'user-1', hash: 'other' }],
      'the end of all that was begun': [{ type: 'identity.revoke', id: 'user-1' }],
      'the end of the account': [{ type: 'identity.active', id: 'user-1', active: false }],
      'the removal of the user': [{ type: 'identity.delete', id: 'user-1' }],
    };

    test.each(Object.entries(ofUsers))(
      'a user and phone that were asked for before are what another has made of them by %s (OPS-27)',
      async (_, then) => {
        await mustCommit(one, newUser(), {
          type: 'device.insert',
          row: deviceRow({ uuid: 'device-2' }),
          maxDevices: 5,
        });
        const asked = async (store: Store) => ({
          user: await store.identities.find('/alpha', 'Demo'),
          phones: await store.devices.ofUser('user-1'),
          phone: await store.devices.get('device-2'),
        });
        const before = await asked(one);
        expect(await asked(two)).toEqual(before);
        const refused: StoreChange = { type: 'code.use', id: 'none' };
        expect((await commit(two, ...then, refused)).committed).toBe(false);
        expect([await asked(one), await asked(two)]).toEqual([before, before]);
        await mustCommit(two, ...then);
        const { user, phone } = await asked(two);
        expect({ ...before, user, phone }).not.toEqual(before);
        // In this order nothing that is read first tells what was forgotten of the others.
        expect(await one.devices.get('device-2')).toEqual(phone);
        expect(await one.identities.find('/alpha', 'demo')).toEqual(user);
        await mustCommit(two, { type: 'device.deleteAll', userId: 'user-1' });
        expect(await one.devices.get('device-2')).toBeUndefined();
      },
    );
  });
};
