import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Send, type World, walks } from '@assent/conformance/walks';
import { type SnsFake, startSnsFake } from '@assent/push/testing';
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

const injectedWorld = (server: SteeredServer, provider: SnsFake): World => ({
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
