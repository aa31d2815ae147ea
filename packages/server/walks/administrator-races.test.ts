import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configuring } from '@assent/store/testing';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPhone, openSession } from '../src/testing/account-fixture.ts';
import { ADMINISTRATIVE_CHANGES, type AdministrativeChange } from '../src/testing/administrative-changes.ts';
import { Interleaving, type Point } from '../src/testing/interleaving.ts';
import { type Method, type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, type SteeredServerOptions, steeredServer } from '../src/testing/steered-server.ts';

// No change of an administrator is committed once another one has disabled, demoted or signed out that administrator (SEC-91).

interface Administrator {
  readonly name: string;
  readonly token: string;
}

type Ending = readonly [what: string, path: (name: string) => string, method: Method, body: (name: string) => object];

const ENDINGS: readonly Ending[] = [
  ['disabled', (name) => `/users/${name}`, 'PUT', () => ({ inetUserStatus: 'Inactive' })],
  ['demoted', (name) => `/users/${name}`, 'PUT', () => ({ assentRoles: ['auditor'] })],
  ['signed out', () => '/sessions?_action=logoutByUser', 'POST', (username) => ({ username, reason: 'asked' })],
];

/** An export is signed after its commit, by a key that is made for the first one. */
const isOfCaller = (point: Point): boolean =>
  typeof point === 'string' || point.every(({ type }) => !type.startsWith('signingKey.'));

const CASES = Object.entries(ADMINISTRATIVE_CHANGES).flatMap(([key, changes]) =>
  changes.map((change) => [`${key} ${change.path}`, key.slice(0, key.indexOf(' ')) as Method, change] as const),
);

/** `together` starts the instances over one store: the first is the one on which the administrator works. */
const describeRaces = (
  together: (between: Interleaving['between']) => Promise<readonly [SteeredServer, ...SteeredServer[]]>,
): void => {
  const interleaving = new Interleaving();
  let servers: readonly SteeredServer[] = [];
  let server: SteeredServer;
  let rest: RestClient;
  let restOfOther: RestClient;
  let chief: Administrator;
  let phone: string;
  let count = 0;

  const administrator = async (): Promise<Administrator> => {
    const name = `owner${++count}`;
    await server.createUser('/', name, 'correct horse');
    await server.setAttributes('/', name, { assentRoles: ['owner'] });
    const { token } = await openSession(server, '/', name, { factorAgeMillis: 0 });
    return { name, token };
  };
  const call = (
    client: RestClient,
    { token }: Administrator,
    method: Method,
    change: Omit<AdministrativeChange, 'event'>,
  ) =>
    client(method, change.path.replace('PHONE', phone), {
      token,
      body: change.body,
      headers: { 'x-assent-reason': 'asked' },
    });

  beforeAll(async () => {
    const started = await together(interleaving.between);
    servers = started;
    server = started[0];
    rest = restClient(server);
    restOfOther = restClient(started[1] ?? server);
    await server.createRealm('/alpha');
    await server.createUser('/', 'user', 'correct horse');
    phone = (await addPhone(server, '/', 'user')).uuid;
    chief = await administrator();
  });
  afterAll(() => Promise.all(servers.map(({ assent }) => assent.stop())));

  const state = async () => {
    const { configuration, identities, devices } = server.assent.store;
    const user = await identities.find('/', 'user');
    return {
      version: await configuration.version(),
      user,
      made: (await identities.find('/', 'made'))?.id,
      phones: user && (await devices.ofUser(user.id)).map(({ uuid, deviceName }) => [uuid, deviceName]),
    };
  };

  test.each(CASES)(
    '%s is refused to an administrator who meanwhile is disabled, demoted or signed out',
    async (_key, method, change) => {
      for (let at = 0, isNested = true; isNested; at += 1) {
        for (const [what, path, how, body] of ENDINGS) {
          const actor = await administrator();
          const before = await state();
          let status = 0;
          let ended = 0;
          const outer = async () => {
            status = (await call(rest, actor, method, change)).status;
          };
          const inner = async () => {
            const { name } = actor;
            ended = (await call(restOfOther, chief, how, { path: path(name), body: body(name) })).status;
          };
          isNested = await interleaving.nest(outer, inner, at, isOfCaller);
          // Without another point the change is done, and leaves what the next case needs.
          if (!isNested) {
            expect([at > 0, status < 300], `${status} at ${at}`).toEqual([true, true]);
            break;
          }
          expect(ended).toBe(200);
          expect([401, 403, 409, 412], `${what} at ${at}`).toContain(status);
          expect(await state()).toEqual(before);
        }
      }
    },
  );
};

describe('one instance', () => {
  describeRaces(async (between) => [await steeredServer({ port: 18_441, between })]);
});

describe('two instances on SQLite', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-administrators-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  describeRaces((between) => two({ port: 18_442, dataDir }, between));
});

describeWith(['postgres'], 'two instances on PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database?.close());
  describeRaces((between) => two({ port: 18_443, databaseUrl: database.url }, between));
});

/** One after the other: the first one fills the store. */
const two = async (
  where: Pick<SteeredServerOptions, 'port' | 'dataDir' | 'databaseUrl'>,
  between: Interleaving['between'],
): Promise<readonly [SteeredServer, SteeredServer]> => {
  const one = await steeredServer({ ...where, between });
  return [one, await steeredServer({ ...where, clock: one.clock })];
};

describe('a second factor that becomes too old between the check and the commit', () => {
  const interleaving = new Interleaving();
  let server: SteeredServer;
  let rest: RestClient;
  let token: string;

  beforeAll(async () => {
    server = await steeredServer({ port: 18_444, adminSecondFactor: true, between: interleaving.between });
    rest = restClient(server);
    await server.createUser('/', 'owner', 'correct horse');
    await server.setAttributes('/', 'owner', { assentRoles: ['owner'] });
  });
  afterAll(() => server.assent.stop());
  const ageFactor = async () => server.clock.advance(5 * 60_000);
  const needsFactor = { status: 403, body: { detail: { needs: 'recentFactor' } } };

  test('refuses the change of a user (SEC-51, SEC-91)', async () => {
    ({ token } = await openSession(server, '/', 'owner', { factorAgeMillis: 1_000 }));
    let answer: unknown;
    const create = async () => {
      const body = { username: 'late', userpassword: 'a long password' };
      answer = await rest('POST', '/users?_action=create', { token, body });
    };
    expect(await interleaving.nest(create, ageFactor, 0, (point) => point === 'hash')).toBe(true);
    expect(answer).toMatchObject(needsFactor);
    expect(await server.assent.store.identities.find('/', 'late')).toBeUndefined();
  });

  test('refuses the retry of a change of the configuration (SEC-51, SEC-91)', async () => {
    ({ token } = await openSession(server, '/', 'owner', { factorAgeMillis: 1_000 }));
    const { store, configuration } = server.assent;
    let answer: unknown;
    const save = async () => {
      answer = await rest('PUT', '/realm-config/services/email', { token, body: { hostname: 'late.example' } });
    };
    const overtake = async () => {
      await configuring(store).saveService({ realm: '/', type: 'validation', config: {} });
      await ageFactor();
    };
    expect(await interleaving.nest(save, overtake, 0)).toBe(true);
    expect(answer).toMatchObject(needsFactor);
    await configuration.refresh();
    expect(configuration.storedService('/', 'email')).toBeUndefined();
  });
});
