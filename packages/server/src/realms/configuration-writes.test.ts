import { Unavailable } from '@assent/engine';
import type { StoredNode } from '@assent/engine/host';
import { openMemoryStore } from '@assent/store';
import { configuring } from '@assent/store/testing';
import { expect, test } from 'vitest';
import { CommitAuthority } from './commit-authority.ts';
import { AuthorityLost, ConfigurationWrites, type Decision } from './configuration-writes.ts';
import { LiveConfiguration } from './live-configuration.ts';

const SYSTEM = CommitAuthority.ofSystem('command line');
const nodeOf = (id: string, stage: string): StoredNode => ({ realm: '/', id, type: 'PageNode', config: { stage } });

/** Instances over one store: what one writes, the others learn of when they look. */
const instances = async () => {
  const store = await openMemoryStore();
  const instance = async () => {
    const live = await LiveConfiguration.open(store.configuration);
    return { live, writes: new ConfigurationWrites(live, store.committer) };
  };
  return { store, one: await instance(), other: await instance() };
};
const theirs = { at: 1, event: 'CONFIG_CHANGE', realm: '/', transactionId: 't', userId: 'other' };
const event = { at: 1, event: 'CONFIG_CHANGE', realm: '/', transactionId: 't', userId: 'admin' };

test('where another instance was first, the decision is taken again from what is there now', async () => {
  const { store, one, other } = await instances();
  const seen: (unknown | undefined)[] = [];
  let interrupt: (() => Promise<unknown>) | undefined = () =>
    other.writes.decided(SYSTEM, () => ({ change: { putNodes: [nodeOf('a', 'theirs')] }, events: [theirs] }));
  const writes = new ConfigurationWrites(one.live, {
    async commit(changes) {
      const interruption = interrupt;
      interrupt = undefined;
      await interruption?.();
      return store.committer.commit(changes);
    },
  });
  await writes.decided(SYSTEM, () => {
    seen.push(one.live.node('/', 'a')?.config.stage);
    return { change: { putNodes: [nodeOf('a', 'ours')] }, events: [event] };
  });
  expect(seen).toEqual([undefined, 'theirs']);
  expect((await store.configuration.loadNodes()).nodes).toEqual([nodeOf('a', 'ours')]);
  expect(await store.audit.ofUser('admin', 9)).toHaveLength(1);
});

test('an instance that is never first gives up, and has written nothing', async () => {
  const { store, one, other } = await instances();
  const writes = new ConfigurationWrites(one.live, {
    async commit(changes) {
      await other.writes.decided(SYSTEM, () => ({ change: { deleteNodes: [] }, events: [theirs] }));
      return store.committer.commit(changes);
    },
  });
  const given = writes.decided(SYSTEM, () => ({ change: { putNodes: [nodeOf('a', 'ours')] }, events: [event] }));
  await expect(given).rejects.toThrow(Unavailable);
  expect((await store.configuration.loadNodes()).nodes).toEqual([]);
});

test('a decision that changes nothing writes nothing', async () => {
  const { store, one } = await instances();
  const before = await store.configuration.version();
  await one.writes.decided(SYSTEM, () => ({ events: [event] }));
  expect(await store.audit.ofUser('admin', 9)).toEqual([]);
  expect(await store.configuration.version()).toBe(before);
});

test('nodes that were written here are known without being read again, those of others are read', async () => {
  const { store, one, other } = await instances();
  let reads = 0;
  const counting = {
    ...store.configuration,
    loadNodes: () => {
      reads += 1;
      return store.configuration.loadNodes();
    },
  };
  const live = await LiveConfiguration.open(counting);
  const writes = new ConfigurationWrites(live, store.committer);
  await writes.decided(SYSTEM, () => ({ change: { putNodes: [nodeOf('a', '1'), nodeOf('b', '1')] }, events: [event] }));
  await writes.decided(SYSTEM, () => ({ change: { deleteNodes: [{ realm: '/', id: 'b' }] }, events: [event] }));
  await live.refreshNodes();
  expect([reads, live.nodes('/')]).toEqual([1, [nodeOf('a', '1')]]);
  await other.writes.decided(SYSTEM, () => ({ change: { putNodes: [nodeOf('c', '1')] }, events: [event] }));
  await live.refresh();
  await live.refreshNodes();
  expect([reads, live.node('/', 'c')]).toEqual([2, nodeOf('c', '1')]);
  expect(one.live.nodes('/')).toEqual([]);
});

