import { describeWith } from '@assent/test-servers/testing';
import { beforeAll, expect, test } from 'vitest';
import { signIn } from '../src/testing/rest-client.ts';
import { directoryWorld, noEntry, PASSWORD, person } from './directory-world.ts';

/** How many entries the directory shows at once to whoever is bound as `kim`. */
const SHOWN = 4;

describeWith(['slapd'], 'users of a directory are looked for by a filter of it', () => {
  const world = directoryWorld({
    people: ['kim', 'lee', 'max', 'amadmin', 'twin', 'zed', 'zoe', 'zoo'],
    settings: [`limits dn.exact="uid=kim,ou=people,dc=example,dc=test" size=${SHOWN} size.prtotal=${SHOWN}`],
  });
  let { slapd, server, rest, admin, service } = world;
  beforeAll(async () => {
    ({ slapd, server, rest, admin, service } = world);
    await server.createRealm('/own');
    await server.createUser('/own', 'ann', PASSWORD);
    const body = { ...service, bindDn: `uid=kim,ou=people,${slapd.base}`, bindPassword: PASSWORD, pageSize: 2 };
    expect((await rest('PUT', '/own/realm-config/services/ldap', { token: admin, body })).status).toBe(201);
  });

  const asked = async (filter: string, more = ''): Promise<{ names: readonly unknown[]; next?: string }> => {
    const path = `/own/users?_queryFilter=${encodeURIComponent(filter)}${more}`;
    const { body } = await rest('GET', path, { token: admin });
    const { result = [], pagedResultsCookie: next } = body as {
      readonly result?: readonly { readonly username: string }[];
      readonly pagedResultsCookie?: string | null;
    };
    return { names: result.map(({ username }) => username), ...(typeof next === 'string' && { next }) };
  };

  test.each(['true', 'mail pr', 'mail co "@"', 'sn ge "A"', '! (sn eq "nobody")', 'username sw ""'])(
    'of more than it shows at once, nobody is told that they were all: %s (OPS-74)',
    async (filter) => {
      const path = `/own/users?_queryFilter=${encodeURIComponent(filter)}`;
      const refused = { status: 400, body: { message: expect.stringContaining('more users for this filter') } };
      expect((await rest('GET', path, { token: admin })).status).toBe(400);
      // Who goes on page by page is shown what there is, and then told.
      const seen: unknown[] = [];
      let next: string | undefined;
      do {
        const page = await asked(filter, `&_pageSize=3${next === undefined ? '' : `&_pagedResultsCookie=${next}`}`);
        seen.push(...page.names);
        if (page.next === undefined) break;
        next = page.next;
      } while (seen.length < 50);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((name) => name !== 'ann').length).toBeGreaterThanOrEqual(SHOWN);
      expect(await rest('GET', `${path}&_pageSize=3&_pagedResultsCookie=${next}`, { token: admin })).toMatchObject(
        refused,
      );
    },
  );

  test('who is beyond what it shows at once is found', async () => {
    expect((await asked('username sw "zo"')).names).toEqual(['zoe', 'zoo']);
    expect((await asked('mail sw "ZO"')).names).toEqual(['zoe', 'zoo']);
    expect((await asked('mail eq "zoo@Example.test"')).names).toEqual(['zoo']);
    expect((await asked('mail eq "zoo@example.test" or username eq "zed" or username eq "ann"')).names).toEqual([
      'ann',
      'zed',
      'zoo',
    ]);
  });

  test('page by page each of them comes once', async () => {
    const first = await asked('mail sw "z"', '&_pageSize=2');
    const second = await asked('mail sw "z"', `&_pageSize=2&_pagedResultsCookie=${first.next}`);
    expect([...first.names, ...second.names]).toEqual(['zed', 'zoe', 'zoo']);
  });

  test.each(['*', 'z*', 'zoe@example.test)(uid=*', '\\2a', '*)(|(mail=*'])(
    '%j is a value, and nobody’s (OPS-75)',
    async (text) => {
      const value = JSON.stringify(text);
      expect((await asked(`mail sw ${value} or mail eq ${value} or username sw ${value}`)).names).toEqual([]);
    },
  );

  test('what is kept here of somebody whom the directory has is found here, while the entry is there', async () => {
    await slapd.load(person('own'));
    expect(await signIn(rest, '/own', 'own', PASSWORD)).toBeDefined();
    const body = { shoeSize: ['43'] };
    const put = await rest('PUT', '/own/users/own', { token: admin, body, headers: { 'if-match': '*' } });
    expect(put.status).toBe(200);
    expect((await asked('shoeSize eq "43"')).names).toEqual(['own']);
    await slapd.load(noEntry('own'));
    expect((await asked('shoeSize eq "43"')).names).toEqual([]);
  });
});
