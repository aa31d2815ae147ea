import type { ConfigurationChange } from '@assent/engine/host';
import { openMemoryStore } from '@assent/store';
import { expect, test } from 'vitest';
import { restClient, signIn } from '../testing/rest-client.ts';
import { steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';
import { CommitAuthority } from './commit-authority.ts';
import { ConfigurationWrites } from './configuration-writes.ts';
import { LiveConfiguration } from './live-configuration.ts';
import {
  ChangeTooLarge,
  DocumentTooLong,
  JOURNEYS_OF_REALM,
  RealmQuotaExceeded,
  TooManyJourneys,
  VALUES_OF_DOCUMENT,
} from './realm-quota.ts';

const SYSTEM = CommitAuthority.ofSystem('command line');
const event = { at: 1, event: 'CONFIG_CHANGE', realm: '/', transactionId: 't', userId: 'admin' };
const KIBIBYTE = 1_024;

const limited = async (mebibytesOfRealm: number) => {
  const store = await openMemoryStore();
  const live = await LiveConfiguration.open(store.configuration);
  const writes = new ConfigurationWrites(live, store.committer, { mebibytesOfRealm });
  return (change: Omit<ConfigurationChange, 'type' | 'seenVersion'>) =>
    writes.decided(SYSTEM, () => ({ change, events: [event] }));
};
const nodeOf = (realm: string, id: string, kibibytes: number) => ({
  realm,
  id,
  type: 'PageNode',
  config: { stage: 'x'.repeat(kibibytes * KIBIBYTE) },
});

test('what makes a realm larger than its quota is refused for every kind of document; other realms go on (SEC-93)', async () => {
  const write = await limited(1);
  await write({ putNodes: [nodeOf('/alpha', 'a', 600)] });
  const large = 'x'.repeat(500 * KIBIBYTE);
  for (const change of [
    { putNodes: [nodeOf('/alpha', 'b', 500)] },
    { putServices: [{ realm: '/alpha', type: 'mail', config: { large } }] },
    { putClients: [{ realm: '/alpha', id: 'app', document: { large } }] },
    { putScripts: [{ realm: '/alpha', id: '1', name: 'S', source: large } as never] },
    { publishTrees: [{ realm: '/alpha', name: 'T', tree: { entryNodeId: large } as never, nodes: {} }] },
  ])
    await expect(write(change)).rejects.toThrow(RealmQuotaExceeded);
  await write({ putNodes: [nodeOf('/beta', 'b', 500)] });
});

test('many small documents count as well (SEC-93)', async () => {
  const write = await limited(1);
  const small = Array.from({ length: 1_100 }, (_, at) => nodeOf('/alpha', `${at}`, 0));
  await expect(write({ putNodes: small })).rejects.toThrow('would be larger than 1 MiB, the limit of this server');
  await write({ putNodes: small.slice(0, 500) });
});

test('one change may replace and delete, and counts as what is left after it', async () => {
  const write = await limited(1);
  await write({ putNodes: [nodeOf('/alpha', 'a', 900)] });
  await write({ putNodes: [nodeOf('/alpha', 'a', 800)] });
  await write({ putNodes: [nodeOf('/alpha', 'b', 900)], deleteNodes: [{ realm: '/alpha', id: 'a' }] });
  await expect(write({ putNodes: [nodeOf('/alpha', 'a', 200)] })).rejects.toThrow(RealmQuotaExceeded);
});

test('one change writes 2 MiB at most, the nodes of all journeys in it counted (SEC-93)', async () => {
  const write = await limited(16);
  const treeWith = (name: string) => ({
    realm: '/alpha',
    name,
    tree: { entryNodeId: 'a' } as never,
    nodes: { a: nodeOf('/alpha', 'a', 700) },
  });
  await write({ publishTrees: [treeWith('One'), treeWith('Two')] });
  const all = { publishTrees: [treeWith('One'), treeWith('Two'), treeWith('Three')] };
  await expect(write(all)).rejects.toThrow(ChangeTooLarge);
});

test('a realm has a bounded number of journeys, and one that has more keeps them (SEC-93)', async () => {
  const write = await limited(16);
  const journeys = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => ({
      realm: '/alpha',
      name: `T${from + at}`,
      tree: { entryNodeId: 'a', nodes: {} } as never,
      nodes: {},
    }));
  await write({ publishTrees: journeys(0, JOURNEYS_OF_REALM - 1) });
  await expect(write({ publishTrees: journeys(JOURNEYS_OF_REALM, 2) })).rejects.toThrow(
    'The realm /alpha would have 1001 journeys, and 1,000 are the most. Delete journeys that are not used',
  );
  await write({ publishTrees: journeys(JOURNEYS_OF_REALM, 1) });
  await write({ publishTrees: journeys(7, 1) });
  await expect(write({ publishTrees: journeys(2 * JOURNEYS_OF_REALM, 1) })).rejects.toThrow(TooManyJourneys);
  await write({ publishTrees: journeys(2 * JOURNEYS_OF_REALM, 1), deleteTrees: [{ realm: '/alpha', name: 'T7' }] });
  await write({ publishTrees: journeys(0, 1).map((tree) => ({ ...tree, realm: '/beta' })) });
});