test('what is refused though nobody was first is not tried again, and not said to be overtaken', async () => {
  const { store, one } = await instances();
  const script = (id: string) => ({ realm: '/', id, name: 'Choose' }) as never;
  await configuring(store).saveScript(script('one'));
  let times = 0;
  const given = one.writes.decided(SYSTEM, () => {
    times += 1;
    return { change: { putScripts: [script('other')] }, events: [event] };
  });
  await expect(given).rejects.toMatchObject({ name: 'ChangeRefused' });
  expect(times).toBe(1);
});

test('nodes of a realm that goes are known no more, also once there is another of its path', async () => {
  const { one } = await instances();
  const realm = { realm: '/alpha', active: true } as never;
  const decided = (change: NonNullable<Decision['change']>) =>
    one.writes.decided(SYSTEM, () => ({ change, events: [event] }));
  const ofAlpha = { ...nodeOf('a', '1'), realm: '/alpha' };
  await decided({ createRealm: realm, putNodes: [ofAlpha, nodeOf('b', '1')] });
  expect(one.live.nodes('/alpha')).toEqual([ofAlpha]);
  await decided({ deleteRealm: '/alpha' });
  expect([one.live.nodes('/alpha'), one.live.nodes('/')]).toEqual([[], [nodeOf('b', '1')]]);
  await decided({ createRealm: realm });
  expect(one.live.nodes('/alpha')).toEqual([]);
});

test('a decision without a row is refused by the store, and changes nothing (SEC-80)', async () => {
  const { store, one } = await instances();
  const before = await store.configuration.version();
  await expect(one.writes.decided(SYSTEM, () => ({ change: { deleteNodes: [] } }))).rejects.toThrow(TypeError);
  expect(await store.configuration.version()).toBe(before);
});

test('the conditions of a caller stand first in every try, also in those after another instance was first (SEC-91)', async () => {
  const { store, one, other } = await instances();
  const commits: string[][] = [];
  const session = { type: 'session.usable', tokenHash: 'gone', now: 1 } as const;
  const identity = { type: 'identity.usable', id: 'i', credentialRev: 1 } as const;
  const realm = { type: 'realm.usable', realm: '/' } as const;
  const conditions = () => ({ conditions: [session, identity, realm] as const });
  let isFirst = true;
  const writes = new ConfigurationWrites(one.live, {
    async commit(changes) {
      commits.push(changes.map(({ type }) => type));
      // The first try passes the conditions and is overtaken, the second one meets a session that has ended.
      if (!isFirst) return store.committer.commit(changes);
      isFirst = false;
      await other.writes.decided(SYSTEM, () => ({ change: { deleteNodes: [] }, events: [theirs] }));
      return store.committer.commit(changes.slice(3));
    },
  });
  const given = writes.decided(CommitAuthority.ofCaller({ realm: '/', caller: 'i' }, conditions), () => ({
    change: { putNodes: [nodeOf('a', 'ours')] },
    events: [event],
  }));
  await expect(given).rejects.toThrow(AuthorityLost);
  const conditionsFirst = ['session.usable', 'identity.usable', 'realm.usable', 'configuration.change', 'audit.append'];
  expect(commits).toEqual(Array(2).fill(conditionsFirst));
  expect((await store.configuration.loadNodes()).nodes).toEqual([]);
});

test('a caller who is refused before the store is asked commits nothing (SEC-91)', async () => {
  const { store, one } = await instances();
  const before = await store.configuration.version();
  const authority = CommitAuthority.ofCaller({ realm: '/', caller: 'i' }, () => ({ refused: 'caller.recentFactor' }));
  const given = one.writes.decided(authority, () => ({ change: { putNodes: [nodeOf('a', '1')] }, events: [event] }));
  await expect(given).rejects.toMatchObject({ refused: 'caller.recentFactor' });
  expect(await store.configuration.version()).toBe(before);
});
