import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { backChannelRow, commit, countWinners, mustCommit, NOW, newUser, refusedAt } from './rows.ts';

export const describeBackChannels = (open: OpenStore): void => {
  describe('back channels', () => {
    const store = freshStore(open);
    const read = () => store().backChannels.get('back-channel-1');
    const idHash = 'back-channel-1';
    const last = NOW + 299_999;
    const late = NOW + 300_000;
    const closedBy = {
      approval: { type: 'backChannel.approve', idHash, now: NOW },
      denial: { type: 'backChannel.deny', idHash, now: NOW },
    } as const;

    test('one that nobody opened is not there, and nothing can be done with it', async () => {
      expect(await read()).toBeUndefined();
      for (const type of ['backChannel.start', 'backChannel.approve'] as const) {
        expect(await commit(store(), { type, idHash, now: NOW })).toEqual(refusedAt(type));
      }
      const tell = { type: 'backChannel.tell', idHash, now: NOW, notice: '{}' } as const;
      expect(await commit(store(), tell)).toEqual(refusedAt('backChannel.tell'));
      await mustCommit(store(), closedBy.denial);
      expect(await read()).toBeUndefined();
    });

    test('an id is opened once, and comes back as it was given', async () => {
      const row = backChannelRow({ data: '{"text":"Zürich 東京 🔑"}' });
      await mustCommit(store(), { type: 'backChannel.open', row });
      const again = { type: 'backChannel.open', row: backChannelRow({ openedBy: 'journey-9' }) } as const;
      expect(await commit(store(), again)).toEqual(refusedAt('backChannel.open'));
      expect(await read()).toEqual(row);
    });

    test('is started as often as it takes, told something more than once, and approved', async () => {
      const { subject: _, ...forAnybody } = backChannelRow();
      await mustCommit(store(), { type: 'backChannel.open', row: forAnybody });
      await mustCommit(store(), { type: 'backChannel.start', idHash, now: NOW });
      await mustCommit(store(), { type: 'backChannel.tell', idHash, now: NOW, notice: '{"at":1}' });
      await mustCommit(store(), { type: 'backChannel.start', idHash, now: last });
      await mustCommit(store(), { type: 'backChannel.tell', idHash, now: last, notice: '{"at":2}' });
      expect(await read()).toEqual({ ...forAnybody, status: 'started', notice: '{"at":2}' });
      await mustCommit(store(), { type: 'backChannel.approve', idHash, now: last, properties: '{"AuthLevel":"5"}' });
      expect(await read()).toEqual({
        ...forAnybody,
        status: 'approved',
        notice: '{"at":2}',
        properties: '{"AuthLevel":"5"}',
      });
    });

    test.each([
      ['approved', closedBy.approval, NOW],
      ['denied', closedBy.denial, NOW],
      ['out of time', undefined, late],
    ])('one that is %s stays so', async (_how, closing, now) => {
      await mustCommit(store(), { type: 'backChannel.open', row: backChannelRow() });
      if (closing !== undefined) await mustCommit(store(), closing);
      const before = await read();
      for (const type of ['backChannel.start', 'backChannel.approve'] as const) {
        expect(await commit(store(), { type, idHash, now })).toEqual(refusedAt(type));
      }
      const tell = { type: 'backChannel.tell', idHash, now, notice: '{}' } as const;
      expect(await commit(store(), tell)).toEqual(refusedAt('backChannel.tell'));
      await mustCommit(store(), { type: 'backChannel.deny', idHash, now });
      expect(await read()).toEqual(before);
    });

    test('of 50 who complete it at once, one has', async () => {
      await mustCommit(store(), { type: 'backChannel.open', row: backChannelRow() });
      const commits = Array.from({ length: 50 }, (_, at) => [
        { ...closedBy.approval, properties: `{"at":"${at}"}` } as const,
      ]);
      expect(await countWinners(store(), commits)).toBe(1);
    });

    test('an approval is used up once, for the access and the user it is of, in time (SEC-85)', async () => {
      const access = { openedBy: 'policy:transfer', subject: 'user-1' };
      const consume = (given: object = {}) =>
        ({ type: 'backChannel.consume', idHash, ...access, now: NOW, ...given }) as const;
      await mustCommit(store(), { type: 'backChannel.open', row: backChannelRow(access) });
      expect(await commit(store(), consume())).toEqual(refusedAt('backChannel.consume'));
      await mustCommit(store(), { type: 'backChannel.start', idHash, now: NOW });
      expect(await commit(store(), consume())).toEqual(refusedAt('backChannel.consume'));
      await mustCommit(store(), closedBy.approval);
      for (const other of [{ idHash: 'other' }, { openedBy: 'policy:other' }, { subject: 'user-2' }, { now: late }])
        expect(await commit(store(), consume(other))).toEqual(refusedAt('backChannel.consume'));
      expect(await read()).toBeDefined();
      const commits = Array.from({ length: 20 }, () => [consume()]);
      expect(await countWinners(store(), commits)).toBe(1);
      expect(await read()).toBeUndefined();
    });

    test('goes with the user who alone may complete it, and with the realm', async () => {
      await mustCommit(store(), newUser(), { type: 'backChannel.open', row: backChannelRow() });
      await mustCommit(store(), {
        type: 'backChannel.open',
        row: backChannelRow({ idHash: 'other', subject: 'user-2' }),
      });
      await mustCommit(store(), { type: 'identity.delete', id: 'user-1' });
      expect(await read()).toBeUndefined();
      expect(await store().backChannels.get('other')).toBeDefined();
    });
  });
};
