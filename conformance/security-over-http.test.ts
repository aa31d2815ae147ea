import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Phone } from './support/phone.ts';
import { rawBytes, rawRequest } from './support/raw-request.ts';
import {
  DEVICE_PROFILE,
  filled,
  hiddenValue,
  OPTION,
  outputOf,
  type RestAnswer,
  type RestCallback,
  RestClient,
  send,
  setupCode,
} from './support/rest-client.ts';
import { assent, type ServerProcess, startServerProcess } from './support/server-process.ts';
import { sendByFetch } from './support/wire.ts';

// Attacks of spec/security-reliability §3 that need nothing but HTTP; each test names its cases.

/** Easy to find again in the log, whose every line is searched at the end. */
const PASSWORD = 'Canary-Password-7f3a';
const WRONG = 'Canary-Wrong-Password-91be';
const secrets = new Set<string>([PASSWORD, WRONG]);
const keep = (secret: string): string => {
  if (secret.length >= 6) secrets.add(secret);
  return secret;
};

let server: ServerProcess;
let client: RestClient;
let phone: Phone;
/** Sessions of `ada`: by password alone, and by password and phone. */
let passwordOnly: string;
let withPhone: string;
let codes: readonly string[];

const EXPIRED = { code: 401, reason: 'Unauthorized', message: 'Session has timed out', detail: { errorCode: '110' } };
const refusal = (code: number, reason: string, message: string) => ({ code, reason, message });
const COUNT = refusal(400, 'Bad Request', 'Incorrect number of callbacks found in JSON response');
const TYPE = refusal(400, 'Bad Request', 'Required callback not found in JSON response');
const UNSIGNED = refusal(400, 'Bad Request', 'AuthId JWT Signature not valid');

const login = async (user: string, tree = 'Login', password = PASSWORD): Promise<RestAnswer> =>
  client.submit(await client.start(tree), { 0: user, 1: password });
const expectSession = (answer: RestAnswer): string => {
  expect(answer.status).toBe(200);
  return keep(answer.tokenId ?? '');
};

beforeAll(async () => {
  server = await startServerProcess({
    args: ['--log-level', 'trace'],
    env: { ASSENT_CORS_ORIGINS: 'https://good.example' },
  });
  client = new RestClient(server.am);
  await server.stop();
  await assent(['realm', 'create', '/alpha', '--data-dir', server.dataDir]);
  for (const user of ['ada', 'bob']) {
    await assent(['user', 'create', user, '--data-dir', server.dataDir, '--password-stdin'], { stdin: PASSWORD });
  }
  await server.start();

  phone = new Phone({ send: sendByFetch, now: Date.now });
  const setup = await client.chooseRegister(await client.passPassword('ada', PASSWORD));
  const uri = keep(setupCode(setup));
  keep(new URL(uri).searchParams.get('s') ?? '');
  await phone.register(uri);
  const shown = await client.submit(setup);
  codes = String(outputOf(shown.callbacks[0], 'message')).match(/\b[0-9A-HJKMNP-TV-Z]{16}\b/g) ?? [];
  for (const code of codes) keep(code);
  const wait = await client.submit(shown);
  await phone.approve(await phone.request(), keep(hiddenValue(wait, 'pushChallengeNumber')));
  withPhone = expectSession(await client.submit(wait));
  passwordOnly = expectSession(await login('ada'));
});
afterAll(() => server.close());

