import { describe, expect, test } from 'vitest';
import {
  DEVICE_PROFILE,
  filled,
  hiddenValue,
  OPTION,
  type RestAnswer,
  type RestCallback,
  send,
} from '../support/rest-client.ts';
import { type AttackedServer, EXPIRED, PASSWORD, refusal, testThatLogHoldsNoSecret, WRONG } from './attacked-server.ts';

const COUNT = refusal(400, 'Bad Request', 'Incorrect number of callbacks found in JSON response');
const TYPE = refusal(400, 'Bad Request', 'Required callback not found in JSON response');
const UNSIGNED = refusal(400, 'Bad Request', 'AuthId JWT Signature not valid');

/** Attacks on a journey that need nothing but HTTP; each test names its cases in spec/security-reliability §3. */
export const describeJourneyAttacks = (attacked: () => AttackedServer): void => {
  describe('an authId', () => {
    const flipLast = (text: string): string =>
      `${text.slice(0, -5)}${text.at(-5) === 'A' ? 'B' : 'A'}${text.slice(-4)}`;
    const parts = (authId: string): readonly string[] => authId.split('.');

    test('that was changed is refused, and the true one goes on (A070, SEC-37)', async () => {
      const step = await attacked().client.start('Login');
      const other = await attacked().client.start('Login');
      const [header, payload, signature] = parts(attacked().keep(step.authId ?? ''));
      const none = Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url');
      const forged = [
        flipLast(step.authId ?? ''),
        `${header}.${parts(other.authId ?? '')[1]}.${signature}`,
        `${none}.${payload}.${signature}`,
      ];
      for (const authId of forged) {
        const answer = await send(attacked().client.authenticateUrl(), { ...filled(step), authId });
        expect([answer.status, answer.body]).toEqual([400, UNSIGNED]);
      }
      for (const authId of [`${none}.${payload}.`, 'x', 'a.b', 'a.b.c.d', '..']) {
        const answer = await send(attacked().client.authenticateUrl(), { ...filled(step), authId });
        expect([authId, answer.status]).toEqual([authId, 400]);
        expect(answer.body.message).toMatch(/^Failed to parse JWT, |^AuthId JWT Signature not valid$/);
      }
      attacked().expectSession(await attacked().client.submit(step, { 0: 'ada', 1: PASSWORD }));
    });

    test('of another kind of token is none (A075, SEC-30)', async () => {
      const step = await attacked().client.start('Login');
      for (const authId of [attacked().withPhone, 'AUTHENTICATE:0f6a1c52-7f0e-4b0b-9f2d-0000000000001', 'REGISTER:x']) {
        const answer = await send(attacked().client.authenticateUrl(), { ...filled(step), authId });
        expect(answer.status).toBe(400);
      }
      expect((await attacked().client.session('validate', step.authId ?? '')).body).toEqual({ valid: false });
    });

    test.each([
      ['an array', ['x'], 400],
      ['a number', 7, 400],
      ['null, with callbacks', null, 400],
      ['too long', 'x'.repeat(9_000), 400],
      ['of a mebibyte', 'x'.repeat(1_048_576), 413],
    ])('%s is refused (A096)', async (_, authId, status) => {
      const step = await attacked().client.start('Login');
      const answer = await send(attacked().client.authenticateUrl(), { ...filled(step), authId });
      expect([answer.status, answer.body.code]).toEqual([status, status]);
    });

    test('two steps old has timed out, and the current step is unharmed (A069, SEC-38)', async () => {
      const first = await attacked().client.start('PushLogin');
      const profile = await attacked().client.submit(first, { 0: 'bob', 1: PASSWORD });
      const options = await attacked().client.submit(profile, { 0: DEVICE_PROFILE });
      for (const answer of [
        await attacked().client.submit(first, { 0: 'bob', 1: PASSWORD }),
        await attacked().client.submit(first, { 0: 'bob', 1: WRONG }),
      ]) {
        expect([answer.status, answer.body]).toEqual([401, EXPIRED]);
      }
      expect((await attacked().client.submit(options, { 1: OPTION.skip })).status).toBe(200);
    });

    test('of another realm has timed out, and goes on in its own (A072)', async () => {
      const step = await attacked().client.start('Login');
      const body = filled(step, { 0: 'ada', 1: PASSWORD });
      const abroad = await send(`${attacked().server.am}/json/realms/root/realms/alpha/authenticate`, body);
      expect([abroad.status, abroad.body]).toEqual([401, EXPIRED]);
      attacked().expectSession(await send(attacked().client.authenticateUrl(), body));
    });

    test('says which tree runs, whatever the query says (A071 as design.md §3.3 rules)', async () => {
      const step = await attacked().client.start('Login');
      const answer = await send(
        attacked().client.authenticateUrl('PushLogin'),
        filled(step, { 0: 'ada', 1: PASSWORD }),
      );
      attacked().expectSession(answer);
    });

    test('belongs to the browser that began (A073, A147, SEC-42)', async () => {
      const ours = { 'sec-fetch-site': 'same-origin', origin: attacked().server.origin };
      const step = await send(attacked().client.authenticateUrl('Login'), {}, ours);
      const [cookie = ''] = (step.headers.get('set-cookie') ?? '').split(';');
      expect(cookie).toMatch(/^jb=[\w-]{22}$/);
      expect(step.headers.get('set-cookie')).toMatch(/HttpOnly/);
      const body = filled(step, { 0: 'ada', 1: PASSWORD });
      const elsewhere = await send(attacked().client.authenticateUrl(), body, {
        ...ours,
        cookie: 'jb=AAAAAAAAAAAAAAAAAAAAAA',
      });
      expect([elsewhere.status, elsewhere.body]).toEqual([401, EXPIRED]);
      const without = await send(attacked().client.authenticateUrl(), body, ours);
      expect([without.status, without.body]).toEqual([401, EXPIRED]);
      attacked().expectSession(await send(attacked().client.authenticateUrl(), body, { ...ours, cookie }));
    });

    test('is over with its journey, after success and after failure (A074, A087)', async () => {
      for (const password of [PASSWORD, WRONG]) {
        const step = await attacked().client.start('Login');
        await attacked().client.submit(step, { 0: 'ada', 1: password });
        const replayed = await attacked().client.submit(step, { 0: 'ada', 1: PASSWORD });
        expect([replayed.status, replayed.body]).toEqual([401, EXPIRED]);
      }
    });

    test('answers an identical retry alike, and refuses another answer (A099, A100)', async () => {
      const first = await attacked().client.start('PushLogin');
      const profile = await attacked().client.submit(first, { 0: 'bob', 1: PASSWORD });
      const again = await attacked().client.submit(first, { 0: 'bob', 1: PASSWORD });
      expect(again.body).toEqual(profile.body);
      const other = await attacked().client.submit(first, { 0: 'ada', 1: PASSWORD });
      expect([other.status, other.body]).toEqual([401, EXPIRED]);
      expect((await attacked().client.submit(profile, { 0: DEVICE_PROFILE })).status).toBe(200);
    });

    test('submitted twenty times at once makes one session (A102, SEC-38)', async () => {
      const step = await attacked().client.start('Login');
      const submit = () => attacked().client.submit(step, { 0: 'ada', 1: PASSWORD });
      const answers = await Promise.all(Array.from({ length: 20 }, submit));
      // The line of one account is bounded (REL-14). Who found it full was not heard, and is told when to come back.
      const sentAway = answers.filter(({ status }) => status === 503);
      for (const { headers } of sentAway) expect(headers.get('retry-after')).toBe('1');
      const heard = answers.filter(({ status }) => status !== 503);
      for (const _ of sentAway) heard.push(await submit());
      expect(new Set(heard.map(({ tokenId }) => tokenId).filter((it) => it !== undefined)).size).toBe(1);
      for (const answer of heard) {
        if (answer.tokenId === undefined) expect([answer.status, answer.body]).toEqual([401, EXPIRED]);
        else attacked().keep(answer.tokenId);
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
      const step = await attacked().client.start('Login');
      const filledIn = filled(step, { 0: 'ada', 1: PASSWORD });
      const answer = await send(attacked().client.authenticateUrl(), withCallbacks(step, change(filledIn.callbacks)));
      expect([answer.status, answer.body]).toEqual([400, body]);
      attacked().expectSession(await attacked().client.submit(step, { 0: 'ada', 1: PASSWORD }));
    });

    test('that are missing send the same step again (A083, A084)', async () => {
      const wait = await attacked().client.passPassword('ada', PASSWORD);
      attacked().keep(hiddenValue(wait, 'pushChallengeNumber'));
      for (let times = 0; times < 3; times += 1) {
        const again = await send(attacked().client.authenticateUrl(), { authId: wait.authId });
        expect([again.status, again.body]).toEqual([200, wait.body]);
      }
      for (const body of ['[]', '7', '"x"', 'true']) {
        expect((await send(attacked().client.authenticateUrl(), body)).status).toBe(400);
      }
    });

    test('with changed outputs change nothing (A078, A082, SEC-40)', async () => {
      const wait = await attacked().client.passPassword('ada', PASSWORD);
      attacked().keep(hiddenValue(wait, 'pushChallengeNumber'));
      const changed = filled(wait).callbacks.map((callback) => ({
        ...callback,
        output: callback.output.map((entry) => ({ ...entry, value: '0' })),
      }));
      const answer = await send(attacked().client.authenticateUrl(), withCallbacks(wait, changed));
      expect([answer.status, answer.body]).toEqual([200, wait.body]);
      const at = wait.callbacks.findIndex(({ type }) => type === 'HiddenValueCallback');
      const forged = await attacked().client.submit(wait, { [at]: '000000' });
      expect([forged.status, forged.body]).toEqual([200, wait.body]);
    });

    test.each([100, -1, 1, 2 ** 31, 1e300, '99'])('option %s leaves no wait (A081)', async (option) => {
      const wait = await attacked().client.passPassword('ada', PASSWORD);
      attacked().keep(hiddenValue(wait, 'pushChallengeNumber'));
      const exit = wait.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
      const answer = await attacked().client.submit(wait, { [exit]: option });
      if (answer.status === 200) expect(answer.body).toEqual(wait.body);
      else
        expect([answer.status, answer.body.message]).toEqual([
          400,
          'The value of callback 3 (ConfirmationCallback) is not valid',
        ]);
      expect((await attacked().client.submit(wait, { [exit]: 0 })).callbacks[0]?.type).toBe('NameCallback');
    });

    test.each([-1, 4, 999, 1.5, 'x', null, [], {}])('option %j is none of the four (A080)', async (option) => {
      const options = await attacked().client.passPassword('bob', PASSWORD);
      const answer = await attacked().client.submit(options, { 1: option });
      expect([answer.status, answer.body.message]).toEqual([
        400,
        'The value of callback 2 (ConfirmationCallback) is not valid',
      ]);
    });

    test('that carry more than was asked for carry nothing (A079)', async () => {
      const step = await attacked().client.start('Login');
      const [name, password] = filled(step, { 0: 'ada', 1: PASSWORD }).callbacks;
      const extra = Array.from({ length: 99 }, (_, at) => ({ name: `IDToken${at + 3}`, value: 'x' }));
      const answer = await send(
        attacked().client.authenticateUrl(),
        withCallbacks(step, [{ ...name, input: [...(name?.input ?? []), ...extra] }, password]),
      );
      attacked().expectSession(answer);
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
      const answer = await send(`${attacked().server.am}/json/realms/root/authenticate?${query}`);
      expect([answer.status, answer.body]).toEqual([400, refusal(400, 'Bad Request', message)]);
    });

    test('takes a password from headers as from a page, and no more (A090)', async () => {
      const by = (tree: string | undefined, password: string) =>
        send(
          attacked().client.authenticateUrl(tree),
          {},
          { 'x-openam-username': 'ada', 'x-openam-password': password },
        );
      for (const tree of [undefined, 'Login', 'PushLogin']) {
        expect(await by(tree, 'wrong')).toMatchObject({ status: 401, body: { message: 'Login failure' } });
      }
      // What the journey asks beside the password it asks all the same.
      for (const tree of [undefined, 'PushLogin']) {
        const answer = await by(tree, PASSWORD);
        expect(answer.body).not.toHaveProperty('tokenId');
        expect(answer.callbacks.map(({ type }) => type)).not.toContain('PasswordCallback');
      }
    });

    test('without a session makes none (A091)', async () => {
      const step = await send(`${attacked().client.authenticateUrl('Login')}&noSession=true`);
      const answer = await attacked().client.submit(step, { 0: 'ada', 1: PASSWORD });
      expect([answer.status, Object.keys(answer.body).sort()]).toEqual([200, ['realm', 'successUrl']]);
      expect(answer.headers.get('set-cookie')).toBeNull();
    });

    test('gives a new session, whatever cookie came along (A143)', async () => {
      const cookie = 'iPlanetDirectoryPro=fixed-by-somebody-else';
      const step = await send(attacked().client.authenticateUrl('Login'), {}, { cookie });
      const answer = await send(attacked().client.authenticateUrl(), filled(step, { 0: 'ada', 1: PASSWORD }), {
        cookie,
      });
      const token = attacked().expectSession(answer);
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
      const step = await send(`${attacked().client.authenticateUrl('Login')}&goto=${encodeURIComponent(goto)}`);
      const answer = await attacked().client.submit(step, { 0: 'ada', 1: PASSWORD });
      attacked().expectSession(answer);
      if (answer.body.successUrl === '/am/console') return;
      // What was let through has to stay on this attacked().server, and must not end the header or the line it is put into.
      const url = new URL(String(answer.body.successUrl), `${attacked().server.origin}/am/login`);
      expect(url.origin).toBe(attacked().server.origin);
      expect(String(answer.body.successUrl)).not.toMatch(/[\r\n\t\\]/);
      expect(answer.headers.get('set-cookie')).not.toMatch(/a=b/);
    });
  });

  test('nobody learns from an answer whether a user exists (I7) (SEC-59)', async () => {
    const answers = await Promise.all(
      ['ada', 'bob', 'nobody-here', 'amadmin', 'x'.repeat(256)].map(async (user) => {
        const step = await attacked().client.start('PushLogin');
        const answer = await attacked().client.submit(step, { 0: user, 1: WRONG });
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

  test('a name longer than any is refused before anybody is looked up, and the step is still there (A4)', async () => {
    const step = await attacked().client.start('Login');
    const { status, body } = await attacked().client.submit(step, { 0: 'x'.repeat(257), 1: PASSWORD });
    expect([status, body.message]).toEqual([400, expect.stringContaining('longer than 256')]);
    attacked().expectSession(await attacked().client.submit(step, { 0: 'ada', 1: PASSWORD }));
  });

  testThatLogHoldsNoSecret(attacked);
};
