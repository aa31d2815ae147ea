import assert from 'node:assert/strict';
import { type AttackGroup, each } from '../attack-case.ts';
import { type Attacker, WRONG } from '../target/attacker.ts';

const AUTHENTICATE = '/am/json/realms/root/authenticate';
const INSIDE = /at (?:Object|JSON|file|node)|node_modules|fastify|Unexpected token/i;

const post = (attacker: Attacker, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
  attacker.raw(AUTHENTICATE, { headers: { 'content-type': 'application/json', ...headers }, body });

export const http: AttackGroup = {
  number: '3.10',
  title: 'requests that are none',
  cases: [
    ...each<readonly [string, string | Uint8Array, number]>(
      [
        ['no JSON', '{', 400],
        ['JSON with a comment', '{/* */}', 400],
        ['something behind it', '{} x', 400],
        ['a mark of byte order', '\ufeff{} x', 400],
        ['a number beyond all', '{"a":1e400', 400],
        ['a name that reaches prototypes', '{"__proto__":{"isAdmin":true}}', 400],
        ['another such name', '{"constructor":{"prototype":{"isAdmin":true}}}', 400],
        ['such a name, escaped', '{"\\u005f_proto__":{"isAdmin":true}}', 400],
        ['a name twice', '{"authId":"a","authId":"b"}', 400],
        ['a name twice, escaped', '{"authId":"a","auth\\u0049d":"b"}', 400],
        ['depth', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 400],
        ['great depth', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 400],
        ['many names', JSON.stringify(Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`n${at}`, 1]))), 400],
        ['a long body', `"${'x'.repeat(70_000)}"`, 413],
        ['a body of ten mebibytes', `"${'x'.repeat(10 << 20)}"`, 413],
        ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400],
      ],
      ([what]) => ({ ids: ['A151', 'A152'], title: `${what} is refused, and at once` }),
      async (attacker, [, body, status]) => {
        const answer = await post(attacker, body);
        // The connection may be closed on a body that is not read to its end.
        assert.ok(answer.status === status || (status === 413 && answer.status === 0), String(answer.status));
        if (answer.status !== 0) assert.equal(answer.body.code, status);
        assert.doesNotMatch(answer.text, INSIDE);
      },
    ),
    ...each(
      [
        'application/json garbage',
        'application/json;charset=utf-7',
        'application/json; charset=utf-16',
        'text/json',
        'multipart/form-data; boundary=x',
        'application/jsonx',
        'application/json\t x',
        'text/plain',
      ],
      (type) => ({ ids: ['A153'], title: `a body that calls itself ${type} is refused` }),
      async (attacker, type) => assert.equal((await post(attacker, '{}', { 'content-type': type })).status, 415),
    ),
    ...each(
      ['application/json', 'APPLICATION/JSON', 'application/json;charset=utf-8', 'application/json; charset="UTF-8"'],
      (type) => ({ ids: ['A153'], title: `a body that calls itself ${type} is read` }),
      async (attacker, type) => assert.equal((await post(attacker, '{}', { 'content-type': type })).status, 200),
    ),
    ...each(
      [
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
      ],
      (path) => ({ ids: ['A155'], title: `the path ${path} leads nowhere` }),
      async (attacker, path) => {
        const isAsset = path.includes('assets');
        const answer = await attacker.raw(path, {
          method: isAsset ? 'GET' : 'POST',
          headers: { 'content-type': 'application/json' },
          ...(!isAsset && { body: '{}' }),
        });
        assert.ok([400, 404].includes(answer.status), String(answer.status));
        assert.ok(!answer.text.includes('authId'));
      },
    ),
    {
      ids: ['A156'],
      title: 'what a client puts into names makes no line of the log, and no header (SEC-79)',
      async attack(attacker) {
        const user = 'eve\r\n{"level":"fatal","msg":"forged"}\u001b[31m\u202e';
        const answer = await attacker.submit(await attacker.start('Login'), { 0: user, 1: WRONG });
        assert.ok([400, 401].includes(answer.status));
        const { headers } = await attacker.start('Login', { headers: { 'x-forgerock-transactionid': 'a;b c' } });
        assert.match(headers.get('x-transaction-id') ?? '', /^[\w/.-]{1,64}$/);
        const log = await attacker.target.takeLog();
        assert.notEqual(log, '');
        for (const line of log.split('\n')) {
          assert.notEqual((JSON.parse(line) as Record<string, unknown>).msg, 'forged');
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
          assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
        }
      },
    },
    {
      ids: [],
      title: 'every JSON answer has the headers of the contract (SEC-09)',
      async attack(attacker) {
        const { name } = await attacker.person();
        for (const { headers } of [
          await attacker.start('Login'),
          await attacker.login(name, WRONG),
          await attacker.ask('/json/nowhere'),
        ]) {
          assert.match(headers.get('cache-control') ?? '', /no-store/);
          assert.equal(headers.get('x-content-type-options'), 'nosniff');
          assert.equal(headers.get('referrer-policy'), 'no-referrer');
          assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'");
          assert.match(headers.get('content-type') ?? '', /^application\/json/);
          assert.match(headers.get('x-transaction-id') ?? '', /^[\w/.-]{1,64}$/);
          assert.equal(headers.get('server') ?? headers.get('x-powered-by'), null);
        }
      },
    },
  ],
};

/** Attacks on a connection: whoever reaches a server through a proxy has one with that proxy, which refuses or mends it in its own words. */
export const connections: AttackGroup = {
  number: '3.10',
  title: 'connections',
  cases: each<readonly [string, string, RegExp]>(
    [
      [
        'two lengths',
        'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
        /^HTTP\/1\.1 400 /,
      ],
      ['a header of 100 KiB', `X-Long: ${'x'.repeat(102_400)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
      ['five thousand headers', `${'X-Many: 1\r\n'.repeat(5_000)}\r\n`, /^HTTP\/1\.1 431 /],
      ['a chunk of no size', 'Transfer-Encoding: chunked\r\n\r\nxyz\r\n', /^HTTP\/1\.1 400 /],
    ],
    ([what]) => ({ ids: ['A154'], title: `${what} ends the connection` }),
    async (attacker, [, rest, status]) => {
      const answer = await attacker.bytes(
        `POST ${AUTHENTICATE} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n${rest}`,
      );
      assert.match(answer, attacker.target.instances > 1 ? /^HTTP\/1\.1 \d{3} / : status);
      assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1);
    },
  ),
};