describe('an authId', () => {
  const flipLast = (text: string): string => `${text.slice(0, -5)}${text.at(-5) === 'A' ? 'B' : 'A'}${text.slice(-4)}`;
  const parts = (authId: string): readonly string[] => authId.split('.');

  test('that was changed is refused, and the true one goes on (A070)', async () => {
    const step = await client.start('Login');
    const other = await client.start('Login');
    const [header, payload, signature] = parts(keep(step.authId ?? ''));
    const none = Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url');
    const forged = [
      flipLast(step.authId ?? ''),
      `${header}.${parts(other.authId ?? '')[1]}.${signature}`,
      `${none}.${payload}.${signature}`,
    ];
    for (const authId of forged) {
      const answer = await send(client.authenticateUrl(), { ...filled(step), authId });
      expect([answer.status, answer.body]).toEqual([400, UNSIGNED]);
    }
    for (const authId of [`${none}.${payload}.`, 'x', 'a.b', 'a.b.c.d', '..']) {
      const answer = await send(client.authenticateUrl(), { ...filled(step), authId });
      expect([authId, answer.status]).toEqual([authId, 400]);
      expect(answer.body.message).toMatch(/^Failed to parse JWT, |^AuthId JWT Signature not valid$/);
    }
    expectSession(await client.submit(step, { 0: 'ada', 1: PASSWORD }));
  });

  test('of another kind of token is none (A075)', async () => {
    const step = await client.start('Login');
    for (const authId of [withPhone, 'AUTHENTICATE:0f6a1c52-7f0e-4b0b-9f2d-0000000000001', 'REGISTER:x']) {
      const answer = await send(client.authenticateUrl(), { ...filled(step), authId });
      expect(answer.status).toBe(400);
    }
    expect((await client.session('validate', step.authId ?? '')).body).toEqual({ valid: false });
  });

  test.each([
    ['an array', ['x'], 400],
    ['a number', 7, 400],
    ['null, with callbacks', null, 400],
    ['too long', 'x'.repeat(9_000), 400],
    ['of a mebibyte', 'x'.repeat(1_048_576), 413],
  ])('%s is refused (A096)', async (_, authId, status) => {
    const step = await client.start('Login');
    const answer = await send(client.authenticateUrl(), { ...filled(step), authId });
    expect([answer.status, answer.body.code]).toEqual([status, status]);
  });

  test('two steps old has timed out, and the current step is unharmed (A069)', async () => {
    const first = await client.start('PushLogin');
    const profile = await client.submit(first, { 0: 'bob', 1: PASSWORD });
    const options = await client.submit(profile, { 0: DEVICE_PROFILE });
    for (const answer of [
      await client.submit(first, { 0: 'bob', 1: PASSWORD }),
      await client.submit(first, { 0: 'bob', 1: WRONG }),
    ]) {
      expect([answer.status, answer.body]).toEqual([401, EXPIRED]);
    }
    expect((await client.submit(options, { 1: OPTION.skip })).status).toBe(200);
  });

  test('of another realm has timed out, and goes on in its own (A072)', async () => {
    const step = await client.start('Login');
    const body = filled(step, { 0: 'ada', 1: PASSWORD });
    const abroad = await send(`${server.am}/json/realms/root/realms/alpha/authenticate`, body);
    expect([abroad.status, abroad.body]).toEqual([401, EXPIRED]);
    expectSession(await send(client.authenticateUrl(), body));
  });

  test('says which tree runs, whatever the query says (A071 as design.md §3.3 rules)', async () => {
    const step = await client.start('Login');
    const answer = await send(client.authenticateUrl('PushLogin'), filled(step, { 0: 'ada', 1: PASSWORD }));
    expectSession(answer);
  });

  test('belongs to the browser that began (A073, A147)', async () => {
    const ours = { 'sec-fetch-site': 'same-origin', origin: server.origin };
    const step = await send(client.authenticateUrl('Login'), {}, ours);
    const [cookie = ''] = (step.headers.get('set-cookie') ?? '').split(';');
    expect(cookie).toMatch(/^jb=[\w-]{22}$/);
    expect(step.headers.get('set-cookie')).toMatch(/HttpOnly/);
    const body = filled(step, { 0: 'ada', 1: PASSWORD });
    const elsewhere = await send(client.authenticateUrl(), body, { ...ours, cookie: 'jb=AAAAAAAAAAAAAAAAAAAAAA' });
    expect([elsewhere.status, elsewhere.body]).toEqual([401, EXPIRED]);
    const without = await send(client.authenticateUrl(), body, ours);
    expect([without.status, without.body]).toEqual([401, EXPIRED]);
    expectSession(await send(client.authenticateUrl(), body, { ...ours, cookie }));
  });

  test('is over with its journey, after success and after failure (A074, A087)', async () => {
    for (const password of [PASSWORD, WRONG]) {
      const step = await client.start('Login');
      await client.submit(step, { 0: 'ada', 1: password });
      const replayed = await client.submit(step, { 0: 'ada', 1: PASSWORD });
      expect([replayed.status, replayed.body]).toEqual([401, EXPIRED]);
    }
  });

  test('answers an identical retry alike, and refuses another answer (A099, A100)', async () => {
    const first = await client.start('PushLogin');
    const profile = await client.submit(first, { 0: 'bob', 1: PASSWORD });
    const again = await client.submit(first, { 0: 'bob', 1: PASSWORD });
    expect(again.body).toEqual(profile.body);
    const other = await client.submit(first, { 0: 'ada', 1: PASSWORD });
    expect([other.status, other.body]).toEqual([401, EXPIRED]);
    expect((await client.submit(profile, { 0: DEVICE_PROFILE })).status).toBe(200);
  });

  test('submitted twenty times at once makes one session (A102)', async () => {
    const step = await client.start('Login');
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.submit(step, { 0: 'ada', 1: PASSWORD })));
    expect(new Set(answers.map(({ tokenId }) => tokenId).filter((it) => it !== undefined)).size).toBe(1);
    for (const answer of answers) {
      if (answer.tokenId === undefined) expect([answer.status, answer.body]).toEqual([401, EXPIRED]);
      else keep(answer.tokenId);
    }
  });
});

