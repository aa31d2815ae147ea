import { Client, InvalidCredentialsError } from 'ldapts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../testing/describe-with.ts';
import { SlapdServer } from './slapd-server.ts';

const PEOPLE = `
dn: uid=kim,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: kim
cn: Kim
sn: Kim
userPassword: Ch4ng31t!

dn: cn=staff,ou=groups,dc=example,dc=test
objectClass: groupOfNames
cn: staff
member: uid=kim,ou=people,dc=example,dc=test
`;
const KIM = 'uid=kim,ou=people,dc=example,dc=test';

describeWith(['slapd'], 'a directory', () => {
  let server: SlapdServer;
  beforeAll(async () => {
    server = await SlapdServer.launch({ ldif: PEOPLE, policy: { pwdMaxFailure: '2', pwdLockout: 'TRUE' } });
  });
  afterAll(() => server.kill());

  const bound = async (dn: string, password: string): Promise<Client> => {
    const client = new Client({ url: server.tlsUrl, tlsOptions: { ca: server.authority } });
    await client.bind(dn, password);
    return client;
  };

  test('it knows of groups who is in them, and keeps no password that one could read', async () => {
    const { dn, password } = server.administrator;
    const client = await bound(dn, password);
    const { searchEntries } = await client.search(server.base, {
      filter: '(uid=kim)',
      attributes: ['memberOf', 'entryUUID', 'userPassword'],
    });
    expect(searchEntries).toHaveLength(1);
    expect(searchEntries[0]).toMatchObject({ memberOf: 'cn=staff,ou=groups,dc=example,dc=test' });
    expect(String(searchEntries[0]?.userPassword)).toMatch(/^\{SSHA\}/);
    await client.unbind();
  });

  test('it speaks TLS after StartTLS, too', async () => {
    const client = new Client({ url: server.url });
    await client.startTLS({ ca: server.authority });
    await client.bind(KIM, 'Ch4ng31t!');
    await client.unbind();
  });

  test('its policy locks who guesses', async () => {
    for (const guess of ['one', 'two']) await expect(bound(KIM, guess)).rejects.toThrow(InvalidCredentialsError);
    await expect(bound(KIM, 'Ch4ng31t!')).rejects.toThrow(InvalidCredentialsError);
  });

  test('what it was told outlives kill', async () => {
    await server.kill();
    await server.start();
    const { dn, password } = server.administrator;
    const client = await bound(dn, password);
    const { searchEntries } = await client.search(server.base, { filter: '(uid=kim)', attributes: ['pwdFailureTime'] });
    expect(searchEntries[0]?.pwdFailureTime).toHaveLength(2);
    await client.unbind();
  });
});
