import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Instance } from '../../ports/instances.ts';
import { UNHEARD_MILLIS } from '../../ports/key-kinds.ts';
import type { Store } from '../../ports/store.ts';
import type { OpenTwoStores } from '../describe-races.ts';
import { NOW, sealAll } from '../rows.ts';

const HOUR = 3_600_000;
const ORDER = { at: NOW, transactionId: 'rotation', by: 'command line' } as const;
const ROTATION = { ...ORDER, goodFor: HOUR };

const instance = (name: string, changes: Partial<Instance>): Instance => ({
  name,
  processId: name,
  host: 'a.example.com',
  version: '1.2.3',
  startedAt: NOW,
  seenAt: NOW,
  configurationVersion: 0,
  facts: {},
  ...changes,
});

export const describeKeys = (open: OpenTwoStores): void => {
  describe('keys that are replaced', () => {
    let one: Store;
    let other: Store;
    beforeEach(async () => {
      [one, other] = await open();
    });
    afterEach(async () => {
      await one.close();
      await other.close();
    });
    const statesOf = async (kind: string) =>
      (await other.keys.list()).filter((it) => it.kind === kind).map(({ id, status }) => `${id} ${status}`);
    const trail = async () => {
      await one.auditFeed.begin(NOW - HOUR);
      await sealAll(one);
      const rows = (await one.auditFeed.next({ holder: 'test', now: NOW }, 50)) ?? [];
      // Those of one moment are in no order where two have written them.
      return rows
        .filter(({ event }) => event.startsWith('KEY_'))
        .map(({ event, detail }) => `${event} ${detail?.kind} ${detail?.kid} by ${detail?.by ?? 'itself'}`)
        .toSorted();
    };

    test('of two that start at once the first key of a kind is one, and both have it (OPS-21)', async () => {
      const [here, there] = await Promise.all([one.keys.ring('auth-id'), other.keys.ring('auth-id')]);
      expect(here.active().bytes).toHaveLength(32);
      expect(there.active()).toEqual(here.active());
      expect(here.find('1')).toEqual(here.active().bytes);
      expect(here.find('2')).toBeUndefined();
      expect((await one.keys.ring('oauth-mark')).active().bytes).not.toEqual(here.active().bytes);
    });

    test('are announced, used, good for a while, rejected and deleted, each with its row of the trail (SEC-76)', async () => {
      const ring = await one.keys.ring('auth-id');
      const first = ring.active();
      expect(await one.keys.announce('auth-id', ORDER)).toMatchObject({ id: 2, status: 'next', since: NOW });
      // Who asks again is given the same.
      expect(await other.keys.announce('auth-id', ORDER)).toMatchObject({ id: 2, status: 'next' });
      await one.keys.refresh();
      expect(ring.active()).toEqual(first);
      expect(ring.find('2')).toHaveLength(32);
      expect(await other.keys.activate('auth-id', ROTATION)).toBe(true);
      expect(await other.keys.activate('auth-id', ROTATION)).toBe(false);
      await one.keys.refresh();
      expect(ring.active()).toMatchObject({ id: '2' });
      expect(ring.find('1')).toEqual(first.bytes);
      expect(ring.good()).toEqual([ring.active().bytes, first.bytes]);
      expect(await statesOf('auth-id')).toEqual(['1 retiring', '2 active']);
      expect(await one.keys.destroy('auth-id', 1, ORDER)).toBe(false);
      expect(await one.keys.destroy('auth-id', 2, ORDER)).toBe(false);
      expect(await one.keys.retire('auth-id', 2, ORDER)).toBe(false);
      expect(await one.keys.retire('auth-id', 1, { at: NOW + HOUR, transactionId: 'by itself' })).toBe(true);
      expect(await one.keys.retire('auth-id', 1, ORDER)).toBe(false);
      expect(ring.find('1')).toBeUndefined();
      expect(ring.good()).toEqual([ring.active().bytes]);
      expect(await one.keys.destroy('auth-id', 1, ORDER)).toBe(true);
      expect(await one.keys.destroy('auth-id', 1, ORDER)).toBe(false);
      expect(await statesOf('auth-id')).toEqual(['2 active']);
      // The next one has a name of its own, and the kinds do not meet.
      expect(await one.keys.announce('auth-id', ORDER)).toMatchObject({ id: 3 });
      expect(await trail()).toEqual([
        'KEY_CREATE auth-id 2 by command line',
        'KEY_CREATE auth-id 3 by command line',
        'KEY_DELETE auth-id 1 by command line',
        'KEY_RETIRE auth-id 1 by itself',
        'KEY_ROTATE auth-id 2 by command line',
      ]);
    });

    test('are not used before every instance that is there knows them; where one has leaked, at once (SEC-76)', async () => {
      const ring = await one.keys.ring('auth-id');
      await one.keys.announce('auth-id', ORDER);
      const knows = await other.keys.refresh();
      await one.instances.put(instance('knows', { keysVersion: knows }));
      await one.instances.put(instance('late', { keysVersion: knows - 1 }));
      await one.instances.put(instance('older program', {}));
      await one.instances.put(instance('gone', { seenAt: NOW - UNHEARD_MILLIS, keysVersion: 0 }));
      const waits = { waitsFor: ['late', 'older program'] };
      expect(await one.keys.activate('auth-id', ROTATION)).toEqual(waits);
      expect(ring.active().id).toBe('1');
      expect((await one.instances.list()).map(({ keysVersion }) => keysVersion)).toEqual([
        0,
        knows,
        knows - 1,
        undefined,
      ]);
      // What was said with the key counts, whoever lets it be used.
      expect(await one.keys.announce('auth-id', { ...ORDER, goodFor: 0 })).toMatchObject({ id: 2, goodFor: 0 });
      expect(await one.keys.activate('auth-id', { ...ROTATION, atOnce: true })).toBe(true);
      expect(ring.active().id).toBe('2');
      expect(ring.find('1')).toBeUndefined();
      expect(await statesOf('auth-id')).toEqual(['1 retired', '2 active']);
    });

    test('have one winner of two that replace them at the same moment (SEC-76)', async () => {
      await one.keys.ring('known-browser');
      await Promise.all([one, other].map((it) => it.keys.announce('known-browser', ORDER)));
      const won = await Promise.all([one, other].map((it) => it.keys.activate('known-browser', ROTATION)));
      expect(won.toSorted()).toEqual([false, true]);
      expect(await statesOf('known-browser')).toEqual(['1 retiring', '2 active']);
    });
  });
};
