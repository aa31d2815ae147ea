import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allowOrigins, asAdministrator } from '../support/administrator.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

// Which pages may call, as plain requests see it (spec: journeys-rest §1.2; security-reliability §6 "CORS", "CSRF").

/** Listed for the root realm when the server was started. */
const BY_SETTING = 'http://localhost:5173';
/** Listed for the root realm in its service `assent`. */
const BY_SERVICE = 'https://app.example.com';
/** Listed for the realm `/alpha` alone. */
const BY_ALPHA = 'https://alpha.example.com';
const ADMINISTRATOR = { name: 'amadmin', password: 'cross-origin-only' };
const AUTHENTICATE = 'json/realms/root/authenticate';
const DISCOVERY = 'oauth2/realms/root/.well-known/openid-configuration';

let server: ServerProcess;

beforeAll(async () => {
  server = await startServerProcess({
    env: { ASSENT_CORS_ORIGINS: BY_SETTING, ASSENT_ADMIN_PASSWORD: ADMINISTRATOR.password },
  });
  const administered = { am: server.am, administrator: ADMINISTRATOR };
  await allowOrigins(administered, [BY_SERVICE]);
  const alpha = { name: 'alpha', parentPath: '/', active: true };
  const { status } = await asAdministrator(administered, 'POST', '/json/global-config/realms?_action=create', alpha);
  expect(status).toBe(201);
  await allowOrigins(administered, [BY_ALPHA], '/alpha');
});
afterAll(() => server?.close());

const preflight = (origin: string, path = AUTHENTICATE, method = 'POST') =>
  fetch(`${server.am}/${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'accept-api-version,content-type,x-requested-platform,x-requested-with',
    },
  });

const start = (headers: Readonly<Record<string, string>>, path = AUTHENTICATE) =>
  fetch(`${server.am}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-api-version': 'protocol=1.0,resource=2.1', ...headers },
  });

describe('an origin that is not listed', () => {
  const strangers = [
    'null',
    'https://evil.example',
    'http://localhost:5174',
    'https://localhost:5173',
    'http://localhost:5173.evil.example',
    'http://app.localhost:5173',
    'HTTP://LOCALHOST:5173',
    'https://app.example.com.evil.example',
    'https://app.example.com:443',
    'http://app.example.com',
  ];

  test.each(strangers)('%s may neither ask nor read (A145)', async (origin) => {
    for (const path of [AUTHENTICATE, DISCOVERY]) {
      const { headers } = await preflight(origin, path);
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('access-control-allow-headers')).toBeNull();
    }
    const answer = await start({ origin });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test.each([
    ['/', BY_ALPHA, AUTHENTICATE],
    ['/alpha', BY_SERVICE, 'json/realms/root/realms/alpha/authenticate'],
    ['/alpha', BY_SETTING, 'oauth2/realms/root/realms/alpha/.well-known/openid-configuration'],
  ])('in the realm %s is refused, though another realm lists %s', async (_realm, origin, path) => {
    expect((await preflight(origin, path)).headers.get('access-control-allow-origin')).toBeNull();
    expect((await start({ origin }, path)).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe.each([BY_SETTING, BY_SERVICE])('the listed origin %s', (origin) => {
  test.each([
    ['POST', AUTHENTICATE],
    ['POST', 'json/realms/root/sessions/?_action=logout'],
    ['DELETE', 'json/realms/root/users/demo/devices/2fa/push/x'],
    ['GET', DISCOVERY],
    ['POST', 'oauth2/realms/root/access_token'],
  ])('may %s %s with cookies and with what the libraries send, and need not ask again soon', async (method, path) => {
    const { status, headers } = await preflight(origin, path, method);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-max-age')).toBe('600');
    expect(headers.get('vary')).toMatch(/\borigin\b/i);
    const allowed = (headers.get('access-control-allow-headers') ?? '').split(/,\s*/);
    expect(allowed).toEqual(
      expect.arrayContaining(
        // The list of spec: journeys-rest §1.2.
        'accept-api-version content-type x-requested-with x-requested-platform authorization iplanetdirectorypro'.split(
          ' ',
        ),
      ),
    );
    expect((headers.get('access-control-allow-methods') ?? '').split(/,\s*/)).toContain(method);
  });

  test('reads steps and refusals alike, and the headers that tell it when to try again', async () => {
    const step = await start({ origin });
    expect(step.status).toBe(200);
    const refused = await start({ origin }, `${AUTHENTICATE}?authIndexType=service&authIndexValue=NoSuchJourney`);
    expect(refused.status).toBe(400);
    for (const { headers } of [step, refused]) {
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-credentials')).toBe('true');
      const exposed = (headers.get('access-control-expose-headers') ?? '').split(/,\s*/);
      expect(exposed).toEqual(expect.arrayContaining(['retry-after', 'x-transaction-id']));
      expect(headers.get('vary')).toMatch(/\borigin\b/i);
    }
  });

  test('may not answer for a phone', async () => {
    const { headers } = await preflight(origin, 'json/push/sns/message');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
