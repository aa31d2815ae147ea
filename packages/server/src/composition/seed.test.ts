import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Unavailable } from '@assent/engine';
import type { PublishedTree } from '@assent/engine/host';
import { createPasswordHasher, openMemoryStore, type Store } from '@assent/store';
import { type Child, configuring, runInChild } from '@assent/store/testing';
import { afterAll, expect, test } from 'vitest';
import { RealmClients } from '../clients/realm-clients.ts';
import { shippedJourneys } from '../journeys/shipped-journeys.ts';
import { createLog } from '../platform/log.ts';
import { openStore } from '../platform/open-store.ts';
import { systemClock, systemRandom } from '../platform/system-ports.ts';
import { loadSettings } from '../settings/load-settings.ts';
import { compose } from './compose.ts';
import { seed } from './seed.ts';

const hasher = createPasswordHasher({ cost: 'cheap-for-tests' });
const dataDir = mkdtempSync(join(tmpdir(), 'assent-seed-'));
const children: Child[] = [];
afterAll(async () => {
  for (const child of children) await child.kill();
  rmSync(dataDir, { recursive: true });
});

/** Which of the passwords that were shown lets the administrator in. */
const thoseThatWork = async (
  store: Store,
  shown: readonly (string | null | undefined)[],
): Promise<readonly string[]> => {
  const administrator = await store.identities.find('/', 'amadmin');
  const hash = administrator && (await store.identities.passwordHash(administrator.id));
  const said = shown.filter((password) => typeof password === 'string');
  const right = await Promise.all(said.map((password) => hasher.verify(hash, password, { realm: '/' })));
  return said.filter((_password, at) => right[at]);
};

test('of two servers that start first over one store, one says the password of the administrator (A7, SEC-77)', async () => {
  const store = await openMemoryStore();
  const { settings } = await loadSettings({ flags: { databaseUrl: 'memory:' }, env: {} });
  const start = () => compose({ settings, store, hasher, log: createLog({ level: 'error' }) });
  const servers = await Promise.all([start(), start(), start()]);
  const shown = servers.map(({ firstScreen }) => firstScreen.adminPassword);
  expect(shown.filter((password) => password !== undefined)).toHaveLength(1);
  expect(await thoseThatWork(store, shown)).toHaveLength(1);
  for (const server of servers) await server.stop();
});

test('of two processes that start first in one directory, one says it, and it works (A7, SEC-77)', async () => {
  const go = join(dataDir, 'go');
  const started = ['one', 'other'].map(() => {
    const child = runInChild(new URL('../testing/first-start.ts', import.meta.url), dataDir, go);
    children.push(child);
    return child.lines[Symbol.asyncIterator]();
  });
  for (const lines of started) expect((await lines.next()).value).toBe('ready');
  writeFileSync(go, '');
  const said = await Promise.all(started.map((lines) => lines.next()));
  const shown = said.map(({ value }) => (JSON.parse(value) as { readonly password: string | null }).password);
  expect(shown.filter((password) => password !== null)).toHaveLength(1);
  const { settings } = await loadSettings({ flags: { dataDir }, env: {} });
  const store = await openStore(settings);
  expect(await thoseThatWork(store, shown)).toHaveLength(1);
  await store.close();
});

test.each(['the realm', 'the demo user', 'the demo client', 'the administrator'])(
  'a first start whose database goes away at %s is made up for by the next, and nothing is there or told twice (SEC-80)',
  async (what) => {
    const { settings } = await loadSettings({ flags: { databaseUrl: 'memory:', seed: 'demo' }, env: {} });
    const store = await openMemoryStore();
    const { configuration, committer } = store;
    const goesAwayAt = ['the realm', 'the demo user', 'the demo client', 'the administrator'].indexOf(what);
    let steps = 0;
    const step =
      <G extends unknown[], T>(work: (...given: G) => Promise<T>) =>
      async (...given: G): Promise<T> => {
        steps += 1;
        if (steps > goesAwayAt) throw new Unavailable('the database cannot be used');
        return work(...given);
      };
    const failing: Store = {
      ...store,
      committer: { commit: step((changes) => committer.commit(changes)) },
    };
    const ports = { clock: systemClock, random: systemRandom };
    await expect(seed(failing, hasher, settings, ports)).rejects.toThrow(Unavailable);
    expect(steps).toBe(goesAwayAt + 1);

    const { adminPassword } = await seed(store, hasher, settings, ports);
    expect(await thoseThatWork(store, [adminPassword])).toHaveLength(1);
    const { realms, trees, services, clients } = await configuration.load();
    expect([realms.length, clients.length]).toEqual([1, 1]);
    expect(trees.map(({ version }) => version)).toEqual(shippedJourneys.map(() => 1));
    expect(services.map(({ type }) => type)).toContain('pushNotification');
    const names = (await Promise.all(['demo', 'amadmin'].map((name) => store.identities.find('/', name)))).map(
      (it) => it?.username,
    );
    expect(names).toEqual(['demo', 'amadmin']);
    expect(await seed(store, hasher, settings, ports)).toEqual({});
    const rows = (await store.auditChain.rows({ position: 0 }, 99)).map(({ event }) => [
      event?.event,
      event?.outcome,
      event?.detail?.by,
    ]);
    expect(rows).toEqual([
      ['REALM_CREATE', '/', 'first start'],
      ['CLIENT_CREATE', 'demo-app', 'first start'],
    ]);
  },
);

