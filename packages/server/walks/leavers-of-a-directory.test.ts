import { configuring } from '@assent/store/testing';
import { describeWith } from '@assent/test-servers/testing';
import { beforeAll, expect, test, vi } from 'vitest';
import { type RestClient, signIn } from '../src/testing/rest-client.ts';
import { directoryWorld, noEntry, PASSWORD, person, STAFF } from './directory-world.ts';

const REALM = STAFF;
const MINUTE = 60_000;

describeWith(['slapd'], 'sessions of users whom a directory has (OPS-76)', () => {
  const world = directoryWorld({ people: ['remains'] });
  let { slapd, server, rest, admin, service } = world;
  beforeAll(async () => {
    ({ slapd, server, rest, admin, service } = world);
    await server.createUser(REALM, 'twin', 'password of our own');
  });

  /** The session of somebody new whom the directory has. */
  const sessionOf = async (name: string): Promise<string> => {
    await slapd.load(person(name));
    const token = await signIn(rest, REALM, name, PASSWORD);
    expect(token).toBeDefined();
    return token ?? '';
  };
  const leaves = (name: string) => slapd.load(noEntry(name));
  const isValid = async (token: string): Promise<unknown> =>
    (await rest('POST', `${REALM}/sessions?_action=validate`, { token, body: {} })).body.valid;
  const rowOf = (name: string) => server.assent.store.identities.find(REALM, name);

  const action = (name: string) => (token: string) =>
    rest('POST', `${REALM}/sessions?_action=${name}`, { token, body: {} });
  const CHECKS: readonly (readonly [string, (token: string) => ReturnType<RestClient>, object])[] = [
    ['validate', action('validate'), { status: 200, body: { valid: false } }],
    ['getSessionInfo', action('getSessionInfo'), { status: 401 }],
    ['getSessionProperties', action('getSessionProperties'), { status: 401 }],
    ['refresh', action('refresh'), { status: 200, body: { uid: '' } }],
    [
      'idFromSession',
      (token) => rest('POST', `${REALM}/users?_action=idFromSession`, { token, body: {} }),
      { status: 401 },
    ],
  ];

  test.each(CHECKS)(
    'end with the first request, a minute after the look at the entry before, that their user has left: %s',
    async (name, check, gone) => {
      const user = `leaver-${name}`.toLowerCase();
      const token = await sessionOf(user);
      expect(await isValid(token)).toBe(true);
      await leaves(user);
      expect(await isValid(token), 'for so long the last answer counts').toBe(true);
      server.clock.advance(MINUTE);
      expect(await check(token)).toMatchObject(gone);
      const { id = '' } = (await rowOf(user)) ?? {};
      expect(await server.assent.store.sessions.ofUser(id, server.clock.now())).toEqual([]);
      expect(await signIn(rest, REALM, user, PASSWORD)).toBeUndefined();
    },
  );

  test('end as soon as somebody looks for the name of whoever has left', async () => {
    const token = await sessionOf('looked-for');
    expect(await isValid(token)).toBe(true);
    await leaves('looked-for');
    expect((await rest('GET', `${REALM}/users/looked-for`, { token: admin })).status).toBe(404);
    expect(await isValid(token)).toBe(false);
  });

  test('end a minute after another password was set there', async () => {
    const token = await sessionOf('changer');
    const before = await rowOf('changer');
    // The directory tells whole seconds, so a change within the second of the last one shows with the next.
    await vi.waitFor(async () => {
      await slapd.load(`
dn: uid=changer,ou=people,${slapd.base}
changetype: modify
replace: userPassword
userPassword: another horse
`);
      server.clock.advance(MINUTE);
      expect(await isValid(token)).toBe(false);
    }, 60_000);
    expect((await rowOf('changer'))?.credentialRev).toBe((before?.credentialRev ?? 0) + 2);
    expect(await signIn(rest, REALM, 'changer', 'another horse')).toBeDefined();
  });

  test('go on while the user is there, and of users who were made here in any case', async () => {
    const token = await sessionOf('stayer');
    const own = (await signIn(rest, REALM, 'twin', 'password of our own')) ?? '';
    for (let minute = 0; minute < 3; minute += 1) {
      server.clock.advance(MINUTE);
      expect([await isValid(token), await isValid(own)]).toEqual([true, true]);
    }
  });

  test('go on while the directory cannot be asked, and end once it says that their user has left (OPS-77)', async () => {
    const token = await sessionOf('late-leaver');
    await leaves('late-leaver');
    await slapd.kill();
    server.clock.advance(MINUTE);
    try {
      expect(await isValid(token)).toBe(true);
      expect(JSON.stringify(server.logged())).toContain('sessions of its users go on without its word');
    } finally {
      await slapd.start();
    }
    server.clock.advance(MINUTE / 2);
    expect(await isValid(token)).toBe(false);
  });

  test('go on while the directory shows nobody at all, as where its filter was set wrong, and say so (OPS-76)', async () => {
    const token = await sessionOf('unseen');
    const { store, configuration } = server.assent;
    const since = server.logged().length;
    await configuring(store).saveService({
      realm: REALM,
      type: 'ldap',
      config: { ...service, userFilter: '(uid=0)' },
    });
    await configuration.refresh();
    try {
      server.clock.advance(MINUTE);
      expect(await isValid(token)).toBe(true);
      expect((await rest('GET', `${REALM}/users/unseen`, { token: admin })).status).toBe(503);
      expect(JSON.stringify(server.logged().slice(since))).toContain('shows nobody at all');
    } finally {
      await configuring(store).saveService({ realm: REALM, type: 'ldap', config: service });
      await configuration.refresh();
    }
    server.clock.advance(MINUTE);
    expect(await isValid(token)).toBe(true);
  });

  test('a service that is stored in a way that names no directory closes the realm to its users, and to nobody who was made here', async () => {
    const token = await sessionOf('shut-out');
    const { store, configuration } = server.assent;
    const broken = { ...service, urls: ['http://directory.example.test'], caCertificates: 'none' };
    await configuring(store).saveService({ realm: REALM, type: 'ldap', config: broken });
    await configuration.refresh();
    const since = server.logged().length;
    try {
      for (let time = 0; time < 2; time += 1) {
        const own = await signIn(rest, REALM, 'twin', 'password of our own');
        expect(own).toBeDefined();
        expect(await isValid(own ?? '')).toBe(true);
      }
      expect((await rest('GET', `${REALM}/users/shut-out`, { token: admin })).status).toBe(503);
      expect(await signIn(rest, REALM, 'shut-out', PASSWORD)).toBeUndefined();
      server.clock.advance(MINUTE);
      expect(await isValid(token), 'nobody has said that the user has left').toBe(true);
      const told = server
        .logged()
        .slice(since)
        .filter(({ msg }) => String(msg).includes('as its service is stored'));
      expect(told).toEqual([expect.objectContaining({ realm: REALM, problem: expect.stringContaining('urls') })]);
    } finally {
      await configuring(store).saveService({ realm: REALM, type: 'ldap', config: service });
      await configuration.refresh();
    }
    server.clock.advance(MINUTE);
    expect(await isValid(token)).toBe(true);
    expect(await signIn(rest, REALM, 'shut-out', PASSWORD)).toBeDefined();
  });
});
