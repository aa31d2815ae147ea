import { beforeEach, expect, test } from 'vitest';
import { administeredServer } from '../../testing/administered-server.ts';
import { inject } from '../../testing/inject.ts';

// The service `assent` of a realm: its rules, the origins that may call it, and how it looks.

const world = administeredServer();
const { admin, rest } = world;
const live = () => world.server.assent;

let realm: string;
let services: string;
beforeEach(async () => {
  realm = await world.newRealm();
  services = `${realm}/realm-config/services`;
});

test('our own settings of a realm act at once, and go back to those of a new realm', async () => {
  const body = {
    numberDigits: 2,
    maxDevices: 1,
    corsOrigins: ['https://app.example.com'],
    hideTokenInBody: true,
    treeFindings: 'error',
  };
  expect((await admin('PUT', `${services}/assent`, body)).status).toBe(200);
  expect(live().configuration.realm(realm)).toMatchObject(body);
  expect(live().configuration.realm('/')).toMatchObject({ numberDigits: 6 });
  for (const wrong of [{ numberDigits: 1 }, { corsOrigins: ['https://app.example.com/path'] }, { maxDevices: 0 }]) {
    expect((await admin('PUT', `${services}/assent`, wrong)).status).toBe(400);
  }
  await admin('PUT', `${services}/validation`, { validGotoDestinations: ['https://app.example.com/*'] });
  expect(live().configuration.realm(realm)?.gotoDestinations).toEqual(['https://app.example.com/*']);
  await admin('DELETE', `${services}/assent`);
  expect(live().configuration.realm(realm)).toMatchObject({
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
      url: `/am/json${realm}/authenticate`,
      headers: { host: new URL(live().publicUrl).host, origin: APP, 'access-control-request-method': 'POST' },
    });
    return {
      accepted: headers['access-control-allow-headers'],
      exposed: headers['access-control-expose-headers'],
    };
  };
  expect((await admin('PUT', `${services}/assent`, { corsOrigins: [APP] })).status).toBe(200);
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
  expect((await admin('PUT', `${services}/assent`, body)).status).toBe(200);
  expect(await preflight()).toEqual({ accepted: 'content-type, x-trace', exposed: 'x-own' });
  const none = { corsOrigins: [APP], corsAcceptedHeaders: [], corsExposedHeaders: [] };
  expect((await admin('PUT', `${services}/assent`, none)).status).toBe(200);
  expect(await preflight()).toEqual({ accepted: undefined, exposed: undefined });
  for (const wrong of ['*', '', 'x y', 'x,y', 'x:y', 'x\r\ny', 'ä', 'x'.repeat(65)]) {
    for (const name of ['corsAcceptedHeaders', 'corsExposedHeaders']) {
      const answer = await admin('PUT', `${services}/assent`, { [name]: [wrong] });
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
  const answer = await admin('PUT', `${services}/assent`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.message).toContain(`Data validation failed for the attribute, ${message}`);
  expect(live().configuration.realm(realm)).toMatchObject({ brandName: '', brandLogo: '', brandColor: '' });
});

test('how a realm looks is shown to its own page, and asked for again only where it has changed', async () => {
  const page = (realm: string, headers: Record<string, string> = {}) =>
    rest('GET', `${realm}/serverinfo/page`, { headers });
  const before = await page(realm);
  expect(before.body).toMatchObject({ name: '', logo: '', color: '' });
  const [name, logo, color] = ['Acme 銀行', png(32_768), '#C0FFEE'];
  expect(
    (await admin('PUT', `${services}/assent`, { brandName: name, brandLogo: logo, brandColor: color })).status,
  ).toBe(200);

  const etag = String(before.headers.etag);
  const after = await page(realm, { 'if-none-match': etag });
  expect(after).toMatchObject({ status: 200, body: { name, logo, color } });
  expect(after.headers).toMatchObject({
    'cache-control': 'private, no-cache',
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  expect((await page(realm, { 'if-none-match': String(after.headers.etag) })).status).toBe(304);
  expect((await page('/realms/root')).body).toMatchObject({ name: '', logo: '', color: '' });
  expect((await page('/nowhere')).status).toBe(400);

  await admin('DELETE', `${services}/assent`);
  expect((await page(realm)).headers.etag).toBe(etag);
});
