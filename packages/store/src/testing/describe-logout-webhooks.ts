import { LOGOUT_WEBHOOKS, MAX_OUTBOX_PAYLOAD, readWebhookEntry, webhooksText } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { commit, mustCommit, NOW, newUser, sessionRow } from './rows.ts';

const row = sessionRow({
  properties: { AuthLevel: '5', [LOGOUT_WEBHOOKS]: webhooksText(['app', 'other', 'app']) },
});
const user = { userId: 'user-1' };

/** Which webhooks are to be called, and what each is told. */
const toldIn = async (store: Store) =>
  (await store.outbox.due(Number.MAX_SAFE_INTEGER, 100, 100)).map((entry) => {
    const { event, username, properties } = readWebhookEntry(entry);
    return [entry.kind, entry.realm, entry.recipient, event, username, properties];
  });
const told = (event: string) =>
  ['app', 'other'].map((name) => ['webhook', '/alpha', name, event, 'demo', { AuthLevel: '5' }]);

export const describeLogoutWebhooks = (open: OpenStore): void => {
  describe('webhooks that hear of the end of a session (OPS-43)', () => {
    const store = freshStore(open);

    test('a session without one tells nobody', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.end', ...user, sid: 'sid-1' },
      );
      expect(await toldIn(store())).toEqual([]);
    });

    test('nobody is told of an end that was not committed', async () => {
      await mustCommit(store(), { type: 'session.insert', row });
      const refused: StoreChange = { type: 'session.insert', row };
      expect(await commit(store(), { type: 'session.end', ...user, sid: 'none' }, refused)).toMatchObject({
        committed: false,
      });
      expect(await toldIn(store())).toEqual([]);
    });

    test.each<readonly [string, StoreChange]>([
      ['LOGOUT', { type: 'session.end', ...user, sid: 'sid-1' }],
      ['DESTROY', { type: 'session.endAllOf', ...user }],
      ['DESTROY', { type: 'session.endOthersOf', ...user, tokenHash: 'token-2' }],
      ['DESTROY', { type: 'identity.delete', id: 'user-1' }],
      ['DESTROY', { type: 'session.insert', row: sessionRow({ tokenHash: 'token-3', sid: 'sid-3' }), replaces: row }],
    ])('%s is told once to each, by %j', async (event, end) => {
      await mustCommit(store(), newUser(), { type: 'session.insert', row });
      await mustCommit(store(), end);
      if (end.type !== 'identity.delete') await mustCommit(store(), { type: 'session.end', ...user, sid: 'sid-1' });
      expect(await toldIn(store())).toEqual(told(event));
      expect(await store().sessions.get('token-1')).toBeUndefined();
    });

    test('a session that goes on under another token has not ended', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row },
        { type: 'session.insert', row: { ...row, tokenHash: 'token-2', handle: 'handle-2' }, replaces: row },
      );
      expect(await toldIn(store())).toEqual([]);
      await mustCommit(store(), { type: 'session.end', ...user, sid: 'sid-1' });
      expect(await toldIn(store())).toEqual(told('LOGOUT'));
    });

    test.each([
      ['IDLE_TIMEOUT', row, NOW + row.maxIdleMillis],
      ['MAX_TIMEOUT', { ...row, maxIdleMillis: 9_000_000 }, row.maxExpiresAt],
    ])('%s is told once, by the sweep, and not before its time', async (event, session, at) => {
      await mustCommit(store(), { type: 'session.insert', row: session });
      await store().sweep(at - 1, 100);
      expect(await toldIn(store())).toEqual([]);
      await store().sweep(at, 100);
      expect(await toldIn(store())).toEqual(told(event));
      await store().sweep(at, 100);
      await mustCommit(store(), { type: 'session.end', ...user, sid: 'sid-1' });
      expect(await toldIn(store())).toEqual(told(event));
    });

    test('a sweep with little room loses none', async () => {
      for (const at of [1, 2, 3]) {
        const it = { tokenHash: `token-${at}`, handle: `handle-${at}`, sid: `sid-${at}` };
        await mustCommit(store(), { type: 'session.insert', row: { ...row, ...it } });
      }
      while ((await store().sweep(NOW * 2, 1)) === 1);
      expect(await toldIn(store())).toHaveLength(6);
      expect(await store().sessions.get('token-3')).toBeUndefined();
    });

    test('properties without end do not keep a session from ending: those without room are left out', async () => {
      const properties = { ...row.properties, long: '\u0001'.repeat(5_000), short: 'x' };
      await mustCommit(store(), { type: 'session.insert', row: { ...row, properties } });
      await mustCommit(store(), { type: 'session.end', ...user, sid: 'sid-1' });
      const entries = await store().outbox.due(NOW, 100, 100);
      expect(entries.map(({ payload }) => payload.length <= MAX_OUTBOX_PAYLOAD)).toEqual([true, true]);
      expect(entries[0] && readWebhookEntry(entries[0]).properties).toEqual({ AuthLevel: '5', short: 'x' });
    });
  });
};