describe('callbacks', () => {
  const withCallbacks = (step: RestAnswer, callbacks: unknown) => ({ authId: step.authId, callbacks });
  const first = (callbacks: readonly RestCallback[]): RestCallback => {
    const [callback] = callbacks;
    if (callback === undefined) throw new Error('The step has no callback.');
    return callback;
  };

  test.each<[string, (callbacks: readonly RestCallback[]) => unknown, object]>([
    ['none', () => [], COUNT],
    ['one less', (callbacks) => callbacks.slice(0, 1), COUNT],
    ['one more', (callbacks) => [...callbacks, first(callbacks)], COUNT],
    ['in another order', (callbacks) => callbacks.toReversed(), TYPE],
    ['twice the same', (callbacks) => [first(callbacks), first(callbacks)], TYPE],
    [
      'of another type',
      (callbacks) => [{ ...first(callbacks), type: 'ConfirmationCallback' }, ...callbacks.slice(1)],
      TYPE,
    ],
    ['of no type', (callbacks) => [{ ...first(callbacks), type: 'java.lang.Runtime' }, ...callbacks.slice(1)], TYPE],
  ])('%s are refused, and the step is still there (A076, A077, A086)', async (_, change, body) => {
    const step = await client.start('Login');
    const filledIn = filled(step, { 0: 'ada', 1: PASSWORD });
    const answer = await send(client.authenticateUrl(), withCallbacks(step, change(filledIn.callbacks)));
    expect([answer.status, answer.body]).toEqual([400, body]);
    expectSession(await client.submit(step, { 0: 'ada', 1: PASSWORD }));
  });

  test('that are missing send the same step again (A083, A084)', async () => {
    const wait = await client.passPassword('ada', PASSWORD);
    keep(hiddenValue(wait, 'pushChallengeNumber'));
    for (let times = 0; times < 3; times += 1) {
      const again = await send(client.authenticateUrl(), { authId: wait.authId });
      expect([again.status, again.body]).toEqual([200, wait.body]);
    }
    for (const body of ['[]', '7', '"x"', 'true']) {
      expect((await send(client.authenticateUrl(), body)).status).toBe(400);
    }
  });

  test('with changed outputs change nothing (A078, A082)', async () => {
    const wait = await client.passPassword('ada', PASSWORD);
    keep(hiddenValue(wait, 'pushChallengeNumber'));
    const changed = filled(wait).callbacks.map((callback) => ({
      ...callback,
      output: callback.output.map((entry) => ({ ...entry, value: '0' })),
    }));
    const answer = await send(client.authenticateUrl(), withCallbacks(wait, changed));
    expect([answer.status, answer.body]).toEqual([200, wait.body]);
    const at = wait.callbacks.findIndex(({ type }) => type === 'HiddenValueCallback');
    const forged = await client.submit(wait, { [at]: '000000' });
    expect([forged.status, forged.body]).toEqual([200, wait.body]);
  });

  test.each([100, -1, 1, 2 ** 31, 1e300, '99'])('option %s leaves no wait (A081)', async (option) => {
    const wait = await client.passPassword('ada', PASSWORD);
    keep(hiddenValue(wait, 'pushChallengeNumber'));
    const exit = wait.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
    const answer = await client.submit(wait, { [exit]: option });
    if (answer.status === 200) expect(answer.body).toEqual(wait.body);
    else
      expect([answer.status, answer.body.message]).toEqual([
        400,
        'The value of callback 3 (ConfirmationCallback) is not valid',
      ]);
    expect((await client.submit(wait, { [exit]: 0 })).callbacks[0]?.type).toBe('NameCallback');
  });

  test.each([-1, 4, 999, 1.5, 'x', null, [], {}])('option %j is none of the four (A080)', async (option) => {
    const options = await client.passPassword('bob', PASSWORD);
    const answer = await client.submit(options, { 1: option });
    expect([answer.status, answer.body.message]).toEqual([
      400,
      'The value of callback 2 (ConfirmationCallback) is not valid',
    ]);
  });

  test('that carry more than was asked for carry nothing (A079)', async () => {
    const step = await client.start('Login');
    const [name, password] = filled(step, { 0: 'ada', 1: PASSWORD }).callbacks;
    const extra = Array.from({ length: 99 }, (_, at) => ({ name: `IDToken${at + 3}`, value: 'x' }));
    const answer = await send(
      client.authenticateUrl(),
      withCallbacks(step, [{ ...name, input: [...(name?.input ?? []), ...extra] }, password]),
    );
    expectSession(answer);
  });
});

