import assert from 'node:assert/strict';
import { type AttackGroup, each } from '../attack-case.ts';
import { GOOD_ORIGIN } from '../target/attack-target.ts';
import { type Attacker, refusal } from '../target/attacker.ts';

const SESSIONS = '/json/realms/root/sessions';

const sessions = (
  attacker: Attacker,
  query: string,
  headers: Readonly<Record<string, string>> = {},
  body: unknown = {},
) => attacker.ask(`${SESSIONS}${query}`, { headers, body });

const newSession = async (attacker: Attacker): Promise<string> => {
  const { name } = await attacker.person();
  return attacker.expectSession(await attacker.login(name));
};

const isValid = async (attacker: Attacker, tokenId: string): Promise<unknown> =>
  (await sessions(attacker, '?_action=validate', {}, { tokenId })).body.valid;

/** A page of another site in the browser of somebody who is signed in. */
const forged = (attacker: Attacker, token: string, headers: Readonly<Record<string, string>>) =>
  attacker.raw(`/am${SESSIONS}?_action=logout`, {
    headers: { cookie: `iPlanetDirectoryPro=${token}`, ...headers },
    body: '{}',
  });

export const sessionsAndOrigins: AttackGroup = {
  number: '3.9',
  title: 'sessions and other sites',
  cases: [
    ...each<readonly [string, (token: string) => string]>(
      [
        ['cut', (token) => token.slice(0, -1)],
        ['changed', (token) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
        ['lengthened', (token) => `${token}A`],
        ['of wild characters', () => '*'],
      ],
      ([what]) => ({ ids: ['A149'], title: `a token that was ${what} is none (SEC-30)` }),
      async (attacker, [, change]) => {
        const tokenId = change(await newSession(attacker));
        assert.deepEqual((await sessions(attacker, '?_action=validate', {}, { tokenId })).body, { valid: false });
        const info = await sessions(attacker, '?_action=getSessionInfo', {}, { tokenId });
        assert.deepEqual([info.status, info.body], [401, refusal(401, 'Unauthorized', 'Access Denied')]);
      },
    ),
    {
      ids: ['A149'],
      title: 'a token of another realm, or that was signed out, is none (SEC-62)',
      async attack(attacker) {
        const tokenId = await newSession(attacker);
        const abroad = '/json/realms/root/realms/alpha/sessions?_action=validate';
        assert.deepEqual((await attacker.ask(abroad, { body: { tokenId } })).body, { valid: false });
        const out = await sessions(attacker, '?_action=logout', {}, { tokenId });
        assert.deepEqual(out.body, { result: 'Successfully logged out' });
        assert.match(out.headers.get('set-cookie') ?? '', /^iPlanetDirectoryPro=; Max-Age=0;/);
        assert.equal(await isValid(attacker, tokenId), false);
        assert.deepEqual((await sessions(attacker, '?_action=logout', {}, { tokenId })).body, {
          result: 'Token has expired',
        });
      },
    },
    {
      ids: ['A149'],
      title: 'a token is over when it was not used for its time',
      needs: 'clock',
      async attack(attacker) {
        const tokenId = await newSession(attacker);
        assert.equal(await isValid(attacker, tokenId), true);
        await attacker.pass(31 * 60_000);
        assert.equal(await isValid(attacker, tokenId), false);
      },
    },
    {
      ids: ['A148'],
      title: 'a token is read from body, header and cookie, and from nowhere else',
      async attack(attacker) {
        const [token, other] = [await newSession(attacker), await newSession(attacker)];
        const missing = refusal(400, 'Bad Request', 'iPlanetDirectoryCookie not set on request');
        for (const headers of [{ iplanetdirectorypro: token }, { cookie: `iPlanetDirectoryPro=${token}` }])
          assert.equal((await sessions(attacker, '?_action=validate', headers)).body.valid, true);
        for (const headers of [
          {},
          { cookie: `other=${token}` },
          { cookie: `iPlanetDirectoryPro=${token}; iPlanetDirectoryPro=${other}` },
          { referer: `http://localhost/?tokenId=${token}` },
        ]) {
          // In an address it would be in logs: this one is of nobody.
          const answer = await sessions(attacker, `?_action=validate&tokenId=${'x'.repeat(43)}`, headers);
          assert.deepEqual([answer.status, answer.body], [400, missing]);
        }
      },
    },
    {
      ids: ['A146'],
      title: 'another site cannot send a form with the cookie',
      async attack(attacker) {
        const token = await newSession(attacker);
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
          assert.equal((await forged(attacker, token, { 'content-type': type })).status, 415);
        assert.equal((await forged(attacker, token, { 'content-type': 'application/json' })).status, 403);
        assert.equal(await isValid(attacker, token), true);
      },
    },
    ...each(
      [
        'null',
        'https://evil.example',
        'https://good.example.evil.example',
        'https://xgood.example',
        'http://good.example',
        'https://good.example:444',
        'https://GOOD.example',
        'https://goodxexample',
      ],
      (origin) => ({ ids: ['A145'], title: `${origin} is not the listed origin` }),
      async (attacker, origin) => {
        const token = await newSession(attacker);
        const marked = { 'content-type': 'application/json', 'x-requested-with': 'x', origin };
        const { status, headers } = await forged(attacker, token, marked);
        const allowed = headers.get('access-control-allow-origin');
        assert.deepEqual([status, allowed, headers.get('vary')], [403, null, 'Origin']);
        assert.equal(await isValid(attacker, token), true);
      },
    ),
    {
      ids: ['A145'],
      title: 'the listed origin is named back with credentials, in the realm that lists it',
      async attack(attacker) {
        const { headers } = await attacker.start('Login', { headers: { origin: GOOD_ORIGIN } });
        assert.equal(headers.get('access-control-allow-origin'), GOOD_ORIGIN);
        assert.equal(headers.get('access-control-allow-credentials'), 'true');
        assert.equal(headers.get('vary'), 'Origin');
        const alpha = '/json/realms/root/realms/alpha/authenticate';
        assert.equal((await attacker.ask(alpha, { headers: { origin: GOOD_ORIGIN } })).status, 403);
      },
    },
    {
      ids: ['A150'],
      title: 'no page of ours stands in a frame of another',
      async attack(attacker) {
        for (const page of ['login', 'phone/', 'account', 'oauth2/device/user']) {
          const { headers } = await attacker.raw(`/am/${page}`, { method: 'GET' });
          assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/, page);
        }
      },
    },
  ],
};
