import { gunzipSync } from 'node:zlib';
import type { LoginVisit, PageReply, RefusedForm, RenderedLogin } from '@assent/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inject } from '../testing/inject.ts';
import { restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';

const LOGO = `data:image/png;base64,${Buffer.from(
  '\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x60\0\0\0\x20',
  'latin1',
).toString('base64')}`;
const BROWSER = { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' };

describe('GET login', () => {
  let server: SteeredServer;
  /** What the page does while it is rendered; by itself it does nothing. */
  let draw: (visit: LoginVisit) => Promise<Partial<RenderedLogin> | RefusedForm>;

  beforeAll(async () => {
    server = await steeredServer({
      port: 18_460,
      loginView: { render: async (visit) => ({ status: 200, html: 'rendered', end: '', ...(await draw(visit)) }) },
    });
  });
  afterAll(() => server.assent.stop());
  beforeEach(() => {
    draw = async () => ({});
  });

  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
    inject(server.assent, { method: 'GET', url: `/am${path}`, headers: { host: 'localhost:18460', ...headers } });

  /** Opens the page and makes one call to the API for it. */
  const call = async (
    path: string,
    { body = {}, headers = BROWSER as Readonly<Record<string, string>> } = {},
  ): Promise<{ readonly reply: PageReply | undefined; readonly cookies: readonly string[] }> => {
    let reply: PageReply | undefined;
    draw = async (visit) => {
      reply = await visit.call({
        url: `http://localhost:18460/am/json/realms/root${path}`,
        body: JSON.stringify(body),
      });
      return {};
    };
    const answer = await get('/login', headers);
    return { reply, cookies: [answer.headers['set-cookie'] ?? []].flat() };
  };

  const said = (reply: PageReply | undefined) => JSON.parse(reply?.body ?? '{}') as Readonly<Record<string, unknown>>;
  const authIdOf = (reply: PageReply | undefined): string => String(said(reply).authId);

  test('answers where AM has its login page, too', async () => {
    const answer = await get('/XUI/?realm=/&service=PushLogin');
    expect([answer.statusCode, answer.body]).toEqual([200, 'rendered']);
    for (const path of ['/XUI', '/XUI/index.html']) {
      const { statusCode, headers } = await get(`${path}?realm=/alpha&goto=%2Fa`);
      expect([statusCode, headers.location]).toEqual([302, '/am/XUI/?realm=/alpha&goto=%2Fa']);
    }
    const posted = await inject(server.assent, {
      method: 'POST',
      url: '/am/XUI/',
      headers: { host: 'localhost:18460', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(posted.statusCode).toBe(403);
  });

  test('sends what was rendered, as a page that nobody keeps and that may load from here alone (SEC-09, SEC-70)', async () => {
    draw = async () => ({ status: 404, html: '<h1>ü</h1>' });
    const answer = await get('/login', { 'accept-encoding': 'gzip, br' });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'no-store',
      vary: 'Accept-Encoding',
    });
    expect(gunzipSync(answer.rawPayload).toString()).toBe('<h1>ü</h1>');
    expect((await get('/login')).body).toBe('<h1>ü</h1>');
  });

  test('allows the one style sheet of this answer, and no other', async () => {
    const nonces: string[] = [];
    draw = async ({ nonce }) => {
      nonces.push(nonce);
      return {};
    };
    for (const at of [0, 1]) {
      const { headers } = await get('/login');
      expect(headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonces[at]}';`);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|script-src[^;]*nonce/);
    }
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  test.each([
    ['/login', 'same-origin'],
    ['/login?display=page', 'same-origin'],
    ['/login?display=popup', undefined],
  ])('%s keeps its opener where it stands in a popup (spec: oidc §1.6)', async (path, policy) => {
    expect((await get(path)).headers['cross-origin-opener-policy']).toBe(policy);
  });

  test('tells the page its address, its cookies, its languages and its phone', async () => {
    let told: LoginVisit | undefined;
    draw = async (visit) => {
      told = visit;
      return {};
    };
    await get('/login?realm=/&goto=x', { cookie: 'a=b', 'accept-language': 'de-CH, fr;q=0.5, *;q=0.1' });
    expect(told).toMatchObject({
      href: 'http://localhost:18460/am/login?realm=/&goto=x',
      cookies: 'a=b',
      languages: ['de-CH', 'fr'],
    });
  });

  test('sends a page that was opened by another name to the public one', async () => {
    const answer = await get('/login?service=Login', { host: '127.0.0.1:18460' });
    expect(answer.statusCode).toBe(307);
    expect(answer.headers.location).toBe('http://localhost:18460/am/login?service=Login');
  });

  describe('the first step', () => {
    test('is that of the journey which the call names, and is stored nowhere', async () => {
      const { reply } = await call('/authenticate?authIndexType=service&authIndexValue=Login');
      expect(said(reply)).toMatchObject({ callbacks: [{ type: 'NameCallback' }, { type: 'PasswordCallback' }] });
      // What is stored nowhere carries its start (spec: journeys-rest §1.3).
      const [, claims = ''] = authIdOf(reply).split('.');
      expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toHaveProperty('start');
    });

    test('belongs to the browser that has opened the page: another one cannot go on with it (SEC-42)', async () => {
      const { reply, cookies } = await call('/authenticate');
      const authId = authIdOf(reply);
      const [binding = ''] = cookies.map((cookie) => cookie.split(';')[0] ?? '');
      expect(binding).toMatch(/^jb=./);
      const goOn = (cookie: string) =>
        inject(server.assent, {
          method: 'POST',
          url: '/am/json/authenticate',
          headers: {
            host: 'localhost:18460',
            'content-type': 'application/json',
            'accept-api-version': 'resource=2.1',
            'sec-fetch-site': 'same-origin',
            cookie,
          },
          payload: JSON.stringify({ authId }),
        });
      expect((await goOn('jb=another')).statusCode).toBe(401);
      expect((await goOn(binding)).statusCode).toBe(200);
    });

    test('keeps the cookie that the browser has', async () => {
      expect((await call('/authenticate', { headers: { ...BROWSER, cookie: 'jb=known' } })).cookies).toEqual([]);
    });

    test('is bound to nothing where no browser asks', async () => {
      expect((await call('/authenticate', { headers: {} })).cookies).toEqual([]);
    });

    test.each([
      [
        'a tree that is not there',
        '/authenticate?authIndexType=service&authIndexValue=None',
        400,
        'No Configuration found',
      ],
      ['a realm that is not there', '/realms/none/authenticate', 400, 'Invalid realm, /none'],
      [
        'an index of a kind that we have not',
        '/authenticate?authIndexType=x&authIndexValue=y',
        400,
        'Unknown Authentication',
      ],
    ])('is an error for %s, as the API says it', async (_what, path, status, message) => {
      const { reply } = await call(path);
      expect(reply?.status).toBe(status);
      expect(said(reply).message).toContain(message);
      expect(reply?.headers['x-transaction-id']).toMatch(/./);
    });

    test.each([
      ['a link of a suspended journey', '/authenticate?suspendedId=abc'],
      ['the id of another journey', '/authenticate?authIndexType=transaction&authIndexValue=abc'],
    ])('is not shown to somebody who only looks with %s', async (_what, path) => {
      expect((await call(path)).reply).toBeUndefined();
    });

    test('starts no journey of administrators, whatever headers come with it', async () => {
      const { name, password } = TEST_ADMINISTRATOR;
      const headers = { ...BROWSER, 'x-openam-username': name, 'x-openam-password': password };
      const { reply, cookies } = await call('/authenticate', { headers });
      expect(said(reply)).toHaveProperty('callbacks');
      expect(cookies.filter((cookie) => cookie.startsWith('iPlanetDirectoryPro'))).toEqual([]);
    });

    test('is not needed by whoever is signed in, and tells the page no token', async () => {
      await server.createUser('/', 'ann', 'correct horse 7');
      const token = await signIn(restClient(server), '/', 'ann', 'correct horse 7');
      const cookie = `iPlanetDirectoryPro=${token}`;
      const { reply } = await call('/authenticate', { headers: { ...BROWSER, cookie } });
      expect(said(reply)).toMatchObject({ tokenId: '', successUrl: '/am/console' });
      const who = await call('/users?_action=idFromSession', { headers: { ...BROWSER, cookie } });
      expect(said(who.reply)).toMatchObject({ id: 'ann' });
    });

    test('keeps no session from idling out: a preview has no effect at all (A6)', async () => {
      await server.createUser('/', 'idle', 'correct horse 7');
      const token = await signIn(restClient(server), '/', 'idle', 'correct horse 7');
      const idlesOutAt = async () =>
        (await restClient(server)('POST', '/sessions?_action=getSessionInfo', { token })).body.maxIdleExpirationTime;
      const before = await idlesOutAt();
      server.clock.advance(10 * 60_000);
      const cookie = `iPlanetDirectoryPro=${token}`;
      for (const path of ['/authenticate', '/users?_action=idFromSession']) {
        const { reply } = await call(path, { headers: { ...BROWSER, cookie } });
        expect(reply?.status).toBe(200);
      }
      expect(await idlesOutAt()).toBe(before);
    });
  });

  describe('how the realm looks', () => {
    const look = async (realm: string) => {
      let told: unknown;
      draw = async ({ appearanceOf }) => {
        told = appearanceOf(realm);
        return {};
      };
      await get('/login');
      return told as { readonly logo?: { readonly src: string } };
    };
    const brand = async (body: Readonly<Record<string, string>>) => {
      const rest = restClient(server);
      const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
      const path = '/realms/root/realm-config/services/assent';
      expect((await rest('PUT', path, { token, body })).status).toBeLessThan(300);
    };

    test('is ours where nothing is set, and for a realm that is not there', async () => {
      expect(await look('/')).toEqual({ locale: 'en' });
      expect(await look('/none')).toEqual({ locale: 'en', name: 'Assent' });
      expect((await get('/login/logo')).statusCode).toBe(404);
    });

    test('comes with the address of the logo, which is cached for as long as it is this one', async () => {
      await brand({ brandName: 'Acme', brandColor: '#c0ffee', brandLogo: LOGO });
      const { logo, ...others } = await look('/');
      expect(others).toEqual({ locale: 'en', name: 'Acme', colour: '#c0ffee' });
      expect(logo).toMatchObject({ width: 96, height: 32 });
      const picture = await get(`/${logo?.src}`);
      expect(picture.headers).toMatchObject({
        'content-type': 'image/png',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      });
      expect(`data:image/png;base64,${picture.rawPayload.toString('base64')}`).toBe(LOGO);
      expect((await get('/login/logo?v=older')).headers['cache-control']).toBe('no-store');
    });
  });

  describe('a form', () => {
    const OWN = { origin: 'http://localhost:18460', 'sec-fetch-site': 'same-origin' };
    const FORM = 'application/x-www-form-urlencoded';
    const post = (
      payload: string,
      headers: Readonly<Record<string, string>> = OWN,
      type: string = FORM,
    ): ReturnType<typeof inject> =>
      inject(server.assent, {
        method: 'POST',
        url: '/am/login',
        headers: { host: 'localhost:18460', 'content-type': type, ...headers },
        payload,
      });

    test('of our own page is handed over, and its answer is kept by nobody', async () => {
      let form: LoginVisit['form'];
      draw = async (visit) => {
        form = visit.form;
        return { cookies: ['assent-locale=de'] };
      };
      const answer = await post('step=%7B%7D&answer-0=a+b%26c&__proto__=x');
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'set-cookie': ['assent-locale=de'] });
      expect(Object.entries(form ?? {})).toEqual([
        ['step', '{}'],
        ['answer-0', 'a b&c'],
        ['__proto__', 'x'],
      ]);
    });

    // Our pages tell nobody where they are from, so their forms say `null`.
    test.each([
      [{ origin: 'null', 'sec-fetch-site': 'same-origin' }, 200],
      [{ 'sec-fetch-site': 'same-origin' }, 200],
      [{ origin: 'http://localhost:18460' }, 200],
      [{ origin: 'null' }, 403],
      [{}, 403],
      [{ origin: 'https://evil.example' }, 403],
      [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, 403],
      [{ origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
      [{ origin: 'http://localhost:18460', 'sec-fetch-site': 'same-site' }, 403],
    ])('with %j is answered with %i', async (headers, status) => {
      const rendered: string[] = [];
      draw = async () => {
        rendered.push('rendered');
        return {};
      };
      expect((await post('press=over', headers as Readonly<Record<string, string>>)).statusCode).toBe(status);
      expect(rendered).toHaveLength(status === 200 ? 1 : 0);
    });

    test.each([
      ['is there twice', 'press=over&press=over', 400, 'The field press is there twice; send it once.'],
      ['has too many fields', Array.from({ length: 201 }, (_, at) => `f${at}=`).join('&'), 400, 'more than 200 fields'],
      ['is too large', `step=${'a'.repeat(70_000)}`, 413, 'The body is larger than 65536 bytes.'],
    ])('that %s is refused by name', async (_what, payload, status, message) => {
      const answer = await post(payload);
      expect(answer.statusCode).toBe(status);
      expect(answer.json().message).toContain(message);
    });

    test.each([
      ['text/plain', 'press=over'],
      ['application/json', '{"press":"over"}'],
      ['multipart/form-data; boundary=x', '--x--'],
    ])('sent as %s is refused', async (type, payload) => {
      const answer = await post(payload, OWN, type);
      expect(answer.statusCode).toBe(415);
      expect(answer.json().message).toContain(FORM);
    });

    test('that is none of ours is refused in the words of the page', async () => {
      draw = async () => ({ status: 400, refusal: 'The field step is missing.' });
      const answer = await post('a=b');
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 400, message: 'The field step is missing.' });
    });

    test('may change something: its call starts what a preview would not', async () => {
      const replies: (PageReply | undefined)[] = [];
      draw = async (visit) => {
        const path = '/realms/root/authenticate?suspendedId=abc';
        replies.push(await visit.call({ url: `http://localhost:18460/am/json${path}`, body: '{}' }));
        return {};
      };
      await post('press=over');
      expect(replies[0]?.status).toBe(401);
      expect(said(replies[0]).message).toContain('SuspendedAuthSessionException');
    });

    test('of another browser does not go on with a step (SEC-42)', async () => {
      const { reply, cookies } = await call('/authenticate');
      const [binding = ''] = cookies.map((cookie) => cookie.split(';')[0] ?? '');
      const replies: (PageReply | undefined)[] = [];
      draw = async (visit) => {
        const body = JSON.stringify({ authId: authIdOf(reply) });
        replies.push(await visit.call({ url: 'http://localhost:18460/am/json/realms/root/authenticate', body }));
        return {};
      };
      await post('step=x', { ...OWN, cookie: 'jb=another' });
      await post('step=x', { ...OWN, cookie: binding });
      expect(replies.map((it) => it?.status)).toEqual([401, 200]);
    });
  });
});
