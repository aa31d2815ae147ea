import type { Session } from '@assent/engine';
import {
  LOGOUT_WEBHOOKS,
  MAX_OUTBOX_PAYLOAD,
  MAX_WAITING_OF_RECIPIENT,
  readWebhookEntry,
  SESSIONS_OF_USER,
  webhooksText,
} from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { commit, mustCommit, mustCommitMany, NOW, newUser, sessionRow } from './rows.ts';

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

    const sessions = (count: number, properties = row.properties) =>
      Array.from({ length: count }, (_, at) => {
        const id = `many-${String(at).padStart(3, '0')}`;
        return sessionRow({ tokenHash: id, handle: id, sid: 'sid-1', properties });
      });
    const insert = async (...rows: readonly Session[]) => {
      await mustCommitMany(
        store(),
        rows.map((it) => ({ type: 'session.insert', row: it }) as const),
      );
    };
    const entryFor = (id: string, recipient: string): StoreChange => ({
      type: 'outbox.put',
      entry: { id, kind: 'webhook', realm: '/alpha', recipient, payload: '{}' },
    });
    const becameOf = () => {
      const seen: string[] = [];
      store().watchOutbox((entries, became) => seen.push(...entries.map(({ id }) => `${id} ${became}`)));
      return seen;
    };

    test('many that end together have the places that are left, and what is there already takes none (SEC-93)', async () => {
      await mustCommit(store(), newUser());
      const full = Array.from({ length: MAX_WAITING_OF_RECIPIENT - 3 }, (_, at) => entryFor(`before-${at}`, 'app'));
      await mustCommitMany(store(), [...full, entryFor('many-000.app', 'app')]);
      const became = becameOf();
      const ends: readonly StoreChange[] = [
        { type: 'session.end', ...user, sid: 'sid-1' },
        { type: 'session.endAllOf', ...user },
        { type: 'identity.active', id: 'user-1', active: false },
      ];
      for (const end of ends) {
        await insert(...sessions(4));
        await mustCommit(store(), end);
        const told = became.splice(0);
        const ofApp = told.filter((it) => it.includes('.app '));
        const placed = told.filter((it) => it.endsWith(' waiting'));
        expect(
          ofApp.filter((it) => placed.includes(it)),
          end.type,
        ).toHaveLength(2);
        expect(
          ofApp.filter((it) => it.endsWith(' lost')),
          end.type,
        ).toHaveLength(1);
        expect(
          ofApp.some((it) => it.startsWith('many-000.')),
          end.type,
        ).toBe(false);
        expect(
          placed.filter((it) => it.endsWith('.other waiting')),
          end.type,
        ).toHaveLength(4);
        const [backlog] = await store().outbox.backlog();
        expect(backlog?.count, end.type).toBe(MAX_WAITING_OF_RECIPIENT + 4);
        // They are sent, and leave the next ones as many places.
        const sent = placed.map((it) => it.replace(' waiting', ''));
        await mustCommit(store(), ...sent.map((id) => ({ type: 'outbox.settle', id }) as const));
      }
    });

    test('that an earlier version stored, more than there may be now, are all told (SEC-93)', async () => {
      const names = Array.from({ length: 20 }, (_, at) => `webhook-${String(at).padStart(2, '0')}`);
      await insert(sessionRow({ properties: { [LOGOUT_WEBHOOKS]: webhooksText(names) } }));
      await mustCommit(store(), { type: 'session.endAllOf', ...user });
      const entries = await store().outbox.due(NOW, 100, 100);
      expect(entries.map(({ recipient }) => recipient).sort()).toEqual(names);
    });

    test('a sweep tells of some sessions at a time, says that there are more, and loses none (SEC-93, REL-22)', async () => {
      await insert(...sessions(120));
      const steps: (readonly [rows: number | undefined, entries: number])[] = [];
      for (let rows: number | undefined = 500; rows === 500; ) {
        const before = (await store().outbox.backlog())[0]?.count ?? 0;
        rows = await store().sweep(row.maxExpiresAt, 500);
        steps.push([rows, ((await store().outbox.backlog())[0]?.count ?? 0) - before]);
      }
      expect(steps.slice(0, 3).map(([, entries]) => entries)).toEqual([100, 100, 40]);
      expect(steps.slice(0, 3).map(([rows]) => rows === 500)).toEqual([true, true, false]);
      expect((await store().outbox.backlog())[0]?.count).toBe(240);
    });

    test('a sweep ends no more sessions with webhooks of one user than it tells of in a step (SEC-93)', async () => {
      const { kept, idleMillis } = SESSIONS_OF_USER;
      const of = (properties: Readonly<Record<string, string>>) => ({ ...properties, AuthFactors: `password@${NOW}` });
      const unused = { lastUsedAt: NOW - idleMillis, createdAt: NOW - idleMillis };
      await insert(...sessions(70, of(row.properties)).map((it) => ({ ...it, ...unused })));
      await insert(
        ...Array.from({ length: kept }, (_, at) =>
          sessionRow({ tokenHash: `other-${at}`, handle: `other-${at}`, properties: of({}) }),
        ),
      );
      const counts: number[] = [];
      for (let step = 0; step < 3; step += 1) {
        await store().sweep(NOW, 500);
        counts.push((await store().outbox.backlog())[0]?.count ?? 0);
      }
      expect(counts).toEqual([100, 140, 140]);
      expect(await store().sessions.countOfUser('user-1', NOW)).toBe(kept);
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
