import assert from 'node:assert/strict';
import {
  createHmac,
  // biome-ignore lint/style/noRestrictedImports: its keys go through PEM.
  generateKeyPairSync,
  sign as signBy,
} from 'node:crypto';
import { createServer } from 'node:http';
import { solve } from '../../support/phone.ts';
import { realmPath } from '../../support/realm-path.ts';
import type { AttackCase, AttackGroup } from '../attack-case.ts';
import { type Attacker, BAD_REQUEST, ringing } from '../target/attacker.ts';
import { type Enrolled, forged, OpenPhone, type Waiting } from '../target/open-phone.ts';

type Claims = Readonly<Record<string, unknown>>;

/** What an attack on a waiting message is made of. */
interface Pending {
  readonly person: Enrolled;
  readonly waiting: Waiting;
  /** The claims of the good answer. */
  readonly good: Claims;
  /** Of another person, who has a phone too. */
  readonly other: Enrolled;
}

const HS256 = { typ: 'JWT', alg: 'HS256' };
const encoded = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url');

/** Signed by the right key, whatever is said. */
const signed = ({ person }: Pending, claims: unknown, header: Claims = HS256, key: Uint8Array = person.open.secret) => {
  const hash = { HS384: 'sha384', HS512: 'sha512' }[String(header.alg)] ?? 'sha256';
  const input = `${encoded(JSON.stringify(header))}.${typeof claims === 'string' ? claims : encoded(JSON.stringify(claims))}`;
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`;
};

const pending = async (attacker: Attacker, tree?: string): Promise<Pending> => {
  const [person, other] = [await attacker.enrolled(), await attacker.enrolled()];
  return renewed(attacker, { person, other }, tree);
};

const renewed = async (
  attacker: Attacker,
  { person, other }: Pick<Pending, 'person' | 'other'>,
  tree?: string,
): Promise<Pending> => {
  const waiting = await attacker.waiting(person, tree);
  return { person, other, waiting, good: person.open.claims(waiting.request, waiting.number) };
};

type Hostile = readonly [what: string, jwt: (it: Pending) => unknown];

/** Each is refused in the same words, and the message still waits: the good answer lets the person in. */
const refused = (
  ids: readonly string[],
  title: string,
  rows: readonly Hostile[],
  more: Pick<AttackCase, 'ruling'> = {},
): AttackCase => ({
  ids,
  title,
  ...more,
  async attack(attacker) {
    const people = { person: await attacker.enrolled(), other: await attacker.enrolled() };
    // Five bad proofs end a message: it is answered after four.
    for (let at = 0; at < rows.length; at += 4) {
      const it = await renewed(attacker, people);
      for (const [what, jwt] of rows.slice(at, at + 4)) {
        const answer = await attacker.phone('authenticate', { messageId: it.waiting.request.messageId, jwt: jwt(it) });
        if (answer.status === 413) continue;
        assert.deepEqual([what, answer.status, answer.body], [what, 400, BAD_REQUEST]);
      }
      assert.equal((await ringing(it.person)).length, 1);
      await attacker.approve(it.person, it.waiting);
    }
  },
});

const answered = (attacker: Attacker, { waiting }: Pick<Pending, 'waiting'>, jwt: unknown, action = 'authenticate') =>
  attacker.phone(action, { messageId: waiting.request.messageId, jwt });

const expectRefused = ({ status, body }: { readonly status: number; readonly body: unknown }): void =>
  assert.deepEqual([status, body], [400, BAD_REQUEST]);

/** The login comes to nothing, whatever is said from now on. */
const expectDenied = async (attacker: Attacker, { waiting }: Pending): Promise<void> => {
  attacker.witness.denied(waiting.request.messageId);
  attacker.expectLoginFailure(await attacker.poll(waiting));
};

const keyPair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const es256 = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const signedBy = (alg: 'RS256' | 'ES256', claims: Claims): string => {
  const input = `${encoded(JSON.stringify({ typ: 'JWT', alg }))}.${encoded(JSON.stringify(claims))}`;
  const key = alg === 'RS256' ? keyPair.privateKey : es256.privateKey;
  return `${input}.${signBy('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
};

const secretOf = ({ person }: Pending): Buffer => person.open.secret;

const withHeader =
  (header: Claims): Hostile[1] =>
  (it) =>
    signed(it, it.good, { ...HS256, ...header });

const NUMBERS: readonly unknown[] = ['3e1', '0x22', '34;', 34.5, '３４', [34], {}, true, '', '123456789', -34, '+34'];

const MINUTE = 60_000;

export const messageAuthenticate: AttackGroup = {
  number: '3.1',
  title: 'answers of phones',
  cases: [
    {
      ids: ['A001', 'A020'],
      title: 'the good answer lets in, with its number as a text and as a number',
      async attack(attacker) {
        const person = await attacker.enrolled();
        for (const as of [String, Number]) {
          const { wait, request, number } = await attacker.waiting(person);
          assert.equal((await person.open.phone.approve(request, as(number))).status, 200);
          attacker.expectSession(await attacker.poll({ wait }), { message: request.messageId });
        }
      },
    },
    refused(
      ['A002', 'A003'],
      'an answer that says it is not signed',
      ['none', 'None', 'nOnE', 'NONE'].flatMap((alg): readonly Hostile[] => [
        [alg, ({ good }) => forged({ typ: 'JWT', alg }, good)],
        [`${alg}, two segments`, ({ good }) => forged({ typ: 'JWT', alg }, good).slice(0, -1)],
        [`${alg}, signed`, (it) => signed(it, it.good, { typ: 'JWT', alg })],
      ]),
    ),
    refused(['A004', 'A005'], 'an answer by another key', [
      ['of another phone', (it) => signed(it, it.good, HS256, it.other.open.secret)],
      ['empty', (it) => signed(it, it.good, HS256, Buffer.alloc(0))],
      ['the key in base64', (it) => signed(it, it.good, HS256, Buffer.from(secretOf(it).toString('base64')))],
      ['the key in base64url', (it) => signed(it, it.good, HS256, Buffer.from(secretOf(it).toString('base64url')))],
      ['the key in hexadecimal', (it) => signed(it, it.good, HS256, Buffer.from(secretOf(it).toString('hex')))],
    ]),
    refused(['A006'], 'an answer by another algorithm', [
      ['HS384', (it) => signed(it, it.good, { typ: 'JWT', alg: 'HS384' })],
      ['HS512', (it) => signed(it, it.good, { typ: 'JWT', alg: 'HS512' })],
      ['RS256', ({ good }) => signedBy('RS256', good)],
      ['ES256', ({ good }) => signedBy('ES256', good)],
      ['no name of one', (it) => signed(it, it.good, { typ: 'JWT' })],
      ['a list', (it) => signed(it, it.good, { typ: 'JWT', alg: ['HS256'] })],
    ]),
    {
      ids: ['A007', 'A008'],
      title: 'no name and no address of a key in an answer is followed',
      ruling: 'push-protocol §5: what a header names beside its algorithm may be ignored or refused',
      async attack(attacker) {
        let hits = 0;
        const listener = createServer((_request, response) => {
          hits += 1;
          response.end('{"keys":[]}');
        }).listen(0, '127.0.0.1');
        try {
          await new Promise((resolve) => listener.once('listening', resolve));
          const url = `http://127.0.0.1:${(listener.address() as { port: number }).port}/keys`;
          const person = await attacker.enrolled();
          const other = await attacker.enrolled();
          const headers: readonly Claims[] = [
            { kid: '../../dev/null' },
            { kid: "' OR 1=1 --" },
            { kid: url },
            { kid: 'x'.repeat(7_000) },
            { jku: url },
            { x5u: url },
            { jwk: { kty: 'oct', k: encoded('own key') } },
          ];
          for (const header of headers) {
            const it = await renewed(attacker, { person, other });
            // By a key of one's own, that the header tells of: refused. By the right one it says nothing.
            expectRefused(
              await answered(attacker, it, signed(it, it.good, { ...HS256, ...header }, Buffer.from('own key'))),
            );
            const { status } = await answered(attacker, it, signed(it, it.good, { ...HS256, ...header }));
            if (status === 200)
              attacker.expectSession(await attacker.poll(it.waiting), { message: it.waiting.request.messageId });
            else await attacker.approve(person, it.waiting);
          }
          assert.equal(hits, 0);
        } finally {
          listener.close();
        }
      },
    },
    refused(['A009'], 'an answer whose header asks for more', [
      ['crit', withHeader({ crit: ['b64'], b64: false })],
      ['crit of nothing', withHeader({ crit: [] })],
      ['b64', withHeader({ b64: false })],
      ['zip', withHeader({ zip: 'DEF' })],
    ]),
    refused(['A010', 'A011'], 'an answer of another form', [
      ['JWE', ({ good }) => `${forged({ alg: 'dir', enc: 'A256GCM' }, good)}..x.y`],
      ['JSON serialization', (it) => ({ payload: encoded(JSON.stringify(it.good)), signatures: [] })],
      ['nested', (it) => signed(it, encoded(signed(it, it.good)), { ...HS256, cty: 'JWT' })],
      ['two segments', (it) => signed(it, it.good).split('.').slice(0, 2).join('.')],
      ['four segments', (it) => `${signed(it, it.good)}.x`],
      ['empty', () => ''],
      ['dots', () => '..'],
      ['a mebibyte', (it) => `${signed(it, it.good)}${'x'.repeat(1 << 20)}`],
      ['9 KiB', (it) => signed(it, { ...it.good, x: 'x'.repeat(9_000) })],
      ['a line inside', (it) => signed(it, it.good).replace('.', '\n.')],
      ['a blank before', (it) => ` ${signed(it, it.good)}`],
      [
        'another alphabet',
        (it) =>
          signed(it, { ...it.good, x: '???>>>' })
            .replaceAll('_', '/')
            .replaceAll('-', '+'),
      ],
      ['padding', (it) => `${signed(it, it.good)}=`],
      ['none', () => undefined],
      ['a list', (it) => [signed(it, it.good)]],
    ]),
    refused(['A012'], 'an answer whose claims are none', [
      ['a list', (it) => signed(it, [])],
      ['null', (it) => signed(it, null)],
      ['a text', (it) => signed(it, '"x"' as unknown as Claims)],
      ['a number', (it) => signed(it, 1)],
      ['a claim twice', (it) => signed(it, encoded(`{"response":"x",${JSON.stringify(it.good).slice(1)}`))],
      ['bytes that are no UTF-8', (it) => signed(it, encoded(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])))],
      ['a prototype', (it) => signed(it, encoded(`{"__proto__":{"deny":true},${JSON.stringify(it.good).slice(1)}`))],
    ]),
    refused(['A013', 'A015'], 'an answer to no challenge, or to another one', [
      ...[null, '', 7, ['x'], { toString: 'x' }, 'x'].map(
        (response): Hostile => [JSON.stringify(response), (it) => signed(it, { ...it.good, response })],
      ),
      [
        'the challenge as text',
        (it) =>
          signed(it, {
            ...it.good,
            response: solve(Buffer.from(it.waiting.request.challenge.toString('base64')), secretOf(it)),
          }),
      ],
      ['another challenge', (it) => signed(it, { ...it.good, response: solve(Buffer.alloc(32, 1), secretOf(it)) })],
      ['none', (it) => signed(it, { ...it.good, response: undefined })],
    ]),
    {
      ids: ['A014'],
      title: 'the 32 bytes of a response decide, in whatever base64 they are',
      ruling: 'design.md §3.3 "base64 of response"',
      async attack(attacker) {
        const people = { person: await attacker.enrolled(), other: await attacker.enrolled() };
        const forms: readonly ((text: string) => string)[] = [
          (text) => text.replaceAll('+', '-').replaceAll('/', '_'),
          (text) => text.replaceAll('=', ''),
        ];
        for (const form of forms) {
          const it = await renewed(attacker, people);
          const { status } = await answered(
            attacker,
            it,
            signed(it, { ...it.good, response: form(String(it.good.response)) }),
          );
          assert.equal(status, 200);
          attacker.expectSession(await attacker.poll(it.waiting), { message: it.waiting.request.messageId });
        }
      },
    },
    {
      ids: ['A016'],
      title: 'a response with a bit changed, or cut, is none, and five bad proofs end the message',
      async attack(attacker) {
        const it = await pending(attacker);
        const right = Buffer.from(String(it.good.response), 'base64');
        const changed = Array.from({ length: 32 }, (_, at) => {
          const copy = Buffer.from(right);
          copy[at] = (copy[at] ?? 0) ^ 1;
          return copy;
        });
        const cut = [1, 16, 31].map((length) => right.subarray(0, length));
        for (const response of [...cut, ...changed])
          expectRefused(
            await answered(attacker, it, signed(it, { ...it.good, response: response.toString('base64') })),
          );
        // Burnt: the good answer comes too late.
        expectRefused(await answered(attacker, it, signed(it, it.good)));
        attacker.witness.denied(it.waiting.request.messageId);
        const poll = await attacker.poll(it.waiting);
        assert.equal(poll.tokenId, undefined);
      },
    },
    {
      ids: ['A017', 'A018'],
      title: 'without the number, or with another one, the message is denied for good',
      async attack(attacker) {
        for (const wrong of ['none', 'other'] as const) {
          const it = await pending(attacker);
          const number = wrong === 'none' ? undefined : String((Number(it.waiting.number) + 1) % 90 || 11);
          const first = await answered(attacker, it, signed(it, { ...it.good, challengeResponse: number }));
          assert.deepEqual([first.status, first.body], [200, {}]);
          for (const next of [it.waiting.number, '10', '99'])
            expectRefused(await answered(attacker, it, signed(it, { ...it.good, challengeResponse: next })));
          await expectDenied(attacker, it);
        }
      },
    },
    refused(
      ['A019'],
      'a number that is none is a bad proof, and is not made one',
      NUMBERS.map(
        (challengeResponse): Hostile => [
          JSON.stringify(challengeResponse),
          (it) => signed(it, { ...it.good, challengeResponse }),
        ],
      ),
    ),
    refused(
      ['A021'],
      'a denial that is neither true nor absent is a bad proof',
      [false, 'no', 0, 'true', [], {}].map(
        (deny): Hostile => [JSON.stringify(deny), (it) => signed(it, { ...it.good, deny })],
      ),
      { ruling: 'design.md §3.3 "deny": `false` is 400, `null` is no denial' },
    ),
    {
      ids: ['A021', 'A022', 'A023', 'A024'],
      title: 'a denial stays one, and beats an approval that nobody has taken',
      async attack(attacker) {
        const denied = await pending(attacker);
        assert.equal((await answered(attacker, denied, signed(denied, { ...denied.good, deny: true }))).status, 200);
        expectRefused(await answered(attacker, denied, signed(denied, denied.good)));
        await expectDenied(attacker, denied);

        const beaten = await pending(attacker);
        assert.equal((await answered(attacker, beaten, signed(beaten, { ...beaten.good, deny: null }))).status, 200);
        assert.equal((await answered(attacker, beaten, signed(beaten, { ...beaten.good, deny: true }))).status, 200);
        await expectDenied(attacker, beaten);

        const late = await pending(attacker);
        await attacker.approve(late.person, late.waiting);
        const answer = await answered(attacker, late, signed(late, { ...late.good, deny: true }));
        expectRefused(answer);
        attacker.witness.decided(answer.headers.get('x-transaction-id') ?? '', 'PUSH_DENIED');
      },
    },
    {
      ids: ['A025'],
      title: 'the same bytes again are told the same, and change nothing (SEC-19)',
      async attack(attacker) {
        const it = await pending(attacker);
        const jwt = signed(it, it.good);
        const transactions: string[] = [];
        for (let times = 0; times < 3; times += 1) {
          const answer = await answered(attacker, it, jwt);
          assert.deepEqual([answer.status, answer.body], [200, {}]);
          transactions.push(answer.headers.get('x-transaction-id') ?? '');
        }
        // However often they come, the trail says so once.
        const [first = '', again = ''] = transactions;
        attacker.witness.decided(first, 'PUSH_ANSWERED');
        attacker.witness.decided(again, 'PUSH_DUPLICATE');
        attacker.expectSession(await attacker.poll(it.waiting), { message: it.waiting.request.messageId });
      },
    },
    {
      ids: ['A026', 'A027', 'A028'],
      title: 'time is that of the server: an answer in time counts for 30 seconds more, a repeat for 60',
      ruling: 'design.md §3.3 "life of a message": it may be consumed up to 30 s after its end',
      needs: 'clock',
      async attack(attacker) {
        const people = { person: await attacker.enrolled(), other: await attacker.enrolled() };
        const repeated = await renewed(attacker, people);
        const jwt = signed(repeated, repeated.good);
        assert.equal((await answered(attacker, repeated, jwt)).status, 200);
        await attacker.pass(61_000);
        expectRefused(await answered(attacker, repeated, jwt));

        const inTime = await renewed(attacker, people);
        await attacker.pass(119_000);
        assert.equal((await answered(attacker, inTime, signed(inTime, inTime.good))).status, 200);
        await attacker.pass(2_000);
        attacker.expectSession(await attacker.poll(inTime.waiting), { message: inTime.waiting.request.messageId });

        const unheard = await renewed(attacker, people);
        await attacker.pass(119_000);
        assert.equal((await answered(attacker, unheard, signed(unheard, unheard.good))).status, 200);
        await attacker.pass(32_000);
        assert.equal((await attacker.poll(unheard.waiting)).tokenId, undefined);

        await attacker.pass(10 * MINUTE);
        const late = await renewed(attacker, people);
        await attacker.pass(121_000);
        expectRefused(await answered(attacker, late, signed(late, late.good)));
        assert.equal((await attacker.poll(late.waiting)).tokenId, undefined);
      },
    },
    {
      ids: ['A029', 'A030', 'A031'],
      title: 'a message of nobody, of another realm or of another person is refused alike',
      async attack(attacker) {
        const it = await pending(attacker);
        const { messageId } = it.waiting.request;
        const good = signed(it, it.good);
        const ids = [
          messageId.replace('AUTHENTICATE:', 'REGISTER:'),
          `${messageId}x`,
          messageId.slice(0, -1),
          'AUTHENTICATE:',
        ];
        for (const other of ids) expectRefused(await attacker.phone('authenticate', { messageId: other, jwt: good }));
        expectRefused(await attacker.phone('authenticate', { messageId, jwt: good }, { realm: '/alpha' }));
        const byOther = { ...it.good, response: solve(it.waiting.request.challenge, it.other.open.secret) };
        expectRefused(await answered(attacker, it, it.other.open.sign(byOther)));
        await attacker.approve(it.person, it.waiting);
      },
    },
    {
      ids: ['A032', 'A033'],
      title: 'whatever stands for the id of a message is none, and what stands beside it says nothing',
      async attack(attacker) {
        const it = await pending(attacker);
        const jwt = signed(it, it.good);
        const ids: readonly unknown[] = [
          undefined,
          null,
          7,
          [it.waiting.request.messageId],
          {},
          'x'.repeat(10_240),
          'AUTHENTICATE:\u0000',
          'AUTHENTICATE:%00',
          "AUTHENTICATE:' OR '1'='1",
          'AUTHENTICATE:*)(uid=*',
          '__proto__',
        ];
        for (const messageId of ids) expectRefused(await attacker.phone('authenticate', { messageId, jwt }));
        const beside = { username: it.other.name, realm: '/alpha', state: 'SUCCESS', deny: true };
        const answer = await attacker.phone('authenticate', {
          messageId: it.waiting.request.messageId,
          jwt,
          ...beside,
        });
        assert.equal(answer.status, 200);
        attacker.expectSession(await attacker.poll(it.waiting), { message: it.waiting.request.messageId });
      },
    },
    {
      ids: ['A034', 'A035', 'A055'],
      title: 'no token that is for something else is an answer',
      async attack(attacker) {
        const it = await pending(attacker);
        const { open } = it.person;
        const relayed = await attacker.ask(`${realmPath('/')}/push/relay?mechanismUid=${open.mechanismUid}`, {
          method: 'GET',
          headers: {
            authorization: `Bearer ${open.sign({
              iat: Math.floor(attacker.now() / 1_000),
              jti: 'a-b-c',
              mechanismUid: open.mechanismUid,
              aud: `${attacker.am}/json/push/relay`,
            })}`,
          },
        });
        const [{ message } = { message: '' }] = (relayed.body.messages ?? []) as readonly {
          readonly message: string;
        }[];
        assert.notEqual(message, '');
        const registration = open.code.claims({ mechanismUid: open.mechanismUid });
        const refresh = { deviceId: open.phone.token, communicationType: 'relay', mechanismUid: open.mechanismUid };
        for (const jwt of [message, open.sign(registration), open.sign(refresh)])
          expectRefused(await answered(attacker, it, jwt));
        expectRefused(await answered(attacker, it, signed(it, it.good), 'register'));
        await attacker.approve(it.person, it.waiting);
      },
    },
    {
      ids: ['A036'],
      title: 'a phone that was removed meanwhile answers no more',
      async attack(attacker) {
        const it = await pending(attacker);
        const devices = `${realmPath('/')}/users/${it.person.name}/devices/2fa/push`;
        const { body } = await attacker.asAdministrator('GET', `${devices}?_queryFilter=true`);
        const [device] = body.result as readonly { readonly uuid: string }[];
        assert.equal((await attacker.asAdministrator('DELETE', `${devices}/${device?.uuid}`)).status, 200);
        expectRefused(await answered(attacker, it, signed(it, it.good)));
        assert.equal((await attacker.poll(it.waiting)).tokenId, undefined);
        attacker.lost(it.person);
      },
    },
    {
      ids: ['A037'],
      title: 'whoever was disabled after the good answer gets no session',
      async attack(attacker) {
        const it = await pending(attacker);
        assert.equal((await answered(attacker, it, signed(it, it.good))).status, 200);
        const user = `${realmPath('/')}/users/${it.person.name}`;
        assert.equal((await attacker.asAdministrator('PUT', user, { inetUserStatus: 'Inactive' })).status, 200);
        const poll = await attacker.poll(it.waiting);
        assert.deepEqual([poll.status, poll.tokenId], [401, undefined]);
        attacker.lost(it.person);
      },
    },
    {
      ids: ['A038', 'A039'],
      title: 'a newer login takes the place of an older, and its number is no other’s',
      async attack(attacker) {
        const first = await pending(attacker);
        const second = await renewed(attacker, first);
        expectRefused(await answered(attacker, first, signed(first, first.good)));
        assert.equal((await attacker.poll(first.waiting)).tokenId, undefined);
        if (first.waiting.number !== second.waiting.number) {
          // The victim reads the number of the own page, and the phone asks for that of the attacker.
          const said = { ...second.good, challengeResponse: first.waiting.number };
          assert.equal((await answered(attacker, second, signed(second, said))).status, 200);
          await expectDenied(attacker, second);
        } else await attacker.approve(second.person, second.waiting);
        await attacker.approve(first.person, (await renewed(attacker, first)).waiting);
      },
    },
    {
      ids: ['A040'],
      title: 'an action that there is none of does nothing',
      async attack(attacker) {
        const it = await pending(attacker);
        const body = { messageId: it.waiting.request.messageId, jwt: signed(it, it.good) };
        const address = `${realmPath('/')}/push/sns/message`;
        const queries = [
          '',
          '?_action=AUTHENTICATE',
          '?_action=authenticate&_action=register',
          '?_action=__proto__',
          '?_action=',
        ];
        for (const query of queries) {
          const { status } = await attacker.ask(`${address}${query}`, { body });
          assert.ok([400, 501].includes(status), `${query}: ${status}`);
        }
        for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
          const { status } = await attacker.ask(`${address}?_action=authenticate`, { method, body });
          assert.ok([400, 404, 405].includes(status), `${method}: ${status}`);
        }
        await attacker.approve(it.person, it.waiting);
      },
    },
    {
      ids: ['A041'],
      title: 'an address that tries ids is refused after a minute’s share, and whoever is at home is not',
      async attack(attacker) {
        const it = await pending(attacker);
        const statuses = new Set<number>();
        for (let at = 0; at < 200; at += 20) {
          const tries = Array.from({ length: 20 }, (_, next) =>
            attacker.phone(
              'authenticate',
              { messageId: `AUTHENTICATE:${at + next}`, jwt: signed(it, it.good) },
              { from: '127.200.0.1' },
            ),
          );
          for (const { status } of await Promise.all(tries)) statuses.add(status);
        }
        assert.deepEqual([...statuses].sort(), [400, 429]);
        await attacker.approve(it.person, it.waiting);
      },
    },
    {
      ids: ['A042', 'A060'],
      title: 'a phone with a key of its own is held to it (SEC-10, SEC-33)',
      async attack(attacker) {
        const person = await attacker.enrolled({ hasKey: true });
        const waiting = await attacker.waiting(person);
        const { request, number } = waiting;
        const now = Math.floor(attacker.now() / 1_000);
        const good = { ...person.open.claims(request, number), iat: now, jti: 'x-1', mid: request.messageId };
        // By the secret of the setup code, which somebody may have photographed; and by a key of the attacker's own.
        for (const jwt of [
          person.open.sign(good),
          person.open.sign({ ...good, iat: undefined }),
          signedBy('ES256', good),
        ])
          expectRefused(await attacker.phone('authenticate', { messageId: request.messageId, jwt }));
        await attacker.approve(person, waiting);
        assert.ok(person.open instanceof OpenPhone);
      },
    },
  ],
};
