import { describe, expect, test } from 'vitest';
import { rawBytes, rawRequest } from '../support/raw-request.ts';
import { filled, OPTION, send, setupCode } from '../support/rest-client.ts';
import { type AttackedServer, PASSWORD, testThatLogHoldsNoSecret, WRONG } from './attacked-server.ts';

/** Requests that are none, and what the log says of them; each test names its cases in spec/security-reliability §3. */
export const describeRequestAttacks = (attacked: () => AttackedServer): void => {
  describe('what cannot be read', () => {
    const post = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
      rawRequest(attacked().server.origin, '/am/json/realms/root/authenticate', {
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
      const answer = await rawRequest(attacked().server.origin, path, {
        method: path.includes('assets') ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
        ...(!path.includes('assets') && { body: '{}' }),
      });
      expect([400, 404]).toContain(answer.status);
      expect(answer.text).not.toContain('authId');
    });

    test('another host name is refused, and changes no address in a setup code (A062)', async () => {
      const elsewhere = await rawRequest(attacked().server.origin, '/am/json/realms/root/authenticate', {
        headers: { host: 'evil.example', 'content-type': 'application/json' },
        body: '{}',
      });
      expect(elsewhere.status).toBe(400);
      const options = await attacked().client.passPassword('bob', PASSWORD);
      const at = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', 'x-forwarded-proto': 'https' };
      const setup = await send(attacked().client.authenticateUrl(), filled(options, { 1: OPTION.register }), at);
      const uri = new URL(attacked().keep(setupCode(setup)));
      for (const name of ['r', 'a']) {
        const address = Buffer.from(uri.searchParams.get(name) ?? '', 'base64url').toString();
        expect(address.startsWith(`${attacked().server.am}/json/`)).toBe(true);
      }
    });
  });

  test('every JSON answer carries the headers of the contract (SEC-09)', async () => {
    const answers = [
      await attacked().client.start('Login'),
      await attacked().login('ada', 'Login', WRONG),
      await send(`${attacked().server.am}/json/nowhere`),
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

  describe('the log', () => {
    test('has one JSON object a line, whatever a client puts into names (A156)', async () => {
      const user = 'eve\r\n{"level":"fatal","msg":"forged"}\u001b[31m\u202e';
      await attacked().client.submit(await attacked().client.start('Login'), { 0: user, 1: WRONG });
      await send(attacked().client.authenticateUrl(), {}, { 'x-forgerock-transactionid': 'ok-transaction-1' });
      expect(attacked().logLines().length).toBeGreaterThan(0);
      for (const line of attacked().logLines()) {
        const entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
        expect(entry.msg).not.toBe('forged');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
      }
    });

    test('tells the cause of a refusal with its transaction id', async () => {
      const answer = await send(
        attacked().client.authenticateUrl('NoSuchTree'),
        {},
        { 'x-forgerock-transactionid': 'conformance-42' },
      );
      expect(answer.headers.get('x-transaction-id')).toBe('conformance-42');
      await expect
        .poll(() =>
          attacked()
            .logLines()
            .some((line) => line.includes('"transactionId":"conformance-42"')),
        )
        .toBe(true);
    });
  });

  testThatLogHoldsNoSecret(attacked);
};

/** Attacks on a connection: whoever reaches a server through a proxy has one with that proxy. */
export const describeConnectionAttacks = (attacked: () => AttackedServer): void => {
  test.each<[string, string, RegExp]>([
    [
      'two lengths',
      'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    ['a header of 100 KiB', `X-Long: ${'x'.repeat(102_400)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['a chunk of no size', 'Transfer-Encoding: chunked\r\n\r\nxyz\r\n', /^HTTP\/1\.1 400 /],
  ])('%s ends the connection (A154)', async (_, rest, status) => {
    const { host } = new URL(attacked().server.origin);
    const answer = await rawBytes(
      attacked().server.origin,
      `POST /am/json/realms/root/authenticate HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${rest}`,
    );
    expect(answer).toMatch(status);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
};
