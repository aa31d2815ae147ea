import type { Change } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  auditEvent,
  codeRow,
  commit,
  deviceRow,
  journeyRow,
  messageRow,
  mustCommit,
  NOW,
  newUser,
  refusedAt,
  sessionRow,
} from './rows.ts';

export const describeCommits = (open: OpenStore): void => {
  describe('a commit', () => {
    const store = freshStore(open);

    test('that is refused at its last change leaves nothing of the others', async () => {
      await mustCommit(
        store(),
        newUser({ hash: 'old' }),
        { type: 'device.insert', row: deviceRow(), maxDevices: 5 },
        { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow()] },
        { type: 'push.open', rows: [messageRow()] },
        { type: 'journey.insert', row: journeyRow() },
      );
      const result = await commit(
        store(),
        newUser({ id: 'user-2', username: 'other' }),
        { type: 'identity.password', id: 'user-1', hash: 'new' },
        { type: 'identity.active', id: 'user-1', active: false },
        { type: 'journey.advance', seenNonce: 'nonce-1', row: journeyRow({ nonce: 'nonce-2' }) },
        { type: 'journey.insert', row: journeyRow({ id: 'journey-2' }) },
        { type: 'session.insert', row: sessionRow() },
        { type: 'device.delete', uuid: 'device-1' },
        { type: 'device.insert', row: deviceRow({ uuid: 'device-2' }), maxDevices: 5 },
        { type: 'push.open', rows: [messageRow({ id: 'AUTHENTICATE:2' })] },
        { type: 'throttle.put', row: { subject: 'guess:user-1', hits: [NOW], lockedUntil: 0, rev: 0 } },
        { type: 'audit.append', event: auditEvent() },
        { type: 'code.use', id: 'code-nobody-has' },
      );
      expect(result).toEqual(refusedAt('code.use'));
      expect(await store().identities.findById('user-2')).toBeUndefined();
      expect(await store().identities.find('/alpha', 'other')).toBeUndefined();
      expect(await store().identities.findById('user-1')).toMatchObject({ active: true, rev: 1 });
      expect(await store().identities.passwordHash('user-1')).toBe('old');
      expect(await store().journeySessions.get('journey-1')).toMatchObject({ nonce: 'nonce-1' });
      expect(await store().journeySessions.get('journey-2')).toBeUndefined();
      expect(await store().sessions.get('token-1')).toBeUndefined();
      expect(await store().sessions.ofUser('user-1', NOW)).toEqual([]);
      expect(await store().devices.ofUser('user-1')).toEqual([deviceRow()]);
      expect(await store().devices.countCodes('user-1', 'push')).toBe(1);
      expect(await store().messages.get('AUTHENTICATE:1')).toEqual(messageRow());
      expect(await store().messages.get('AUTHENTICATE:2')).toBeUndefined();
      expect(await store().messages.pendingFor([{ uuid: 'device-1', userId: 'user-1' }], NOW)).toEqual([messageRow()]);
      expect(await store().throttles.get(['guess:user-1'])).toEqual([]);
      expect(await store().audit.ofUser('user-1', 10)).toEqual([]);
    });

    test('that is refused costs the others sent at the same moment nothing', async () => {
      const results = await Promise.all([
        commit(store(), { type: 'journey.insert', row: journeyRow({ id: 'a' }) }),
        commit(store(), { type: 'journey.insert', row: journeyRow({ id: 'b' }) }, { type: 'code.use', id: 'none' }),
        commit(store(), { type: 'journey.insert', row: journeyRow({ id: 'c' }) }),
      ]);
      expect(results).toEqual([{ committed: true }, refusedAt('code.use'), { committed: true }]);
      expect(await store().journeySessions.get('a')).toBeDefined();
      expect(await store().journeySessions.get('b')).toBeUndefined();
      expect(await store().journeySessions.get('c')).toBeDefined();
    });

    test('with a type that no store knows is a mistake of the caller, and leaves nothing', async () => {
      const changes: Change[] = [{ type: 'journey.insert', row: journeyRow() } as Change, { type: 'journey.forget' }];
      await expect(store().committer.commit(changes)).rejects.toThrow(TypeError);
      expect(await store().journeySessions.get('journey-1')).toBeUndefined();
    });

    test('applies its changes in order, so that a later one sees the earlier', async () => {
      const result = await commit(
        store(),
        { type: 'journey.insert', row: journeyRow() },
        { type: 'journey.advance', seenNonce: 'nonce-1', row: journeyRow({ nonce: 'nonce-2' }) },
      );
      expect(result).toEqual({ committed: true });
      expect(await store().journeySessions.get('journey-1')).toEqual(journeyRow({ nonce: 'nonce-2' }));
    });

    test('is counted with its changes where it was applied, and each read is counted', async () => {
      await mustCommit(
        store(),
        { type: 'journey.insert', row: journeyRow() },
        { type: 'session.insert', row: sessionRow() },
      );
      await commit(store(), { type: 'code.use', id: 'none' });
      await store().journeySessions.get('journey-1');
      await store().sessions.get('token-1');
      expect(store().counters).toMatchObject({ reads: 2, commits: 1, changes: 2 });
    });

    test('is refused once the store is closed', async () => {
      await store().close();
      await expect(commit(store(), { type: 'journey.insert', row: journeyRow() })).rejects.toThrow(/closed/);
      await expect(store().check()).rejects.toThrow(/closed/);
    });

    test('passes the readiness check while the store is open', async () => {
      await expect(store().check()).resolves.toBeUndefined();
    });
  });
};
