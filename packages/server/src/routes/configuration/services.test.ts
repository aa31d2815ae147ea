import { readFileSync } from 'node:fs';
import { newApnsKey, newServiceAccount } from '@assent/push/testing';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { inject } from '../../testing/inject.ts';
import { type Method, type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

let server: SteeredServer | undefined;
let rest: RestClient;
let token: string | undefined;

beforeEach(async () => {
  await server?.assent.stop();
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm('/alpha');
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server?.assent.stop());

const live = () => {
  if (server === undefined) throw new Error('no server');
  return server.assent;
};
const admin = (method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  rest(method, path, { token, body, headers });

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../wire/golden/${name}.json`, import.meta.url), 'utf8')).body;

const SERVICES = '/alpha/realm-config/services';
const SNS = {
  accessKey: 'AKIA',
  secret: 'top-secret',
  appleEndpoint: 'arn:apple',
  googleEndpoint: 'arn:google',
  _id: '',
  _type: {},
};

describe('realm services', () => {
  test.each([
    [{ ...SNS, mdConcurrency: 17 }, 'Data validation failed for the attribute, mdConcurrency'],
    [{ ...SNS, region: 'Mars' }, 'Data validation failed for the attribute, region'],
    [{ secret: 'x' }, 'Data validation failed for the attribute, accessKey'],
    [[], 'The body must be a JSON object.'],
  ])('refuses %j', async (body, message) => {
    const answer = await admin('PUT', `${SERVICES}/pushNotification`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(message);
    expect(live().configuration.service('/alpha', 'pushNotification')).toBeUndefined();
  });

  describe('Google and Apple themselves (OPS-47)', () => {
    const FCM = { projectId: 'acme-login', serviceAccount: newServiceAccount().file };
    const APNS = { teamId: 'ACMETEAM01', keyId: 'ACMEKEY001', key: newApnsKey().file, topic: 'com.example.phone' };

    test.each<readonly [service: string, body: object, attribute: string, reason: string]>([
      ['pushFcm', { ...FCM, projectId: undefined }, 'projectId', 'It is not set.'],
      ['pushFcm', { ...FCM, projectId: 'x/../y' }, 'projectId', 'Must be the id of a Firebase project'],
      ['pushFcm', { ...FCM, serviceAccount: undefined }, 'serviceAccount', 'It is not set.'],
      ['pushFcm', { ...FCM, serviceAccount: 'AIzaSy' }, 'serviceAccount', 'it is no JSON'],
      ['pushFcm', { ...FCM, serviceAccount: '{"type":"authorized_user"}' }, 'serviceAccount', 'not service_account'],
      [
        'pushFcm',
        { ...FCM, serviceAccount: FCM.serviceAccount.replace('BEGIN PRIVATE', 'BEGIN') },
        'serviceAccount',
        'private_key is no RSA key',
      ],
      ['pushFcm', { ...FCM, endpoint: 'fcm.example.com' }, 'endpoint', 'Must be an http or https URL'],
      ['pushApns', { ...APNS, teamId: 'short' }, 'teamId', 'ten capital letters and digits of a team'],
      ['pushApns', { ...APNS, keyId: undefined }, 'keyId', 'It is not set.'],
      ['pushApns', { ...APNS, key: FCM.serviceAccount }, 'key', 'Must be the text of a .p8 file'],
      ['pushApns', { ...APNS, topic: 'com.example/phone' }, 'topic', 'Must be the bundle id'],
      ['pushApns', { ...APNS, sandbox: 'no' }, 'sandbox', ''],
      ['pushApns', { ...APNS, endpoint: 'https://apns.example.com/3' }, 'endpoint', 'Must be an http or https URL'],
    ])('%s: %j is refused by %s', async (service, body, attribute, reason) => {
      const answer = await admin('PUT', `${SERVICES}/${service}`, body);
      expect(answer).toMatchObject({ status: 400, body: { detail: { attribute } } });
      expect(answer.body.message).toContain(reason);
      expect(live().configuration.service('/alpha', service)).toBeUndefined();
    });

    test.each([
      ['pushFcm', FCM, 'serviceAccount', { projectId: 'acme-other' }],
      ['pushFcm', FCM, 'serviceAccount', { endpoint: 'https://evil.example.com' }],
      ['pushApns', APNS, 'key', { endpoint: 'https://evil.example.com' }],
      ['pushApns', APNS, 'key', { keyId: 'ACMEKEY002' }],
    ])('%s is set, keeps its secret to itself, and gives it to nobody new', async (service, body, secret, other) => {
      const path = `${SERVICES}/${service}`;
      expect(await admin('PUT', path, body)).toMatchObject({ status: 201, body: { [secret]: null, endpoint: '' } });
      const { body: read } = await admin('GET', path);
      expect(read).toMatchObject({ [secret]: null });
      expect(await admin('PUT', path, read)).toMatchObject({ status: 200 });
      expect(live().configuration.service('/alpha', service)?.config).toMatchObject(body);
      const moved = await admin('PUT', path, { ...read, ...other });
      expect(moved).toMatchObject({ status: 400, body: { detail: { attribute: secret } } });
    });
  });

  test('what was seeded without a setting reads, and is saved, as with its default', async () => {
    const at = '/realms/root/realm-config/services/pushNotification';
    expect(live().configuration.service('/', 'pushNotification')?.config).toEqual({ delegateFactory: 'relay' });
    const { body } = await admin('GET', at);
    expect(body).toMatchObject({ delegateFactory: 'relay', region: 'us-east-1', mdDuration: 120, secret: null });
    expect((await admin('PUT', at, body, { 'if-match': String(body._rev) })).body).toEqual(body);
  });

  test('what has no use here is kept and named in the log, and our own service has nothing of the kind (B6)', async () => {
    const path = `${SERVICES}/validation`;
    const { body } = await admin('PUT', path, { validGotoDestinations: ['https://app.example.com/*'], colour: null });
    expect(body).toMatchObject({ validGotoDestinations: ['https://app.example.com/*'], colour: null });
    expect((await admin('GET', path)).body).toEqual(body);
    expect(server?.logged()).toContainEqual(expect.objectContaining({ service: 'validation', unknown: ['colour'] }));
    await admin('DELETE', path);
    expect((await admin('GET', path)).body).not.toHaveProperty('colour');
    const ours = await admin('PUT', `${SERVICES}/assent`, { maxDevices: 2, colour: 'red' });
    expect([ours.status, ours.body]).toMatchObject([
      400,
      { message: 'Invalid attribute specified.', detail: { validAttributes: expect.arrayContaining(['maxDevices']) } },
    ]);
  });

  test('the email service of AM comes in without a server, and what we have no use for stays (B6)', async () => {
    const path = `${SERVICES}/email`;
    const asExported = {
      emailAddressAttribute: 'mail',
      emailRateLimitSeconds: 1,
      emailImplClassName: 'org.example.MailServer',
      port: 465,
      sslState: 'SSL',
      _id: '',
      _type: {},
    };
    const { status, body } = await admin('PUT', path, asExported);
    expect([status, body]).toMatchObject([201, { emailAddressAttribute: 'mail', emailRateLimitSeconds: 1, port: 465 }]);
    const lacking = ['hostname', 'from'];
    expect(server?.logged()).toContainEqual(expect.objectContaining({ service: 'email', lacking }));
    expect((await admin('PUT', path, body)).body).toEqual(body);
    expect((await admin('PUT', path, { ...asExported, port: 'x' })).status).toBe(400);
    const whole = { ...asExported, hostname: 'mail.example.com', from: 'door@example.com', password: 'secret' };
    expect((await admin('PUT', path, whole)).body).toMatchObject({ hostname: 'mail.example.com', password: null });
    expect(JSON.stringify((await admin('GET', path)).body)).not.toContain('secret');
    await admin('DELETE', path);
  });

  test('a service that this server does not have is said to be none of its own (B6)', async () => {
    for (const [method, body] of [['GET'], ['PUT', {}], ['DELETE']] as const) {
      expect(await admin(method, `${SERVICES}/baseurl`, body)).toMatchObject({
        status: 404,
        body: { code: 404, reason: 'Not Found', message: expect.stringContaining('not supported here') },
      });
    }
    expect(await admin('DELETE', `${SERVICES}/email`)).toMatchObject({ status: 404, body: { message: 'Not Found' } });
  });

  test('a service is made once, read without its secret, replaced keeping it, and deleted', async () => {
    const made = await admin('PUT', `${SERVICES}/pushNotification`, SNS);
    expect(made).toMatchObject({
      status: 201,
      headers: { location: '/am/json/alpha/realm-config/services/pushNotification', etag: `"${made.body._rev}"` },
      body: { _id: '', secret: null, region: 'us-east-1', mdDuration: 120, mdCacheSize: 10_000 },
    });
    expect(made.body._type).toEqual({ _id: 'pushNotification', name: 'Push Notification Service', collection: false });

    const { _rev, ...content } = made.body;
    expect(content).toEqual(golden('service/push-notification'));

    const read = await admin('GET', `${SERVICES}/pushNotification`);
    expect(read.body).toEqual(made.body);
    const replaced = await admin('PUT', `${SERVICES}/pushNotification`, { ...read.body, mdDuration: 60 });
    expect(replaced).toMatchObject({ status: 200, body: { mdDuration: 60, secret: null } });
    expect(live().configuration.service('/alpha', 'pushNotification')?.config).toMatchObject({
      secret: 'top-secret',
      mdDuration: 60,
    });
    expect(live().configuration.service('/', 'pushNotification')?.config).not.toHaveProperty('mdDuration', 60);

    const stale = { 'if-match': String(made.headers.etag) };
    expect((await admin('PUT', `${SERVICES}/pushNotification`, SNS, stale)).status).toBe(412);
    expect((await admin('DELETE', `${SERVICES}/pushNotification`, undefined, stale)).status).toBe(412);
    expect((await admin('PUT', `${SERVICES}/pushNotification`, SNS, { 'if-none-match': '*' })).status).toBe(412);
    expect((await admin('POST', `${SERVICES}/pushNotification?_action=create`, SNS)).status).toBe(409);

    const deleted = await admin('DELETE', `${SERVICES}/pushNotification`);
    expect(deleted).toMatchObject({ status: 200, body: { mdDuration: 60, secret: null } });
    expect((await admin('GET', `${SERVICES}/pushNotification`)).status).toBe(404);
    expect((await admin('DELETE', `${SERVICES}/pushNotification`)).status).toBe(404);
  });

  test('the lists say what there is, what could be, and what each may hold', async () => {
    const ids = async (path: string) =>
      ((await admin('POST', path)).body.result as { readonly _id: string }[]).map(({ _id }) => _id);
    expect(await ids(`${SERVICES}?_action=nextdescendents`)).toEqual(['assent', 'validation', 'oauth-oidc']);
    await admin('POST', `${SERVICES}/authenticatorPushService?_action=create`, {});
    expect(await ids(`${SERVICES}?_action=nextdescendents`)).toContain('authenticatorPushService');
    expect(await ids(`${SERVICES}?_action=getCreatableTypes`)).toEqual([
      'authenticatorOathService',
      'pushNotification',
      'pushFcm',
      'pushApns',
      'ldap',
      'email',
      'selfservice.consent',
      'selfservice.kba',
      'amSessionPropertyWhitelist',
      'selfservice.terms',
      'webhooks',
    ]);
    expect(await ids(`${SERVICES}?_action=getAllTypes`)).toHaveLength(15);
    expect(await ids(`${SERVICES}/pushNotification?_action=nextdescendents`)).toEqual([]);

    const { body: schema } = await admin('POST', `${SERVICES}/pushNotification?_action=schema`);
    expect(schema).toMatchObject({
      type: 'object',
      properties: {
        secret: { type: 'string', format: 'password' },
        mdConcurrency: { type: 'integer', minimum: 1, maximum: 16, default: 16 },
        mdCacheSize: { type: 'integer', minimum: 0 },
      },
    });
    expect(JSON.stringify(schema)).not.toContain('9007199254740991');
    const { body: template } = await admin('POST', `${SERVICES}/pushNotification?_action=template`);
    expect(template).toMatchObject({ mdDuration: 120, region: 'us-east-1', secret: null });
    expect((await admin('POST', `${SERVICES}/pushNotification?_action=explode`)).status).toBe(501);
    expect((await admin('GET', `${SERVICES}/unheardOf`)).status).toBe(404);
  });

  describe('a stored secret is shown to nobody new (SEC-72)', () => {
    const EMAIL = {
      hostname: 'mail.example.com',
      port: 465,
      username: 'postman',
      password: 'canary-1',
      sslState: 'SSL',
      from: 'login@example.com',
    };
    const at = `${SERVICES}/email`;
    const stored = () => live().configuration.service('/alpha', 'email')?.config;
    beforeEach(async () => {
      expect((await admin('PUT', at, EMAIL)).status).toBe(201);
    });

    test.each([
      ['hostname', 'mail.attacker.example'],
      ['port', 2525],
      ['username', 'somebody'],
      ['username', null],
      ['sslState', 'Non SSL'],
    ])('a save with another %s, %j, has to give it again', async (name, value) => {
      const { password: _, ...body } = EMAIL;
      const answer = await admin('PUT', at, { ...body, [name]: value });
      expect(answer).toMatchObject({ status: 400, body: { detail: { attribute: 'password' } } });
      expect(answer.body.message).toMatch(
        new RegExp(`^Data validation failed for the attribute, password: Give it again, .* the same ${name}\\.$`),
      );
      expect(stored()).toEqual(EMAIL);
    });

    test('a save that changes only whom the mail is from keeps it', async () => {
      const { body } = await admin('GET', at);
      expect((await admin('PUT', at, { ...body, from: 'other@example.com' })).status).toBe(200);
      expect(stored()).toEqual({ ...EMAIL, from: 'other@example.com' });
    });

    test('a save that gives a secret, or an empty one, may name another host', async () => {
      await admin('PUT', at, { ...EMAIL, hostname: 'second', password: 'canary-2' });
      expect(stored()).toMatchObject({ hostname: 'second', password: 'canary-2' });
      await admin('PUT', at, { ...EMAIL, hostname: 'third', password: '' });
      expect(stored()).toMatchObject({ hostname: 'third', password: '' });
    });

    test('Amazon’s secret goes with its key', async () => {
      const sns = `${SERVICES}/pushNotification`;
      expect((await admin('PUT', sns, SNS)).status).toBe(201);
      const { secret: _, ...body } = SNS;
      expect(await admin('PUT', sns, { ...body, accessKey: 'other' })).toMatchObject({
        status: 400,
        body: { detail: { attribute: 'secret' } },
      });
    });
  });

  test('our own settings of a realm act at once, and go back to those of a new realm', async () => {
    const body = {
      numberDigits: 2,
      maxDevices: 1,
      corsOrigins: ['https://app.example.com'],
      hideTokenInBody: true,
      treeFindings: 'error',
    };
    expect((await admin('PUT', `${SERVICES}/assent`, body)).status).toBe(200);
    expect(live().configuration.realm('/alpha')).toMatchObject(body);
    expect(live().configuration.realm('/')).toMatchObject({ numberDigits: 6 });
    for (const wrong of [{ numberDigits: 1 }, { corsOrigins: ['https://app.example.com/path'] }, { maxDevices: 0 }]) {
      expect((await admin('PUT', `${SERVICES}/assent`, wrong)).status).toBe(400);
    }
    await admin('PUT', `${SERVICES}/validation`, { validGotoDestinations: ['https://app.example.com/*'] });
    expect(live().configuration.realm('/alpha')?.gotoDestinations).toEqual(['https://app.example.com/*']);
    await admin('DELETE', `${SERVICES}/assent`);
    expect(live().configuration.realm('/alpha')).toMatchObject({
      numberDigits: 6,
      hideTokenInBody: false,
      treeFindings: 'warn',
    });
  });

  test('which headers pages of other origins may send and read is the realm’s to say (B4)', async () => {
    const APP = 'https://app.example.com';
    const preflight = async () => {
      const { headers } = await inject(live(), {
        method: 'OPTIONS',
        url: '/am/json/alpha/authenticate',
        headers: { host: new URL(live().publicUrl).host, origin: APP, 'access-control-request-method': 'POST' },
      });
      return {
        accepted: headers['access-control-allow-headers'],
        exposed: headers['access-control-expose-headers'],
      };
    };
    expect((await admin('PUT', `${SERVICES}/assent`, { corsOrigins: [APP] })).status).toBe(200);
    expect(await preflight()).toEqual({
      accepted:
        'accept, accept-api-version, content-type, authorization, dpop, if-match, if-none-match, x-requested-with, x-requested-platform, x-openam-username, x-openam-password, iplanetdirectorypro',
      exposed: 'etag, location, retry-after, www-authenticate, x-transaction-id',
    });
    const body = {
      corsOrigins: [APP],
      corsAcceptedHeaders: ['content-type', 'X-Trace'],
      corsExposedHeaders: ['X-Own'],
    };
    expect((await admin('PUT', `${SERVICES}/assent`, body)).status).toBe(200);
    expect(await preflight()).toEqual({ accepted: 'content-type, x-trace', exposed: 'x-own' });
    const none = { corsOrigins: [APP], corsAcceptedHeaders: [], corsExposedHeaders: [] };
    expect((await admin('PUT', `${SERVICES}/assent`, none)).status).toBe(200);
    expect(await preflight()).toEqual({ accepted: undefined, exposed: undefined });
    for (const wrong of ['*', '', 'x y', 'x,y', 'x:y', 'x\r\ny', 'ä', 'x'.repeat(65)]) {
      for (const name of ['corsAcceptedHeaders', 'corsExposedHeaders']) {
        const answer = await admin('PUT', `${SERVICES}/assent`, { [name]: [wrong] });
        expect(answer).toMatchObject({ status: 400, body: { detail: { attribute: name } } });
      }
    }
  });

  const png = (bytes: number) =>
    `data:image/png;base64,${Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(bytes - 8)]).toString('base64')}`;

  test.each([
    ['brandName: Must have at most 60 characters.', { brandName: 'x'.repeat(61) }],
    ['brandName: Must be one line without blanks at its ends', { brandName: 'Acme\nBank' }],
    ['brandName: Must be one line without blanks at its ends', { brandName: ' Acme' }],
    ['brandColor: Must be a colour such as #0b6b4d, or empty for ours.', { brandColor: 'red' }],
    ['brandColor: Must be a colour', { brandColor: '#0b6b4d;}' }],
    ['brandColor: Must be a colour', { brandColor: '#fff' }],
    ['brandLogo: Must be a PNG, JPEG or WebP picture as data:', { brandLogo: 'https://app.example.com/logo.png' }],
    ['brandLogo: Must be a PNG, JPEG or WebP picture', { brandLogo: 'data:image/svg+xml;base64,PHN2Zy8+' }],
    ['brandLogo: Must be a PNG, JPEG or WebP picture', { brandLogo: 'data:image/png,abc' }],
    ['brandLogo: Says that it is png, and its content is not', { brandLogo: 'data:image/png;base64,PHN2Zy8+' }],
    ['brandLogo: Says that it is jpeg, and its content is not', { brandLogo: png(9).replace('png', 'jpeg') }],
    ['brandLogo: Is a picture of 32769 bytes; make it at most 32768.', { brandLogo: png(32_769) }],
  ])('how a realm looks is not set where the answer is “%s”', async (message, body) => {
    const answer = await admin('PUT', `${SERVICES}/assent`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(`Data validation failed for the attribute, ${message}`);
    expect(live().configuration.realm('/alpha')).toMatchObject({ brandName: '', brandLogo: '', brandColor: '' });
  });

  test('how a realm looks is shown to its own page, and asked for again only where it has changed', async () => {
    const page = (realm: string, headers: Record<string, string> = {}) =>
      rest('GET', `${realm}/serverinfo/page`, { headers });
    const before = await page('/alpha');
    expect(before.body).toMatchObject({ name: '', logo: '', color: '' });
    const [name, logo, color] = ['Acme 銀行', png(32_768), '#C0FFEE'];
    expect(
      (await admin('PUT', `${SERVICES}/assent`, { brandName: name, brandLogo: logo, brandColor: color })).status,
    ).toBe(200);

    const etag = String(before.headers.etag);
    const after = await page('/alpha', { 'if-none-match': etag });
    expect(after).toMatchObject({ status: 200, body: { name, logo, color } });
    expect(after.headers).toMatchObject({
      'cache-control': 'private, no-cache',
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect((await page('/alpha', { 'if-none-match': String(after.headers.etag) })).status).toBe(304);
    expect((await page('/realms/root')).body).toMatchObject({ name: '', logo: '', color: '' });
    expect((await page('/nowhere')).status).toBe(404);

    await admin('DELETE', `${SERVICES}/assent`);
    expect((await page('/alpha')).headers.etag).toBe(etag);
  });

  test('the audit trail names the settings that changed, and no value (SEC-72)', async () => {
    await admin('PUT', `${SERVICES}/pushNotification`, SNS);
    const amadmin = await live().store.identities.find('/', 'amadmin');
    const [event] = await live().store.audit.ofUser(amadmin?.id ?? '', 1);
    expect(event).toMatchObject({ event: 'SERVICE_CREATE', realm: '/alpha', outcome: 'pushNotification' });
    expect(JSON.stringify(event)).toContain('secret');
    expect(JSON.stringify(event)).not.toContain('top-secret');
  });
});

describe('realms', () => {
  const REALMS = '/global-config/realms';

  test('are listed with AM’s ids', async () => {
    const { body } = await admin('GET', `${REALMS}?_queryFilter=true`);
    expect(body.result).toMatchObject(golden('realm/realms'));
    const found = await admin('GET', `${REALMS}?_queryFilter=${encodeURIComponent('name eq "alpha"')}`);
    expect(found.body.resultCount).toBe(1);
  });

  test.each([
    [{}],
    [{ name: 'users' }],
    [{ name: 'a/b' }],
    [{ name: 'x', parentPath: '/nowhere' }],
    [{ name: 'x', aliases: 'www.example.com' }],
    [{ name: 'x', aliases: [7] }],
    [{ name: 'x', aliases: ['https://www.example.com'] }],
    [{ name: 'x', aliases: ['users'] }],
    [{ name: 'x', aliases: ['a/b'] }],
    [{ name: 'x', aliases: ['localhost'] }],
    [{ name: 'x', colour: 'red' }],
    [{ name: 'x', active: 'yes' }],
  ])('%j makes none', async (body) => {
    expect((await admin('POST', `${REALMS}?_action=create`, body)).status).toBe(400);
    expect(live().configuration.realms()).toHaveLength(2);
  });

  test('are made with the shipped journeys, switched off and on, and deleted from below', async () => {
    const made = await admin('POST', `${REALMS}?_action=create`, { name: 'beta', parentPath: '/alpha', active: true });
    expect(made).toMatchObject({ status: 201, body: { name: 'beta', parentPath: '/alpha' } });
    expect((await admin('POST', REALMS, { name: 'beta', parentPath: '/alpha' })).status).toBe(409);
    const id = String(made.body._id);
    const start = () => rest('POST', '/alpha/beta/authenticate', { body: {} });
    expect((await start()).status).toBe(200);
    expect((await admin('PUT', `${REALMS}/${id}`, { ...made.body, active: false })).body.active).toBe(false);
    expect((await start()).status).toBe(400);
    const stale = { 'if-match': `"${made.body._rev}"` };
    expect((await admin('PUT', `${REALMS}/${id}`, { active: true }, stale)).status).toBe(412);
    expect((await admin('PUT', `${REALMS}/${id}`, { name: 'gamma' })).status).toBe(400);
    expect((await admin('DELETE', `${REALMS}/L2FscGhh`)).status).toBe(409);
    expect((await admin('DELETE', `${REALMS}/${id}`)).status).toBe(200);
    expect((await admin('GET', `${REALMS}/${id}`)).status).toBe(404);
    expect((await admin('DELETE', `${REALMS}/Lw`)).status).toBe(400);
    expect((await admin('PUT', `${REALMS}/Lw`, { active: false })).status).toBe(400);
  });
});

describe('authentication settings of a realm', () => {
  const PATH = '/alpha/realm-config/authentication';

  test.each([
    [{ core: { orgConfig: 'NoSuchTree' } }, 'orgConfig'],
    [{ core: 'red' }, 'Data validation failed for the attribute, core'],
    [{ general: { locale: 'zz_nowhere_at_all' } }, 'Invalid locale provided'],
    [{ trees: { authenticationSessionsMaxDuration: 0 } }, 'authenticationSessionsMaxDuration'],
  ])('refuses %j', async (body, message) => {
    const answer = await admin('PUT', PATH, body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(message);
  });

  test('are read, changed block by block, and act at once', async () => {
    const before = await admin('GET', PATH);
    expect(before.body).toMatchObject({
      core: { orgConfig: 'Login', adminAuthModule: 'AdminLogin' },
      general: { locale: 'en' },
      trees: { authenticationSessionsMaxDuration: 5 },
    });
    const body = { core: { orgConfig: 'PushLogin' }, general: { locale: 'de_AT' } };
    expect((await admin('PUT', PATH, body, { 'if-match': '"0"' })).status).toBe(412);
    const after = await admin('PUT', PATH, { ...body, postauthprocess: { loginSuccessUrl: ['/home'] } });
    expect(after.body).toMatchObject({ core: { orgConfig: 'PushLogin', adminAuthModule: 'AdminLogin' } });
    expect(live().configuration.realm('/alpha')).toMatchObject({
      defaultTree: 'PushLogin',
      locale: 'de-AT',
      successUrl: '/home',
      journeyMinutes: 5,
    });
    expect((await admin('PUT', PATH, after.body)).body).toEqual(after.body);
  });

  test('of AM come in whole: what has no use here is kept and named in the log, secrets are not (B6)', async () => {
    const { body: before } = await admin('GET', PATH);
    const asExported = {
      ...before,
      general: { locale: 'de_AT', defaultAuthLevel: 5, twoFactorRequired: false, identityType: ['agent', 'user'] },
      security: { addClearSiteDataHeader: true, sharedSecret: 'not for us' },
      accountlockout: { loginFailureCount: 5 },
      postauthprocess: { loginSuccessUrl: ['/home', 'genericHTML|/wap'], loginPostProcessClass: [] },
      trees: { authenticationSessionsStateManagement: 'JWT', authenticationTreeCookieHttpOnly: true },
    };
    const { status, body } = await admin('PUT', PATH, asExported);
    const expected = {
      ...asExported,
      general: { ...asExported.general, locale: 'de-AT' },
      security: { addClearSiteDataHeader: true, sharedSecret: null },
    };
    expect([status, body]).toMatchObject([200, { ...expected, _rev: expect.any(String) }]);
    expect((await admin('GET', PATH)).body).toEqual(body);
    expect((await admin('PUT', PATH, body)).body).toEqual(body);
    expect(live().configuration.realm('/alpha')?.successUrl).toBe('/home');
    expect(server?.logged()).toContainEqual(
      expect.objectContaining({ unknown: expect.arrayContaining(['security.sharedSecret', 'general.identityType']) }),
    );
    const long = { mine: 'x'.repeat(32_768) };
    expect(await admin('PUT', PATH, { long })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('more than 32768') },
    });
    const { body: less } = await admin('PUT', PATH, { security: {}, postauthprocess: { loginSuccessUrl: [] } });
    expect(less).toMatchObject({ security: {}, postauthprocess: { loginSuccessUrl: [] }, accountlockout: {} });
    expect(less.security).toEqual({});
  });
});