test('one document has a bounded number of values, however short they are; a longer one may become shorter (SEC-93)', async () => {
  const write = await limited(16);
  const list = (count: number) => ({ list: Array.from({ length: count }, () => 1) });
  const most = VALUES_OF_DOCUMENT - 100;
  const documents = (count: number) => [
    { putNodes: [{ realm: '/alpha', id: 'a', type: 'PageNode', config: list(count) }] },
    { putServices: [{ realm: '/alpha', type: 'mail', config: list(count) }] },
    { putClients: [{ realm: '/alpha', id: 'app', document: list(count) }] },
  ];
  for (const change of documents(VALUES_OF_DOCUMENT)) await expect(write(change)).rejects.toThrow(DocumentTooLong);
  for (const change of documents(most)) await write(change);
  const nodes = Object.fromEntries(Array.from({ length: 2_000 }, (_none, at) => [`n${at}`, { nodeType: 'X', x: 1 }]));
  await write({
    publishTrees: [{ realm: '/alpha', name: 'T', tree: { entryNodeId: 'a', nodes } as never, nodes: {} }],
  });

  const store = await openMemoryStore();
  const live = await LiveConfiguration.open(store.configuration);
  const service = (count: number) => ({ putServices: [{ realm: '/alpha', type: 'mail', config: list(count) }] });
  const decided = (mebibytesOfRealm: number, count: number) =>
    new ConfigurationWrites(live, store.committer, { mebibytesOfRealm }).decided(SYSTEM, () => ({
      change: service(count),
      events: [event],
    }));
  await decided(Number.POSITIVE_INFINITY, 20_000);
  await decided(16, 10_000);
  await expect(decided(16, 11_000)).rejects.toThrow('mail would have 11');
});

test('a realm that is too large already may become smaller, and not larger', async () => {
  const store = await openMemoryStore();
  const live = await LiveConfiguration.open(store.configuration);
  const put = (kibibytes: number) => ({ putNodes: [nodeOf('/alpha', 'a', kibibytes)] });
  const operator = new ConfigurationWrites(live, store.committer);
  await operator.decided(SYSTEM, () => ({ change: put(3_000), events: [event] }));
  const owner = new ConfigurationWrites(live, store.committer, { mebibytesOfRealm: 1 });
  const write = (kibibytes: number) => owner.decided(SYSTEM, () => ({ change: put(kibibytes), events: [event] }));
  await write(2_000);
  await expect(write(2_001)).rejects.toThrow(RealmQuotaExceeded);
});

test('over REST the refusal is 413 with the name of the realm and the setting, and nothing is stored', async () => {
  const server = await steeredServer({ port: 18493, realmConfigurationMebibytes: 1 });
  try {
    const rest = restClient(server);
    const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const script = (name: string) => ({
      name,
      script: Buffer.from(`// ${'x'.repeat(40 * KIBIBYTE)}`).toString('base64'),
      context: 'AUTHENTICATION_TREE_DECISION_NODE',
      language: 'JAVASCRIPT',
    });
    const put = (at: number) =>
      rest('PUT', `/realms/root/scripts/00000000-0000-4000-8000-0000000000${10 + at}`, {
        token,
        body: script(`S${at}`),
      });
    const answers = [];
    for (let at = 0; at < 30; at += 1) answers.push(await put(at));
    const refused = answers.filter(({ status }) => status === 413);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.map(({ status }) => status)).toEqual([
      ...answers.slice(0, -refused.length).map(() => 201),
      ...refused.map(() => 413),
    ]);
    expect(refused[0]?.body).toMatchObject({
      message: expect.stringContaining('ASSENT_REALM_CONFIGURATION_MEBIBYTES'),
    });
    expect(server.logged()).toContainEqual(
      expect.objectContaining({
        msg: 'A change of the configuration was refused because of its size.',
        realm: '/',
      }),
    );
    const { body } = await rest('GET', '/realms/root/scripts?_queryFilter=true', { token });
    expect(
      (body as { result: unknown[] }).result.filter((it) => /^S\d+$/.test((it as { name: string }).name)),
    ).toHaveLength(30 - refused.length);
  } finally {
    await server.assent.stop();
  }
});