test('a demo has a public client for whichever port of this machine, and classes for it to ask for (spec: oidc §3.4)', async () => {
  const store = await openMemoryStore();
  const start = async (seeded: string) => {
    const { settings } = await loadSettings({ flags: { databaseUrl: 'memory:', seed: seeded }, env: {} });
    return compose({ settings, store, hasher, log: createLog({ level: 'error' }) });
  };
  const first = await start('demo');
  const { configuration, publicUrl } = first;
  const clients = new RealmClients(configuration, publicUrl);
  expect(clients.read('/', 'demo-app')).toMatchObject({
    client: {
      isPublic: true,
      anyLoopbackPort: true,
      redirectUris: expect.arrayContaining(['http://localhost:5173/callback']),
      // No other port, though redirects may go to all: see the seed.
      origins: ['http://localhost:5173', 'http://127.0.0.1:5173'],
    },
    findings: [],
  });
  const realm = configuration.realm('/');
  const mapped = realm && [...clients.settings(realm).treeOfAcr];
  expect(mapped).toEqual([
    ['push', 'PushStepUp'],
    ['password', 'Login'],
    ['phr', 'PasskeyStepUp'],
  ]);
  for (const [, tree] of mapped ?? []) expect(configuration.tree('/', tree)).toBeDefined();
  // Somebody who takes it away is not given it back by the next start.
  await configuring(store).change({ deleteClients: [{ realm: '/', id: 'demo-app' }] });
  await first.app.close();
  const second = await start('demo');
  expect(second.configuration.client('/', 'demo-app')).toBeUndefined();
  expect(second.firstScreen).not.toHaveProperty('demoClient');
  await second.stop();
});

test('a server that is no demo has no client', async () => {
  const { settings } = await loadSettings({ flags: { databaseUrl: 'memory:', seed: 'none' }, env: {} });
  const server = await compose({
    settings,
    store: await openMemoryStore(),
    hasher,
    log: createLog({ level: 'error' }),
  });
  expect(server.configuration.clients('/')).toEqual([]);
  await server.stop();
});

test('a first start refuses a password of the administrator that everybody guesses, and a later one does not ask (SEC-55)', async () => {
  const store = await openMemoryStore();
  const start = async (adminPassword: string) => {
    const { settings } = await loadSettings({
      flags: { databaseUrl: 'memory:', seed: 'none' },
      env: { ASSENT_ADMIN_PASSWORD: adminPassword },
    });
    return seed(store, hasher, settings, { clock: systemClock, random: systemRandom });
  };
  await expect(start('changeit')).rejects.toThrow(
    /ASSENT_ADMIN_PASSWORD cannot be used\. Many people use this password/,
  );
  await expect(start('amadmin-1')).rejects.toThrow(/ASSENT_ADMIN_PASSWORD cannot be used/);
  expect(await store.identities.find('/', 'amadmin')).toBeUndefined();
  await start('a better one');
  expect(await thoseThatWork(store, ['a better one'])).toHaveLength(1);
  await start('changeit');
});

test('a first start logs nothing about the shipped journeys, and a start after a change of one does (SEC-36)', async () => {
  const store = await openMemoryStore();
  const { settings } = await loadSettings({ flags: { databaseUrl: 'memory:' }, env: {} });
  const started: Awaited<ReturnType<typeof compose>>[] = [];
  const linesOfStart = async (): Promise<readonly unknown[]> => {
    const lines: { readonly msg?: string; readonly journey?: string }[] = [];
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(JSON.parse(chunk.toString()));
        done();
      },
    });
    const server = await compose({ settings, store, hasher, log: createLog({ level: 'info', destination }) });
    started.push(server);
    return lines.flatMap(({ msg, journey, ...rest }) =>
      journey !== undefined || /check of the journeys/.test(msg ?? '') ? [{ msg, journey, ...rest }] : [],
    );
  };
  expect(await linesOfStart()).toEqual([]);

  const changed = async (
    name: string,
    change: (published: Omit<PublishedTree, 'version'>) => Omit<PublishedTree, 'version'>,
  ) => {
    const found = (await store.configuration.load()).trees.find((it) => it.name === name);
    if (found === undefined) throw new RangeError('There is no journey.');
    const { version: _, ...published } = found;
    await configuring(store).publishTree(change(published));
  };
  const moved = ({ tree, ...rest }: Omit<PublishedTree, 'version'>) => ({
    ...rest,
    tree: {
      ...tree,
      nodes: Object.fromEntries(Object.entries(tree.nodes).map(([id, it]) => [id, { ...it, x: 1, y: 1 }])),
    },
  });
  await changed('AddPasskey', moved);
  expect(await linesOfStart()).toEqual([]);

  await changed('AddPasskey', ({ nodes, ...rest }) => ({
    ...rest,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, { config, ...node }]) => [
        id,
        { ...node, config: 'timeout' in config ? { ...config, timeout: 99 } : config },
      ]),
    ),
  }));
  expect(await linesOfStart()).toMatchObject([{ warnings: 1 }]);
  for (const server of started) await server.stop();
});
