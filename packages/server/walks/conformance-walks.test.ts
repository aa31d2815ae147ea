import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Send, type World, walks } from '@assent/conformance/walks';
import { type SnsFake, startSnsFake } from '@assent/push/testing';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

/** Requests without a socket. */
const sendInto =
  ({ assent }: SteeredServer): Send =>
  async ({ method, url, headers, body }) => {
    const { pathname, search, host } = new URL(url);
    const response = await inject(assent, {
      method,
      url: `${pathname}${search}`,
      headers: { ...headers, host, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const given = response.body === '' ? {} : response.json<Readonly<Record<string, unknown>>>();
    return {
      status: response.statusCode,
      headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
      body: given,
    };
  };

const injectedWorld = (server: SteeredServer, provider: SnsFake): World & Required<Pick<World, 'steering'>> => ({
  am: server.assent.publicUrl,
  send: sendInto(server),
  now: () => server.clock.now(),
  pass: async (millis) => server.clock.advance(millis),
  administrator: TEST_ADMINISTRATOR,
  createUser: (username, password, realm) => server.createUser(realm, username, password),
  attributes: (username, realm) => server.attributes(realm, username),
  log: async () => server.logged(),
  steering: {
    setAttributes: (username, realm, attributes) => server.setAttributes(realm, username, attributes),
    createRealm: server.createRealm,
    setPushService: server.setPushService,
    breakProvider: async () => provider.fail({ action: 'Publish', code: 'InternalError', httpStatus: 500 }),
    repairProvider: async () => provider.repair(),
    delivered: async (token) => provider.published.filter((it) => it.token === token).map(({ payload }) => payload),
  },
});

const cases = walks.flatMap((walk) =>
  walk.journeys.map((journey) => [`${journey} ${walk.title}`, walk, journey] as const),
);

for (const storage of ['memory', 'SQLite']) {
  describe(`in process, under a simulated clock, data in ${storage}`, () => {
    let provider: SnsFake;
    let server: SteeredServer;
    let world: World;
    const directory = mkdtempSync(join(tmpdir(), 'assent-walks-'));
    beforeAll(async () => {
      provider = await startSnsFake();
      server = await steeredServer({
        port: 8080,
        snsEndpoint: provider.endpoint,
        ...(storage === 'SQLite' && { dataDir: directory }),
      });
      world = injectedWorld(server, provider);
    });
    afterAll(async () => {
      await server?.assent.stop();
      await provider?.close();
      rmSync(directory, { recursive: true, force: true });
    });
    test.each(cases)('%s', (_title, walk, journey) => walk.go(world, journey));
  });
}

/** Each request to the next of them, whatever the one before was about: no request needs a certain instance (OPS-26). */
const worldOfInstances = (servers: readonly SteeredServer[], provider: SnsFake): World => {
  const [first, ...others] = servers as readonly [SteeredServer, ...SteeredServer[]];
  const worlds = servers.map((server) => injectedWorld(server, provider));
  const world = injectedWorld(first, provider);
  let turn = 0;
  /** What the others would do within a second. */
  const refreshed =
    <G extends readonly unknown[]>(work: (...given: G) => Promise<void>) =>
    async (...given: G): Promise<void> => {
      await work(...given);
      for (const { assent } of others) await assent.configuration.refresh();
    };
  return {
    ...world,
    send: (request) => {
      turn += 1;
      return (worlds[turn % worlds.length] ?? world).send(request);
    },
    log: async () => servers.flatMap((server) => server.logged()),
    steering: {
      ...world.steering,
      createRealm: refreshed(first.createRealm),
      setPushService: refreshed(first.setPushService),
    },
  };
};

describeWith(['postgres'], 'in process, under a simulated clock, by two instances in turn on PostgreSQL', () => {
  let database: TestDatabase;
  let provider: SnsFake;
  let servers: readonly SteeredServer[] = [];
  let world: World;
  beforeAll(async () => {
    database = await createDatabase();
    provider = await startSnsFake();
    const given = { port: 8080, snsEndpoint: provider.endpoint, databaseUrl: database.url };
    // One after the other: the first one fills the store. They agree about the time, as those that ask the database do.
    const first = await steeredServer(given);
    servers = [first, await steeredServer({ ...given, clock: first.clock })];
    world = worldOfInstances(servers, provider);
  });
  afterAll(async () => {
    await Promise.all(servers.map(({ assent }) => assent.stop()));
    await provider?.close();
    await database?.close();
  });
  test.each(cases)('%s', (_title, walk, journey) => walk.go(world, journey));
});
