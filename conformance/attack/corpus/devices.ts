import assert from 'node:assert/strict';
import { type AttackGroup, each } from '../attack-case.ts';
import { type Attacker, refusal } from '../target/attacker.ts';
import type { Enrolled } from '../target/open-phone.ts';

const USERS = '/json/realms/root/users';

const devices = (
  attacker: Attacker,
  { session, name }: Pick<Enrolled, 'name'> & { readonly session: string },
  rest = '',
  {
    method = 'GET',
    user = name,
    body = {},
  }: { readonly method?: string; readonly user?: string; readonly body?: unknown } = {},
) =>
  attacker.ask(`${USERS}/${user}/devices/2fa/push${rest}`, { method, headers: { iplanetdirectorypro: session }, body });

type WithSession = Enrolled & { readonly session: string };

const ownId = async (attacker: Attacker, person: WithSession): Promise<string> => {
  const { body } = await devices(attacker, person, '?_queryFilter=true');
  return String((body.result as readonly { readonly _id: string }[])[0]?._id);
};

const count = async (attacker: Attacker, person: WithSession): Promise<unknown> =>
  (await devices(attacker, person, '?_queryFilter=true')).body.resultCount;

const MINUTE = 60_000;

export const deviceManagement: AttackGroup = {
  number: '3.7',
  title: 'phones of an account',
  cases: [
    {
      ids: ['A125'],
      title: 'phones are shown to nobody without a session, and to nobody but their owner, whoever exists (SEC-52)',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const other = await attacker.enrolled();
        const nobody = await devices(attacker, { name: person.name, session: 'no-such-token' }, '?_queryFilter=true');
        assert.deepEqual([nobody.status, nobody.body], [401, refusal(401, 'Unauthorized', 'Access Denied')]);
        const id = await ownId(attacker, person);
        const refused = refusal(403, 'Forbidden', 'User is not authorized');
        for (const user of [other.name, 'nobody-here', `${person.name}%00`, 'amadmin']) {
          for (const [rest, method] of [
            ['?_queryFilter=true', 'GET'],
            [`/${id}`, 'DELETE'],
            ['/00000000-0000-0000-0000-000000000000', 'DELETE'],
            [`/${id}`, 'PUT'],
            ['?_action=reset', 'POST'],
          ] as const) {
            const { status, body } = await devices(attacker, person, rest, { method, user });
            if (user.includes('%')) assert.ok([403, 404].includes(status));
            else assert.deepEqual([status, body], [403, refused]);
          }
        }
        assert.equal(await count(attacker, person), 1);
      },
    },
    {
      ids: ['A125'],
      title: 'no way to write a path leads to phones of others',
      async attack(attacker) {
        const person = await attacker.enrolled();
        for (const path of ['{}/../bob', '{}%2f..%2fbob', '{}/./../bob', '{};x=1']) {
          const at = `/am${USERS}/${path.replace('{}', person.name)}/devices/2fa/push?_queryFilter=true`;
          const headers = { iplanetdirectorypro: person.session };
          assert.equal((await attacker.raw(at, { method: 'GET', headers })).status, 404, path);
        }
      },
    },
    ...each(
      [
        '?_queryFilter=true',
        '?_queryFilter=true&_fields=sharedSecret,recoveryCodes,communicationId',
        '?_queryFilter=sharedSecret%20sw%20%22a%22',
        '?_queryFilter=true&_pageSize=1000000000&_sortKeys=__proto__',
        `?_queryFilter=${'('.repeat(3000)}`,
        `?_queryFilter=${'!('.repeat(500)}true${')'.repeat(500)}`,
        '?_queryFilter=deviceName%20co%20%22(a%2B)%2B%24%22',
      ],
      (query) => ({ ids: ['A126', 'A129'], title: `phones show no secret by ${query.slice(0, 60)} (SEC-23, SEC-52)` }),
      async (attacker, query) => {
        const person = await attacker.enrolled();
        const { text, status } = await devices(attacker, person, query);
        assert.ok([200, 400, 414, 431].includes(status), String(status));
        assert.doesNotMatch(text, /secret|recoveryCodes|token-|challenge|communicationId|x_key/i);
      },
    ),
    {
      ids: ['A127'],
      title: 'a password alone changes no phone (SEC-51)',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const id = await ownId(attacker, person);
        const byPassword = { ...person, session: attacker.expectSession(await attacker.login(person.name)) };
        for (const [rest, method] of [
          [`/${id}`, 'DELETE'],
          [`/${id}`, 'PUT'],
          ['?_action=reset', 'POST'],
        ] as const) {
          const { status, body } = await devices(attacker, byPassword, rest, { method, body: { deviceName: 'mine' } });
          assert.deepEqual([status, body.reason], [403, 'Forbidden']);
          assert.match(String(body.message), /phone or a recovery code/);
        }
        assert.equal(await ownId(attacker, person), id);
      },
    },
    {
      ids: ['A128'],
      title: 'a phone is given another name, and nothing else',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const id = await ownId(attacker, person);
        const change = {
          deviceName: 'Pocket <b>',
          uuid: '00000000-0000-0000-0000-000000000000',
          sharedSecret: 'x',
          status: 'off',
        };
        const { status, body } = await devices(attacker, person, `/${id}`, { method: 'PUT', body: change });
        assert.equal(status, 200);
        assert.deepEqual([body._id, body.uuid, body.deviceName, body.status], [id, id, 'Pocket <b>', undefined]);
      },
    },
    {
      ids: ['A130'],
      title: 'a form of another site takes no phone away',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const reset = (headers: Readonly<Record<string, string>>) =>
          attacker.raw(`/am${USERS}/${person.name}/devices/2fa/push?_action=reset`, {
            headers: { cookie: `iPlanetDirectoryPro=${person.session}`, ...headers },
            body: '{}',
          });
        assert.equal((await reset({ 'content-type': 'text/plain' })).status, 415);
        assert.equal((await reset({ 'content-type': 'application/json' })).status, 403);
        const marked = { 'content-type': 'application/json', 'x-requested-with': 'x' };
        assert.equal((await reset({ ...marked, origin: 'https://evil.example' })).status, 403);
        assert.equal((await reset({ ...marked, 'sec-fetch-site': 'cross-site' })).status, 403);
        assert.equal(await count(attacker, person), 1);
      },
    },
    {
      ids: ['A131'],
      title: 'whoever has taken the last phone away is asked for one, and not let in',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const id = await ownId(attacker, person);
        assert.equal((await devices(attacker, person, `/${id}`, { method: 'DELETE' })).status, 200);
        const next = await attacker.passPassword(person.name);
        assert.equal(next.tokenId, undefined);
        assert.ok(next.callbacks.some(({ type }) => type === 'ConfirmationCallback'));
        attacker.lost(person);
      },
    },
    {
      ids: [],
      title: 'a session that was not used for its time changes no phone',
      needs: 'clock',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const id = await ownId(attacker, person);
        await attacker.pass(31 * MINUTE);
        assert.equal((await devices(attacker, person, `/${id}`, { method: 'DELETE' })).status, 401);
      },
    },
  ],
};
