import { beforeEach, describe, expect, test } from 'vitest';
import { administeredServer } from '../../testing/administered-server.ts';

const world = administeredServer();
const { admin } = world;
const live = () => world.server.assent;

let realm: string;
let path: string;
beforeEach(async () => {
  realm = await world.newRealm();
  path = `${realm}/realm-config/authentication`;
});

describe('authentication settings of a realm', () => {
  test.each([
    [{ core: { orgConfig: 'NoSuchTree' } }, 'orgConfig'],
    [{ core: 'red' }, 'Data validation failed for the attribute, core'],
    [{ general: { locale: 'zz_nowhere_at_all' } }, 'Invalid locale provided'],
    [{ trees: { authenticationSessionsMaxDuration: 0 } }, 'authenticationSessionsMaxDuration'],
  ])('refuses %j', async (body, message) => {
    const answer = await admin('PUT', path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(message);
  });

  test('are read, changed block by block, and act at once', async () => {
    const before = await admin('GET', path);
    expect(before.body).toMatchObject({
      core: { orgConfig: 'Login', adminAuthModule: 'AdminLogin' },
      general: { locale: 'en' },
      trees: { authenticationSessionsMaxDuration: 5 },
    });
    const body = { core: { orgConfig: 'PushLogin' }, general: { locale: 'de_AT' } };
    expect((await admin('PUT', path, body, { 'if-match': '"0"' })).status).toBe(412);
    const after = await admin('PUT', path, { ...body, postauthprocess: { loginSuccessUrl: ['/home'] } });
    expect(after.body).toMatchObject({ core: { orgConfig: 'PushLogin', adminAuthModule: 'AdminLogin' } });
    expect(live().configuration.realm(realm)).toMatchObject({
      defaultTree: 'PushLogin',
      locale: 'de-AT',
      successUrl: '/home',
      journeyMinutes: 5,
    });
    expect((await admin('PUT', path, after.body)).body).toEqual(after.body);
  });

  test('of AM come in whole: what has no use here is kept and named in the log, secrets are not (B6)', async () => {
    const { body: before } = await admin('GET', path);
    const asExported = {
      ...before,
      general: { locale: 'de_AT', defaultAuthLevel: 5, twoFactorRequired: false, identityType: ['agent', 'user'] },
      security: { addClearSiteDataHeader: true, sharedSecret: 'not for us' },
      accountlockout: { loginFailureCount: 5 },
      postauthprocess: { loginSuccessUrl: ['/home', 'genericHTML|/wap'], loginPostProcessClass: [] },
      trees: { authenticationSessionsStateManagement: 'JWT', authenticationTreeCookieHttpOnly: true },
    };
    const { status, body } = await admin('PUT', path, asExported);
    const expected = {
      ...asExported,
      general: { ...asExported.general, locale: 'de-AT' },
      security: { addClearSiteDataHeader: true, sharedSecret: null },
    };
    expect([status, body]).toMatchObject([200, { ...expected, _rev: expect.any(String) }]);
    expect((await admin('GET', path)).body).toEqual(body);
    expect((await admin('PUT', path, body)).body).toEqual(body);
    expect(live().configuration.realm(realm)?.successUrl).toBe('/home');
    expect(world.server.logged()).toContainEqual(
      expect.objectContaining({ unknown: expect.arrayContaining(['security.sharedSecret', 'general.identityType']) }),
    );
    const long = { mine: 'x'.repeat(32_768) };
    expect(await admin('PUT', path, { long })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('more than 32768') },
    });
    const { body: less } = await admin('PUT', path, { security: {}, postauthprocess: { loginSuccessUrl: [] } });
    expect(less).toMatchObject({ security: {}, postauthprocess: { loginSuccessUrl: [] }, accountlockout: {} });
    expect(less.security).toEqual({});
  });
});
