import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';

const REALM = '/alpha';
let server: SteeredServer;
let rest: RestClient;
let token: string;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm(REALM);
  await server.createUser(REALM, 'sam', 'correct horse');
  const alpha = server.assent.configuration.realm(REALM);
  if (alpha === undefined) throw new TypeError('The realm was not made.');
  await configuring(server.assent.store).saveRealm({
    ...alpha,
    gotoDestinations: ['https://app.example.com/*'],
    successUrl: '/am/home',
  });
  await server.assent.configuration.refresh();
  token = (await openSession(server, REALM, 'sam')).token;
});
afterAll(() => server?.assent.stop());

const validate = (body: unknown, { by = token, realm = REALM }: { by?: string; realm?: string } = {}) =>
  rest('POST', `${realm}/users?_action=validateGoto`, { token: by, body });

describe('users?_action=validateGoto (B7)', () => {
  test('tells nothing to a caller without a session', async () => {
    expect(await validate({ goto: 'https://app.example.com/in' }, { by: 'nobody' })).toMatchObject({ status: 401 });
  });

  test.each([
    { goto: 'https://evil.example.com/' },
    { goto: 'https://app.example.com.evil.example/' },
    { goto: 'javascript:alert(1)' },
    { goto: '//evil.example.com' },
    { goto: '' },
    {},
    [],
  ])('answers %j with where the realm leads by itself', async (body) => {
    expect(await validate(body)).toMatchObject({ status: 200, body: { successURL: '/am/home' } });
  });

  test.each([7, null, ['https://app.example.com/'], { a: 1 }])('refuses the goto %j by name', async (goto) => {
    expect(await validate({ goto })).toMatchObject({ status: 400, body: { detail: { field: 'goto' } } });
  });

  test.each(['https://app.example.com/in?a=b', '/am/account'])('answers %s with itself', async (goto) => {
    expect(await validate({ goto })).toMatchObject({ status: 200, body: { successURL: goto } });
  });

  test('goes by the realm of the session, not by that of the address', async () => {
    const goto = 'https://app.example.com/in';
    expect((await validate({ goto }, { realm: '' })).body).toEqual({ successURL: goto });
  });
});