describe('the start of a journey', () => {
  test.each([
    ['authIndexType=module&authIndexValue=x', 'Unknown Authentication Index Type'],
    ['authIndexType=user&authIndexValue=demo', 'Unknown Authentication Index Type'],
    ['authIndexType=composite_advice&authIndexValue=%3CAdvices%2F%3E', 'Unknown Authentication Index Type'],
    ['authIndexType=service&authIndexValue=NoSuchTree', 'No Configuration found'],
    ['authIndexType=service&authIndexValue=../Login', 'No Configuration found'],
    ['authIndexType=service&authIndexValue=%252e%252e', 'No Configuration found'],
    ['authIndexType=service&authIndexValue=__proto__', 'No Configuration found'],
    ['realm=/nowhere', 'Invalid realm, /nowhere'],
  ])('%s is refused (A088)', async (query, message) => {
    const answer = await send(`${server.am}/json/realms/root/authenticate?${query}`);
    expect([answer.status, answer.body]).toEqual([400, refusal(400, 'Bad Request', message)]);
  });

  test('pays no heed to headers with a password (A090)', async () => {
    const headers = { 'x-openam-username': 'ada', 'x-openam-password': PASSWORD };
    for (const tree of [undefined, 'Login', 'PushLogin']) {
      const answer = await send(client.authenticateUrl(tree), {}, headers);
      expect(answer.callbacks.map(({ type }) => type)).toEqual(['NameCallback', 'PasswordCallback']);
    }
  });

  test('without a session makes none (A091)', async () => {
    const step = await send(`${client.authenticateUrl('Login')}&noSession=true`);
    const answer = await client.submit(step, { 0: 'ada', 1: PASSWORD });
    expect([answer.status, Object.keys(answer.body).sort()]).toEqual([200, ['realm', 'successUrl']]);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('gives a new session, whatever cookie came along (A143)', async () => {
    const cookie = 'iPlanetDirectoryPro=fixed-by-somebody-else';
    const step = await send(client.authenticateUrl('Login'), {}, { cookie });
    const answer = await send(client.authenticateUrl(), filled(step, { 0: 'ada', 1: PASSWORD }), { cookie });
    const token = expectSession(answer);
    expect(answer.headers.get('set-cookie')).toMatch(`iPlanetDirectoryPro=${token}; Path=/; HttpOnly; SameSite=Lax`);
    expect(token).toMatch(/^[\w.*-]{32,}$/);
  });

  test.each([
    '//evil.example',
    '\\\\evil.example',
    'https:evil.example',
    'https://localhost@evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '/ok%0d%0aSet-Cookie: a=b',
    '/ok\r\nSet-Cookie: a=b',
    'https://localhost.evil.example',
    '/%5cevil.example',
    '/\\evil.example',
    '/\tx//evil.example',
  ])('with goto %j leads to the usual page (A144)', async (goto) => {
    const step = await send(`${client.authenticateUrl('Login')}&goto=${encodeURIComponent(goto)}`);
    const answer = await client.submit(step, { 0: 'ada', 1: PASSWORD });
    expectSession(answer);
    if (answer.body.successUrl === '/am/console') return;
    // What was let through has to stay on this server, and must not end the header or the line it is put into.
    const url = new URL(String(answer.body.successUrl), `${server.origin}/am/login`);
    expect(url.origin).toBe(server.origin);
    expect(String(answer.body.successUrl)).not.toMatch(/[\r\n\t\\]/);
    expect(answer.headers.get('set-cookie')).not.toMatch(/a=b/);
  });
});

test('nobody learns from an answer whether a user exists (I7)', async () => {
  const answers = await Promise.all(
    ['ada', 'bob', 'nobody-here', 'amadmin', 'x'.repeat(300)].map(async (user) => {
      const step = await client.start('PushLogin');
      const answer = await client.submit(step, { 0: user, 1: WRONG });
      return { status: answer.status, body: answer.body, headers: [...answer.headers.keys()].sort() };
    }),
  );
  const [known, ...others] = answers;
  expect(known?.body).toEqual({
    ...refusal(401, 'Unauthorized', 'Login failure'),
    detail: { failureUrl: '' },
  });
  for (const other of others) expect(other).toEqual(known);
});

describe('devices', () => {
  const devices = (user: string, rest = '', method = 'GET', token = withPhone, body?: unknown) =>
    send(
      `${server.am}/json/realms/root/users/${user}/devices/2fa/push${rest}`,
      body,
      { iplanetdirectorypro: token },
      method,
    );
  const ownId = async (): Promise<string> => {
    const { body } = await devices('ada', '?_queryFilter=true');
    return String((body.result as readonly { readonly _id: string }[])[0]?._id);
  };

  test('are shown to nobody without a session', async () => {
    const answer = await devices('ada', '?_queryFilter=true', 'GET', 'no-such-token');
    expect([answer.status, answer.body]).toEqual([401, refusal(401, 'Unauthorized', 'Access Denied')]);
  });

  test.each(['bob', 'nobody-here', 'ada%00', 'amadmin'])('of %s are not for ada (A125)', async (user) => {
    const id = await ownId();
    for (const [rest, method] of [
      ['?_queryFilter=true', 'GET'],
      [`/${id}`, 'DELETE'],
      ['/00000000-0000-0000-0000-000000000000', 'DELETE'],
      [`/${id}`, 'PUT'],
      ['?_action=reset', 'POST'],
    ] as const) {
      const answer = await devices(user, rest, method, withPhone, {});
      expect([403, 404]).toContain(answer.status);
      if (!user.includes('%')) {
        expect([answer.status, answer.body]).toEqual([403, refusal(403, 'Forbidden', 'User is not authorized')]);
      }
    }
    expect((await devices('ada', '?_queryFilter=true')).body.resultCount).toBe(1);
  });

  test.each(['/ada/../bob', '/ada%2f..%2fbob', '/ada/./../bob', '/ada;x=1'])(
    'are not reached by %s (A125)',
    async (path) => {
      const answer = await rawRequest(
        server.origin,
        `/am/json/realms/root/users${path}/devices/2fa/push?_queryFilter=true`,
        {
          method: 'GET',
          headers: { iplanetdirectorypro: withPhone },
        },
      );
      expect(answer.status).toBe(404);
    },
  );

  test.each([
    '?_queryFilter=true',
    '?_queryFilter=true&_fields=sharedSecret,recoveryCodes,communicationId',
    '?_queryFilter=sharedSecret%20sw%20%22a%22',
    '?_queryFilter=true&_pageSize=1000000000&_sortKeys=__proto__',
    `?_queryFilter=${'('.repeat(3000)}`,
  ])('show no secret, whatever is asked: %.60s (A126, A129)', async (query) => {
    const { text, status } = await devices('ada', query);
    expect([200, 400, 414, 431]).toContain(status);
    expect(text).not.toMatch(/secret|recoveryCodes|token-|challenge|communicationId|x_key/i);
  });

  test('are not changed by a password alone (A127)', async () => {
    const id = await ownId();
    for (const [rest, method] of [
      [`/${id}`, 'DELETE'],
      [`/${id}`, 'PUT'],
      ['?_action=reset', 'POST'],
    ] as const) {
      const answer = await devices('ada', rest, method, passwordOnly, { deviceName: 'mine' });
      expect([answer.status, answer.body.reason]).toEqual([403, 'Forbidden']);
      expect(answer.body.message).toMatch(/phone or a recovery code/);
    }
    const skip = await devices('ada', '?_action=skip', 'POST', passwordOnly, { value: true });
    expect(skip.status).toBe(403);
    expect(await ownId()).toBe(id);
  });

  test('change their name, and nothing else (A128)', async () => {
    const id = await ownId();
    const answer = await devices('ada', `/${id}`, 'PUT', withPhone, {
      deviceName: 'Pocket <b>',
      uuid: '00000000-0000-0000-0000-000000000000',
      sharedSecret: 'x',
      status: 'off',
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ _id: id, uuid: id, deviceName: 'Pocket <b>' });
    expect(answer.body).not.toHaveProperty('status');
  });

  test('are not reset by a form of another site (A130)', async () => {
    const reset = (headers: Readonly<Record<string, string>>) =>
      rawRequest(server.origin, '/am/json/realms/root/users/ada/devices/2fa/push?_action=reset', {
        headers: { cookie: `iPlanetDirectoryPro=${withPhone}`, ...headers },
        body: '{}',
      });
    expect((await reset({ 'content-type': 'text/plain' })).status).toBe(415);
    expect((await reset({ 'content-type': 'application/json' })).status).toBe(403);
    const marked = { 'content-type': 'application/json', 'x-requested-with': 'x' };
    expect((await reset({ ...marked, origin: 'https://evil.example' })).status).toBe(403);
    expect((await reset({ ...marked, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await devices('ada', '?_queryFilter=true')).body.resultCount).toBe(1);
  });
});

describe('sessions', () => {
  const sessions = (query: string, headers: Readonly<Record<string, string>> = {}, body: unknown = {}) =>
    send(`${server.am}/json/realms/root/sessions${query}`, body, headers);

  test.each([
    ['cut', (token: string) => token.slice(0, -1)],
    ['changed', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['lengthened', (token: string) => `${token}A`],
    ['of wild characters', () => '*'],
  ])('a token that was %s is none (A149)', async (_, change) => {
    const tokenId = change(passwordOnly);
    expect((await sessions('?_action=validate', {}, { tokenId })).body).toEqual({ valid: false });
    const info = await sessions('?_action=getSessionInfo', {}, { tokenId });
    expect([info.status, info.body]).toEqual([401, refusal(401, 'Unauthorized', 'Access Denied')]);
  });

  test('a token of the root realm tells nothing in another realm (A149)', async () => {
    const answer = await send(`${server.am}/json/realms/root/realms/alpha/sessions?_action=validate`, {
      tokenId: passwordOnly,
    });
    expect(answer.body).toEqual({ valid: false });
  });

  test('a token that was signed out is none (A149)', async () => {
    const tokenId = expectSession(await login('bob'));
    const out = await sessions('?_action=logout', {}, { tokenId });
    expect(out.body).toEqual({ result: 'Successfully logged out' });
    expect(out.headers.get('set-cookie')).toMatch(/^iPlanetDirectoryPro=; Max-Age=0;/);
    expect((await sessions('?_action=validate', {}, { tokenId })).body).toEqual({ valid: false });
    expect((await sessions('?_action=logout', {}, { tokenId })).body).toEqual({ result: 'Token has expired' });
  });

  test('a token is read from body, header and cookie, and from nowhere else (A148)', async () => {
    const missing = refusal(400, 'Bad Request', 'iPlanetDirectoryCookie not set on request');
    expect((await sessions('?_action=validate', { iplanetdirectorypro: passwordOnly })).body.valid).toBe(true);
    expect((await sessions('?_action=validate', { cookie: `iPlanetDirectoryPro=${passwordOnly}` })).body.valid).toBe(
      true,
    );
    for (const headers of [
      {},
      { cookie: `other=${passwordOnly}` },
      { cookie: `iPlanetDirectoryPro=${passwordOnly}; iPlanetDirectoryPro=${withPhone}` },
      { referer: `http://localhost/?tokenId=${passwordOnly}` },
    ]) {
      const answer = await sessions(`?_action=validate&tokenId=${passwordOnly}`, headers);
      expect([answer.status, answer.body]).toEqual([400, missing]);
    }
  });
});

describe('other sites', () => {
  const forged = (headers: Readonly<Record<string, string>>) =>
    rawRequest(server.origin, '/am/json/realms/root/sessions?_action=logout', {
      headers: { cookie: `iPlanetDirectoryPro=${passwordOnly}`, ...headers },
      body: '{}',
    });

  test('cannot send a form with the cookie (A146)', async () => {
    expect((await forged({ 'content-type': 'text/plain' })).status).toBe(415);
    expect((await forged({ 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await forged({ 'content-type': 'application/json' })).status).toBe(403);
    expect((await client.session('validate', passwordOnly)).body.valid).toBe(true);
  });

  test.each([
    'null',
    'https://evil.example',
    'https://good.example.evil.example',
    'https://xgood.example',
    'http://good.example',
    'https://good.example:444',
    'https://GOOD.example',
    'https://goodxexample',
  ])('%s is not the listed origin (A145)', async (origin) => {
    const marked = { 'content-type': 'application/json', 'x-requested-with': 'x', origin };
    const { status, headers } = await forged(marked);
    expect([status, headers['access-control-allow-origin'], headers.vary]).toEqual([403, undefined, 'Origin']);
    expect((await client.session('validate', passwordOnly)).body.valid).toBe(true);
  });

  test('the listed origin is named back, with credentials (A145)', async () => {
    const answer = await send(client.authenticateUrl('Login'), {}, { origin: 'https://good.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://good.example');
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  test('a realm of its own does not share the list of the root realm', async () => {
    const answer = await send(
      `${server.am}/json/realms/root/realms/alpha/authenticate`,
      {},
      { origin: 'https://good.example' },
    );
    expect(answer.status).toBe(403);
  });
});

describe('what cannot be read', () => {
  const post = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
    rawRequest(server.origin, '/am/json/realms/root/authenticate', {
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  test.each([
    ['no JSON', '{', 400],
    ['JSON with a comment', '{/* */}', 400],
    ['something behind it', '{} x', 400],
    ['a mark of byte order', '\ufeff{} x', 400],
    ['a name that reaches prototypes', '{"__proto__":{"isAdmin":true}}', 400],
    ['another such name', '{"constructor":{"prototype":{"isAdmin":true}}}', 400],
    ['a name twice', '{"authId":"a","authId":"b"}', 400],
    ['depth', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 400],
    ['great depth', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 400],
    ['many names', JSON.stringify(Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`n${at}`, 1]))), 400],
    ['a long body', `"${'x'.repeat(70_000)}"`, 413],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400],
  ])('%s is refused (A151, A152)', async (_, body, status) => {
    const answer = await post(body);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, status]);
    expect(answer.text).not.toMatch(/at (?:Object|JSON|file|node)|node_modules|fastify|Unexpected token/i);
  });

  test.each([
    'application/json garbage',
    'application/json;charset=utf-7',
    'application/json; charset=utf-16',
    'text/json',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'text/plain',
  ])('a body that calls itself %s is refused (A153)', async (type) => {
    expect((await post('{}', { 'content-type': type })).status).toBe(415);
  });

  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json;charset=utf-8',
    'application/json; charset="UTF-8"',
  ])('a body that calls itself %s is read', async (type) => {
    expect((await post('{}', { 'content-type': type })).status).toBe(200);
  });

  test.each([
    '/am/json/realms/root/..;/authenticate',
    '/am/json/realms/root/%2e%2e/authenticate',
    '/am/json//realms//root//authenticate',
    '/am/json/realms/root/authenticate;x=1',
    '/am/json/realms/root/authenticate%00',
    '/am/json/realms\\root\\authenticate',
    '/am/json/realms/root/%c0%ae/authenticate',
    '/am/json/realms/root/%252e%252e/authenticate',
    '/AM/JSON/realms/root/authenticate',
    '/am/JSON/realms/root/authenticate',
    '/am/json/realms/other/authenticate',
    '/am/assets/../login.html',
    '/am/assets/..%2flogin.html',
  ])('the path %s leads nowhere (A155)', async (path) => {
    const answer = await rawRequest(server.origin, path, {
      method: path.includes('assets') ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      ...(!path.includes('assets') && { body: '{}' }),
    });
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain('authId');
  });

  test.each<[string, string, RegExp]>([
    [
      'two lengths',
      'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    ['a header of 100 KiB', `X-Long: ${'x'.repeat(102_400)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['a chunk of no size', 'Transfer-Encoding: chunked\r\n\r\nxyz\r\n', /^HTTP\/1\.1 400 /],
  ])('%s ends the connection (A154)', async (_, rest, status) => {
    const { host } = new URL(server.origin);
    const answer = await rawBytes(
      server.origin,
      `POST /am/json/realms/root/authenticate HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${rest}`,
    );
    expect(answer).toMatch(status);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  test('another host name is refused, and changes no address in a setup code (A062)', async () => {
    const elsewhere = await rawRequest(server.origin, '/am/json/realms/root/authenticate', {
      headers: { host: 'evil.example', 'content-type': 'application/json' },
      body: '{}',
    });
    expect(elsewhere.status).toBe(400);
    const options = await client.passPassword('bob', PASSWORD);
    const at = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', 'x-forwarded-proto': 'https' };
    const setup = await send(client.authenticateUrl(), filled(options, { 1: OPTION.register }), at);
    const uri = new URL(keep(setupCode(setup)));
    for (const name of ['r', 'a']) {
      const address = Buffer.from(uri.searchParams.get(name) ?? '', 'base64url').toString();
      expect(address.startsWith(`${server.am}/json/`)).toBe(true);
    }
  });
});

test('every JSON answer carries the headers of the contract', async () => {
  const answers = [
    await client.start('Login'),
    await login('ada', 'Login', WRONG),
    await send(`${server.am}/json/nowhere`),
  ];
  for (const { headers } of answers) {
    expect(headers.get('cache-control')).toMatch(/no-store/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('x-transaction-id')).toMatch(/^[\w/.-]{1,64}$/);
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
  }
});

// Last, so that it sees what all the others have left behind.
describe('the log', () => {
  const lines = (): readonly string[] =>
    server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'));

  test('has one JSON object a line, whatever a client puts into names (A156)', async () => {
    const user = 'eve\r\n{"level":60,"msg":"forged"}\u001b[31m\u202e';
    await client.submit(await client.start('Login'), { 0: user, 1: WRONG });
    await send(client.authenticateUrl(), {}, { 'x-forgerock-transactionid': 'ok-transaction-1' });
    expect(lines().length).toBeGreaterThan(0);
    for (const line of lines()) {
      const entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
      expect(entry.msg).not.toBe('forged');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
      expect(line).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/);
    }
  });

  test('tells the cause of a refusal with its transaction id', async () => {
    const answer = await send(
      client.authenticateUrl('NoSuchTree'),
      {},
      { 'x-forgerock-transactionid': 'conformance-42' },
    );
    expect(answer.headers.get('x-transaction-id')).toBe('conformance-42');
    await expect.poll(() => lines().some((line) => line.includes('"transactionId":"conformance-42"'))).toBe(true);
  });

  test('holds no password, code, token, number or key of all that this file has used (I5)', async () => {
    expect(codes).toHaveLength(10);
    const used = [...secrets];
    expect(used.length).toBeGreaterThan(30);
    const log = lines().join('\n');
    expect(used.filter((secret) => log.includes(secret))).toEqual([]);
  });
});
