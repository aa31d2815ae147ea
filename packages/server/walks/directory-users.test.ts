import { configuring } from '@assent/store/testing';
import { describeWith } from '@assent/test-servers/testing';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestAnswer, signIn } from '../src/testing/rest-client.ts';
import { TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { directoryWorld, PASSWORD, person, STAFF } from './directory-world.ts';

const REALM = STAFF;

/** Names by which somebody might read more, or be somebody else (OPS-75). */
const HOSTILE_NAMES = [
  '*',
  'ki*',
  'kim)(uid=*',
  'kim)(|(uid=*',
  '*)(objectClass=*',
  'kim\\2a',
  '\\6bim',
  'kim,ou=people',
  'uid=kim,ou=people,dc=example,dc=test',
  'kim\u0000',
  'kim\u0000x',
  ' kim',
  'kim ',
  'kim\u00ad',
  'k\u200bim',
  '(uid=kim)',
  '&',
  '#kim',
  '+',
  '"kim"',
  'kim\n',
  'x'.repeat(257),
  '',
];

describeWith(['slapd'], 'users of a directory', () => {
  const world = directoryWorld({ people: ['kim', 'lee', 'max', 'amadmin', 'twin'] });
  let { slapd, server, rest, admin, service } = world;
  beforeAll(async () => {
    ({ slapd, server, rest, admin, service } = world);
    await server.createRealm('/own');
    await server.createUser(REALM, 'twin', 'password of our own');
    await server.createUser('/own', 'ann', PASSWORD);
    expect((await rest('PUT', '/realm-config/services/ldap', { token: admin, body: service })).status).toBe(201);
  });

  const rowsOf = async (realm = REALM) => (await server.assent.store.identities.page(realm, { limit: 999 })).users;
  const rowOf = (name: string) => server.assent.store.identities.find(REALM, name);
  const validates = async (token: string | undefined): Promise<unknown> =>
    (await rest('POST', `${REALM}/sessions?_action=validate`, { token, body: {} })).body.valid;

  test('sign in with the password that the directory has, by any case of the name (OPS-75)', async () => {
    expect(await signIn(rest, REALM, 'kim', 'wrong')).toBeUndefined();
    expect(await rowOf('kim')).toBeUndefined();
    expect(await signIn(rest, REALM, 'KIM', PASSWORD)).toBeDefined();
    expect(await signIn(rest, REALM, 'kim', '')).toBeUndefined();
    expect(await signIn(rest, REALM, 'nobody', PASSWORD)).toBeUndefined();
  });

  test('get no row in a realm that another instance has just switched off (SEC-89)', async () => {
    const { store, configuration } = server.assent;
    const settings = configuration.storedRealm(REALM);
    if (settings === undefined) throw new Error('the realm is missing');
    await configuring(store).saveRealm({ ...settings, active: false });
    const seen = await rest('GET', `${REALM}/users/max`, { token: admin });
    expect([seen.status, seen.body.message]).toEqual([400, 'Invalid realm, /staff']);
    expect(await rowOf('max')).toBeUndefined();
    await configuring(store).saveRealm(settings);
    expect((await rest('GET', `${REALM}/users/max`, { token: admin })).status).toBe(200);
    expect(await rowOf('max')).toBeDefined();
    await configuration.refresh();
  });

  test('have one row from the first sight, without what the directory keeps (OPS-74)', async () => {
    await Promise.all(Array.from({ length: 8 }, () => signIn(rest, REALM, 'lee', PASSWORD)));
    const rows = (await rowsOf()).filter(({ username }) => username === 'lee');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.entryId).toMatch(/^[0-9a-f-]{36}$/);
    expect(Object.keys(rows[0]?.attributes ?? {})).toEqual(['createTimestamp']);
    const shown = await rest('GET', `${REALM}/users/lee`, { token: admin });
    expect(shown.body).toMatchObject({ username: 'lee', mail: ['lee@example.test'], cn: ['Person lee'] });
  });

  test('do not take the place of users who were made here: no entry makes an administrator', async () => {
    expect(await signIn(rest, '/', TEST_ADMINISTRATOR.name, PASSWORD)).toBeUndefined();
    expect(await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)).toBeDefined();
    expect(await signIn(rest, REALM, 'twin', PASSWORD)).toBeUndefined();
    expect(await signIn(rest, REALM, 'twin', 'password of our own')).toBeDefined();
    expect(await rowOf('twin')).not.toHaveProperty('entryId');
  });

  test.each(HOSTILE_NAMES)('%j is nobody, and no part of a filter or a name (OPS-75)', async (name) => {
    const before = (await rowsOf()).length;
    expect(await signIn(rest, REALM, name, PASSWORD)).toBeUndefined();
    expect((await rowsOf()).length).toBe(before);
  });

  test('of one name are nobody, whichever of them the directory tells first, and apart again they are who they were (OPS-75)', async () => {
    const guests = 'ou=guests,ou=people,dc=example,dc=test';
    const gone = (...names: readonly string[]) =>
      slapd.load(names.map((dn) => `dn: ${dn}\nchangetype: delete\n`).join('\n'));
    await slapd.load(`dn: ${guests}\nobjectClass: organizationalUnit\nou: guests\n${person('dora')}`);
    expect(await signIn(rest, REALM, 'dora', PASSWORD)).toBeDefined();
    const row = await rowOf('dora');
    // Another password, so that it could only be the other one who signs in.
    const namesake = person('dora').replace('ou=people', 'ou=guests,ou=people').replace(PASSWORD, 'of the guest');
    // Whoever may write names of their own has the first in the order of their values.
    await slapd.load(`${namesake}\n${person('zoe', 'uid: nils\n')}\n${person('nils')}`);
    for (const name of ['dora', 'nils']) {
      for (const password of [PASSWORD, 'of the guest']) {
        expect(await signIn(rest, REALM, name, password)).toBeUndefined();
      }
    }
    await gone(`uid=dora,${guests}`, 'uid=zoe,ou=people,dc=example,dc=test');
    for (const name of ['dora', 'nils']) expect(await signIn(rest, REALM, name, PASSWORD)).toBeDefined();
    expect((await rowOf('dora'))?.id).toBe(row?.id);
    await gone('uid=dora,ou=people,dc=example,dc=test', 'uid=nils,ou=people,dc=example,dc=test', guests);
  });

  test('who change their password in the directory have other credentials here (OPS-76)', async () => {
    const token = await signIn(rest, REALM, 'max', PASSWORD);
    expect(await validates(token)).toBe(true);
    const before = await rowOf('max');
    // The directory tells whole seconds, so a change within the second of the last one shows with the next.
    await vi.waitFor(async () => {
      await slapd.load(`
dn: uid=max,ou=people,${slapd.base}
changetype: modify
replace: userPassword
userPassword: another horse
`);
      expect((await rest('GET', `${REALM}/users/max`, { token: admin })).status).toBe(200);
      expect((await rowOf('max'))?.entryMark).not.toBe(before?.entryMark);
    }, 60_000);
    expect(await rowOf('max')).toMatchObject({ id: before?.id, credentialRev: 3 });
    expect(await validates(token)).toBe(false);
    expect(await signIn(rest, REALM, 'max', PASSWORD)).toBeUndefined();
    expect(await signIn(rest, REALM, 'max', 'another horse')).toBeDefined();
  });

  test('are made by no journey, which says to the log where they are made (OPS-74)', async () => {
    await publishTree(server, 'Register', {
      make: ['CreateObjectNode', { CREATED: SUCCESS, FAILURE }, { identityResource: 'managed/user' }],
    });
    const before = (await rowsOf('/')).length;
    expect(
      await rest('POST', '/authenticate?authIndexType=service&authIndexValue=Register', { body: {} }),
    ).toMatchObject({
      status: 401,
    });
    expect(JSON.stringify(server.logged())).toContain('made in the directory that its service');
    expect((await rowsOf('/')).length).toBe(before);
  });

  describe('for whom the directory has a policy (OPS-76)', () => {
    const START = '/authenticate?authIndexType=service&authIndexValue=Policy';
    const said = (yes: string) => ({ message: { en: yes }, messageYes: { en: 'Yes' }, messageNo: { en: 'No' } });
    const policyFor = (name: string, rules: string) => `
dn: cn=${name},ou=policies,dc=example,dc=test
objectClass: device
objectClass: pwdPolicy
cn: ${name}
pwdAttribute: userPassword
${rules}
`;
    const under = (policy: string) => `pwdPolicySubentry: cn=${policy},ou=policies,dc=example,dc=test\n`;

    beforeAll(async () => {
      await publishTree(server, 'Policy', {
        name: ['UsernameCollectorNode', { outcome: 'password' }],
        password: ['PasswordCollectorNode', { outcome: 'check' }],
        check: [
          'IdentityStoreDecisionNode',
          { TRUE: SUCCESS, FALSE: FAILURE, LOCKED: 'locked', CANCELLED: FAILURE, EXPIRED: 'expired' },
        ],
        locked: ['MessageNode', { true: FAILURE, false: FAILURE }, said('is locked')],
        expired: ['MessageNode', { true: FAILURE, false: FAILURE }, said('is expired')],
      });
      await slapd.load(
        policyFor(
          'strict',
          'pwdMustChange: TRUE\npwdLockout: TRUE\npwdMaxFailure: 1\npwdMinLength: 12\npwdCheckQuality: 2',
        ),
      );
      await slapd.load(policyFor('short', 'pwdMaxAge: 1\npwdGraceAuthNLimit: 1'));
      await slapd.load(person('shut', under('strict')));
      await slapd.load(person('fresh', under('strict')));
      await slapd.load(person('stale', under('short')));
      await slapd.load(`
dn: uid=fresh,ou=people,dc=example,dc=test
changetype: modify
replace: pwdReset
pwdReset: TRUE
`);
    });

    const submit = async (step: RestAnswer, values: readonly unknown[]): Promise<RestAnswer> => {
      const { authId, callbacks } = step.body as {
        authId: string;
        callbacks: readonly { input?: readonly { name: string }[] }[];
      };
      let at = 0;
      const filled = callbacks.map((callback) =>
        callback.input === undefined
          ? callback
          : { ...callback, input: callback.input.map((it) => ({ ...it, value: values[at++] })) },
      );
      return rest('POST', START, { body: { authId, callbacks: filled } });
    };
    const walk = async (name: string, password: string): Promise<RestAnswer> =>
      submit(await submit(await rest('POST', START, { body: {} }), [name]), [password]);
    const isIn = ({ body }: RestAnswer): boolean => body.tokenId !== undefined;

    test('who was locked out by the directory is told so, also with the right password', async () => {
      expect(await walk('shut', 'wrong')).toMatchObject({ status: 401 });
      expect(JSON.stringify((await walk('shut', PASSWORD)).body)).toContain('is locked');
    });

    test('who has to change the password does so at the sign-in, by the rules of the directory', async () => {
      const asked = await walk('fresh', PASSWORD);
      expect(JSON.stringify(asked.body)).toContain('CHOOSE A NEW ONE');
      const refused = await submit(asked, [PASSWORD, 'short horse', 'short horse', 0]);
      expect(JSON.stringify(refused.body)).toContain('CANNOT BE USED HERE');
      expect(isIn(await submit(refused, [PASSWORD, 'another horse', 'another horse', 0]))).toBe(true);
      expect(isIn(await walk('fresh', 'another horse'))).toBe(true);
      expect(await walk('fresh', PASSWORD)).toMatchObject({ status: 401 });
    });

    test('whose password is over has as many more sign-ins as the directory allows, and then none', async () => {
      await vi.waitFor(
        async () => expect(JSON.stringify((await walk('stale', PASSWORD)).body)).toContain('is expired'),
        { timeout: 60_000, interval: 400 },
      );
    });
  });

  test('who are called otherwise are who they were, and whoever has the old name is somebody else', async () => {
    const rename = (name: string, to: string) =>
      slapd.load(`\ndn: uid=${name},ou=people,${slapd.base}\nchangetype: modrdn\nnewrdn: uid=${to}\ndeleteoldrdn: 1\n`);
    await slapd.load(person('old'));
    const asOld = await signIn(rest, REALM, 'old', PASSWORD);
    const old = await rowOf('old');
    await rename('old', 'new');
    await slapd.load(person('old'));
    expect(await signIn(rest, REALM, 'old', PASSWORD)).toBeDefined();
    expect((await rowOf('old'))?.id).not.toBe(old?.id);
    expect(await validates(asOld), 'a session that tells the name of another').toBe(false);
    const asNew = await signIn(rest, REALM, 'new', PASSWORD);
    expect(await rowOf('new')).toMatchObject({ id: old?.id, entryId: old?.entryId });

    await rename('new', 'newer');
    const asNewer = await signIn(rest, REALM, 'newer', PASSWORD);
    expect(await validates(asNew), 'a session that tells a name that anybody may be given').toBe(false);
    expect(await validates(asNewer)).toBe(true);

    await slapd.load(`\ndn: uid=newer,ou=people,${slapd.base}\nchangetype: delete\n`);
    await slapd.load(person('newer'));
    expect(await signIn(rest, REALM, 'newer', PASSWORD)).toBeDefined();
    expect(await validates(asNewer), 'a session of whoever had the name before').toBe(false);
    expect((await rowOf('newer'))?.id).not.toBe(old?.id);
  });

  test('are read, written where that is mapped, and listed over REST', async () => {
    await signIn(rest, REALM, 'kim', PASSWORD);
    const { body, headers } = await rest('GET', `${REALM}/users/kim`, { token: admin });
    const put = (change: object) =>
      rest('PUT', `${REALM}/users/kim`, { token: admin, body: change, headers: { 'if-match': '*' } });
    expect(headers.etag).toBeDefined();
    expect(body).toMatchObject({ mail: ['kim@example.test'] });
    expect(await put({ telephoneNumber: ['+1 555 0100'], nickname: ['K'] })).toMatchObject({
      status: 200,
      body: { telephoneNumber: ['+1 555 0100'], nickname: ['K'], mail: ['kim@example.test'] },
    });
    expect((await rowOf('kim'))?.attributes).not.toHaveProperty('telephoneNumber');
    expect(await put({ mail: ['x@example.test'] })).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('service "ldap"') },
    });
    const listed = await rest('GET', `${REALM}/users?_queryFilter=mail+co+"@example.test"`, { token: admin });
    expect(listed.body.result).toContainEqual(expect.objectContaining({ username: 'amadmin' }));
    for (const [method, path, name] of [
      ['POST', '/users?_action=create', 'made'],
      ['DELETE', '/users/kim', 'kim'],
    ] as const) {
      const refused = await rest(method, `${REALM}${path}`, {
        token: admin,
        body: method === 'POST' ? { username: name, userpassword: PASSWORD } : undefined,
      });
      expect(refused).toMatchObject({ status: 501, body: { message: expect.stringContaining('service "ldap"') } });
    }
  });

  test('come from the next address where the first does not answer, and all of them, page by page (OPS-73)', async () => {
    const names = async (realm: string): Promise<readonly unknown[]> => {
      const { body } = await rest('GET', `${realm}/users?_queryFilter=mail+pr`, { token: admin });
      return (body.result as readonly { readonly username: string }[]).map(({ username }) => username).sort();
    };
    const all = await names(REALM);
    // Nobody waits for an address that says nothing here: the first may not be called, and nobody listens at the second.
    const urls = ['ldap://10.0.0.7', 'ldap://127.0.0.1:1', slapd.url];
    const body = { ...service, urls, pageSize: 2, timeoutMillis: 10_000 };
    expect(all.length).toBeGreaterThan(body.pageSize);
    expect((await rest('PUT', '/own/realm-config/services/ldap', { token: admin, body })).status).toBe(201);
    expect(await signIn(rest, '/own', 'lee', PASSWORD)).toBeDefined();
    expect((await names('/own')).filter((name) => name !== 'twin')).toEqual(all);
    expect((await rest('DELETE', '/own/realm-config/services/ldap', { token: admin })).status).toBe(200);
  });

  describe('while their directory is away (OPS-77)', () => {
    const login = (realm: string) => rest('POST', `${realm}/authenticate`, { body: {} });
    const answer = async (realm: string, name: string) => {
      const { authId, callbacks } = (await login(realm)).body as { authId: string; callbacks: readonly Filled[] };
      const filled = callbacks.map(({ input: [{ name: id }], ...callback }, at) => ({
        ...callback,
        input: [{ name: id, value: at === 0 ? name : PASSWORD }],
      }));
      return rest('POST', `${realm}/authenticate`, { body: { authId, callbacks: filled } });
    };
    type Filled = { readonly type: string; readonly input: readonly [{ readonly name: string }] };

    test.each(['killed', 'held'])(
      '%s, they are told to come again, and others are not; then all is as before',
      async (how) => {
        const path = `${REALM}/realm-config/authentication`;
        await rest('PUT', path, { token: admin, body: { core: { orgConfig: 'Login' } } });
        await signIn(rest, REALM, 'kim', PASSWORD);
        if (how === 'killed') await slapd.kill();
        else await slapd.pause();
        try {
          expect(await answer(REALM, 'kim')).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
          expect((await rest('GET', `${REALM}/users/kim`, { token: admin })).status).toBe(503);
          expect(await signIn(rest, '/own', 'ann', PASSWORD)).toBeDefined();
          expect(await signIn(rest, REALM, 'twin', 'password of our own')).toBeDefined();
        } finally {
          if (how === 'killed') await slapd.start();
          else slapd.resume();
        }
        expect(await signIn(rest, REALM, 'kim', PASSWORD)).toBeDefined();
      },
    );
  });
});
