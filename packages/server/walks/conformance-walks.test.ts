import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mobileSdks, mobileWalks, type Send, type World, walks } from '@assent/conformance/walks';
import { type SnsFake, startSnsFake } from '@assent/push/testing';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

type Body = Readonly<Record<string, unknown>>;

/** What a request and its answer have of secrets: tokens, messages of phones, passwords, and the keys of setup codes. */
const secretsIn = (request: unknown, answer: Body): readonly string[] => {
  const { jwt, callbacks = [] } = (request ?? {}) as { jwt?: string; callbacks?: { type: string; input?: Body[] }[] };
  const typed = callbacks.flatMap(({ type, input }) => (type === 'PasswordCallback' ? [input?.[0]?.value] : []));
  const keys = [...JSON.stringify(answer).matchAll(/[?&;](?:s|c|shared|secret)=([\w+/%-]{16,})/g)].map(
    ([, key]) => key,
  );
  return [jwt, answer.tokenId, answer.authId, ...typed, ...keys].filter(
    (it): it is string => typeof it === 'string' && it.length >= 10,
  );
};

/** Requests without a socket; what they have of secrets is noted. */
const sendInto =
  ({ assent }: SteeredServer, secrets: Set<string>): Send =>
  async ({ method, url, headers, body }) => {
    const { pathname, search, host } = new URL(url);
    const response = await inject(assent, {
      method,
      url: `${pathname}${search}`,
      headers: { ...headers, host, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const given = response.body === '' ? {} : response.json<Body>();
    for (const secret of secretsIn(body, given)) secrets.add(secret);
    return {
      status: response.statusCode,
      headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
      body: given,
    };
  };

const injectedWorld = (
  server: SteeredServer,
  provider: SnsFake,
  secrets = new Set<string>(),
): World & Required<Pick<World, 'steering'>> => ({
  am: server.assent.publicUrl,
  send: sendInto(server, secrets),
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

const mobileCases = mobileSdks.flatMap((sdk) =>
  mobileWalks.map((walk) => [`the ${sdk.name} ${walk.title}`, walk, sdk] as const),
);

const cases = walks.flatMap((walk) =>
  walk.journeys.map((journey) => [`${journey} ${walk.title}`, walk, journey] as const),
);

describe('in process, under a simulated clock, on SQLite', () => {
  let provider: SnsFake;
  let server: SteeredServer;
  let world: World;
  const secrets = new Set<string>();
  const directory = mkdtempSync(join(tmpdir(), 'assent-walks-'));
  beforeAll(async () => {
    provider = await startSnsFake();
    server = await steeredServer({
      port: 8080,
      snsEndpoint: provider.endpoint,
      logLevel: 'trace',
      dataDir: directory,
    });
    world = injectedWorld(server, provider, secrets);
  });
  afterAll(async () => {
    await server?.assent.stop();
    await provider?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  test.each(cases)('%s', (_title, walk, journey) => walk.go(world, journey));
  test.each(mobileCases)('%s', (_title, walk, sdk) => walk.go(world, sdk));

  test('nothing of all that they met is in the log, whose every field is declared (I5, SEC-79, OPS-57)', () => {
    const lines = server.logged();
    const log = JSON.stringify(lines);
    expect(secrets.size).toBeGreaterThan(cases.length);
    expect([...secrets].filter((secret) => log.includes(secret))).toEqual([]);
    expect(lines.filter(({ level }) => level === 'debug').length).toBeGreaterThan(cases.length);
    expect(lines.filter(({ omitted }) => omitted !== undefined)).toEqual([]);
  });
});

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
