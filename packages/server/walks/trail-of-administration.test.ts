import { Unavailable } from '@assent/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPhone, openSession } from '../src/testing/account-fixture.ts';
import { ADMINISTRATIVE_CHANGES, BY_TWO, BY_USERS, CHANGING_NOTHING } from '../src/testing/administrative-changes.ts';
import { type Method, type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
let admin: { readonly id: string; readonly token: string };
let isFailing = false;
/** What the phone of the user is called, for the routes of devices. */
let phone: string;

beforeAll(async () => {
  server = await steeredServer({
    port: 8080,
    between: async () => {
      if (isFailing) throw new Unavailable('the database cannot be written');
    },
  });
  rest = restClient(server);
  await server.createRealm('/alpha');
  await server.createUser('/', 'owner', 'correct horse');
  await server.setAttributes('/', 'owner', { assentRoles: ['owner'] });
  await server.createUser('/', 'user', 'correct horse');
  const { token, session } = await openSession(server, '/', 'owner', { factorAgeMillis: 0 });
  admin = { id: session.userId, token };
  phone = (await addPhone(server, '/', 'user')).uuid;
});
afterAll(() => server?.assent.stop());

const rows = async () => {
  const found = await server.assent.store.auditChain.rows({ position: 0 }, 100_000);
  return found.flatMap(({ event }) => (event === undefined ? [] : [event]));
};

/** What a change could have changed: the configuration, and what is kept of users. */
const kept = async () => {
  const { configuration, identities, devices, sessions } = server.assent.store;
  const found = await identities.find('/', 'user');
  return {
    ...(await configuration.load()),
    nodes: await configuration.loadNodes(),
    user: found,
    made: (await identities.find('/', 'made'))?.id,
    devices: found && (await devices.ofUser(found.id)),
    sessions: found && (await sessions.ofUser(found.id, server.clock.now())).length,
  };
};

describe('what somebody administers (SEC-80, F23)', () => {
  test('is known of every route that may change something', () => {
    const writing = server.assent.routes.filter((key) => /^(POST|PUT|PATCH|DELETE) \/json\//.test(key));
    const named = [...Object.keys(ADMINISTRATIVE_CHANGES), ...BY_USERS, ...BY_TWO, ...CHANGING_NOTHING];
    expect(writing.filter((key) => !named.includes(key))).toEqual([]);
    expect(named.filter((key) => !writing.includes(key))).toEqual([]);
  });

  test('is not changed by routes that read, and these leave no row', async () => {
    const before = [await kept(), await rows()];
    for (const key of CHANGING_NOTHING) {
      const [method = '', pattern = ''] = key.split(' ');
      const path = pattern.replace('/json', '').replaceAll(/:(\w+)/g, 'general');
      for (const action of ['', '?_action=create', '?_action=nextdescendents', '?_action=getAllTypes']) {
        const { status } = await rest(method as Method, `${path}${action}`, { token: admin.token, body: {} });
        expect([200, 400, 404, 409, 501], `${key}${action}`).toContain(status);
      }
    }
    expect([await kept(), await rows()]).toEqual(before);
  });

  const cases = Object.entries(ADMINISTRATIVE_CHANGES).flatMap(([key, changes]) =>
    changes.map((it) => [key, it] as const),
  );
  test.each(cases)('%s is one row of the trail, in the commit of the change (%o)', async (key, it) => {
    const method = key.slice(0, key.indexOf(' ')) as Method;
    const transactionId = `t-${cases.findIndex(([, other]) => other === it)}`;
    const call = () =>
      rest(method, it.path.replace('PHONE', phone), {
        token: admin.token,
        body: it.body,
        headers: { 'x-forgerock-transactionid': transactionId, 'x-assent-reason': 'asked' },
      });
    const told = async () => (await rows()).filter((row) => row.transactionId.startsWith(transactionId));

    const before = await kept();
    isFailing = true;
    const refused = await call();
    isFailing = false;
    expect([refused.status, await told()]).toEqual([503, []]);
    expect(await kept()).toEqual(before);

    const done = await call();
    expect([200, 201], JSON.stringify(done.body)).toContain(done.status);
    const [row, ...more] = await told();
    expect(more).toEqual([]);
    const { about, event, outcome } = it;
    expect(row).toMatchObject({
      event,
      transactionId,
      at: server.clock.now(),
      ...(outcome !== undefined && { outcome }),
    });
    if (about === undefined) expect(row?.userId).toBe(admin.id);
    else expect([row?.userId === admin.id, row?.detail?.by]).toEqual([false, admin.id]);
  });
});
