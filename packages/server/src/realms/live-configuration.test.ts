import { type PublishedTree, SUCCESS, treeDocument } from '@assent/engine/host';
import { simulatedClock, testRealm } from '@assent/engine/testing';
import { openMemoryStore } from '@assent/store';
import { configuring } from '@assent/store/testing';
import { expect, test } from 'vitest';
import { LiveConfiguration } from './live-configuration.ts';

const treeOf = (name: string, description: string): Omit<PublishedTree, 'version'> => ({
  realm: '/',
  name,
  tree: treeDocument.parse({ entryNodeId: SUCCESS, nodes: {}, description }),
  nodes: {},
});

test('a tree that has not changed stays the same object, so that it is compiled once', async () => {
  const store = await openMemoryStore();
  const { configuration } = store;
  await configuring(store).publishTree(treeOf('Same', 'a'));
  await configuring(store).publishTree(treeOf('Other', 'a'));
  const live = await LiveConfiguration.open(configuration);
  const [same, other] = [live.tree('/', 'Same'), live.tree('/', 'Other')];
  await configuring(store).publishTree(treeOf('Other', 'b'));
  await live.refresh();
  expect(live.tree('/', 'Same')).toBe(same);
  expect(live.tree('/', 'Other')).not.toBe(other);
  expect(live.tree('/', 'Other')?.tree.description).toBe('b');
});

test('an older version is the same object each time, and one that could not be read is read again', async () => {
  const store = await openMemoryStore();
  const { configuration } = store;
  await configuring(store).publishTree(treeOf('Login', 'a'));
  await configuring(store).publishTree(treeOf('Login', 'b'));
  let failures = 1;
  const live = await LiveConfiguration.open({
    ...configuration,
    async loadTree(realm, name, version) {
      failures -= 1;
      if (failures >= 0) throw new Error('the disk is full');
      return configuration.loadTree(realm, name, version);
    },
  });
  await expect(live.treeVersion('/', 'Login', 1)).rejects.toThrow('the disk is full');
  const older = await live.treeVersion('/', 'Login', 1);
  expect(older?.tree.description).toBe('a');
  expect(await live.treeVersion('/', 'Login', 1)).toBe(older);
  expect(await live.treeVersion('/', 'Login', 2)).toBe(live.tree('/', 'Login'));
});

test('a realm that is made again has no version of a tree that an earlier one of the path had (SEC-89)', async () => {
  const store = await openMemoryStore();
  const publish = (description: string) =>
    configuring(store).publishTree({ ...treeOf('Login', description), realm: '/alpha' });
  await configuring(store).createRealm(testRealm({ realm: '/alpha' }));
  for (const description of ['of the first', 'of the first']) await publish(description);
  const live = await LiveConfiguration.open(store.configuration);
  expect((await live.treeVersion('/alpha', 'Login', 1))?.tree.description).toBe('of the first');
  await configuring(store).deleteRealm('/alpha');
  await configuring(store).createRealm(testRealm({ realm: '/alpha' }));
  for (const description of ['of the second', 'of the second']) await publish(description);
  await live.refresh();
  expect((await live.treeVersion('/alpha', 'Login', 1))?.tree.description).toBe('of the second');
});

test('a look that was overtaken by a newer one takes nothing back, and those who come meanwhile share one (OPS-28)', async () => {
  const store = await openMemoryStore();
  const { configuration } = store;
  const answers: (() => void)[] = [];
  const live = await LiveConfiguration.open({
    ...configuration,
    async version() {
      const version = await configuration.version();
      await new Promise<void>((resolve) => answers.push(resolve));
      return version;
    },
  });
  const early = live.refresh();
  await expect.poll(() => answers.length).toBe(1);
  await configuring(store).publishTree(treeOf('New', 'a'));
  const [late, later] = [live.refresh(), live.refresh()];
  answers[0]?.();
  await early;
  expect(live.tree('/', 'New')).toBeUndefined();
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.();
  await Promise.all([late, later]);
  expect(live.tree('/', 'New')).toBeDefined();
  expect(answers).toHaveLength(2);
});

test('services that do not do are looked for anew once in a second, so that a realm that lacks one costs nothing (OPS-28)', async () => {
  const store = await openMemoryStore();
  const { configuration } = store;
  const clock = simulatedClock();
  let looks = 0;
  const live = await LiveConfiguration.open(
    {
      ...configuration,
      version() {
        looks += 1;
        return configuration.version();
      },
    },
    { clock },
  );
  for (let tries = 0; tries < 3; tries += 1) await live.catchUpWithServices('/');
  expect(looks).toBe(1);
  await live.catchUpWithServices('/other');
  clock.advance(1_000);
  await live.catchUpWithServices('/');
  expect(looks).toBe(3);
});
