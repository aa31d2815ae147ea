import assert from 'node:assert/strict';
import type { RestAnswer } from '../../support/rest-client.ts';
import { type AttackGroup, each } from '../attack-case.ts';
import { type Attacker, EXPIRED } from '../target/attacker.ts';
import type { Enrolled } from '../target/open-phone.ts';

const enter = async (attacker: Attacker, person: Enrolled, text: unknown, field?: RestAnswer): Promise<RestAnswer> =>
  attacker.submit(field ?? (await attacker.recoveryField(person)), { 0: text });

export const recovery: AttackGroup = {
  number: '3.6',
  title: 'recovery codes and opting out',
  cases: [
    {
      ids: ['A115', 'A119'],
      title: 'a code lets its owner in once, however it is written, and nobody else',
      async attack(attacker) {
        const [person, other] = [await attacker.enrolled(), await attacker.enrolled()];
        const [first = '', second = ''] = person.codes;
        attacker.expectSession(await enter(attacker, person, first), { code: first });
        const used = await enter(attacker, person, first);
        const foreign = await enter(attacker, other, second);
        for (const { status, tokenId, callbacks } of [used, foreign])
          assert.deepEqual([status, tokenId, callbacks[0]?.type], [200, undefined, 'NameCallback']);
        const written = ` ${second.toLowerCase().replace(/(.{4})/g, '$1-')}`;
        attacker.expectSession(await enter(attacker, person, written), { code: second });
      },
    },
    ...each<readonly unknown[]>(
      [
        ['', '   '],
        ['x'.repeat(50_000), 'x'.repeat(1 << 20)],
        ['a\u0000b', '００００００００００００００００'],
        ["' OR '1'='1", '*'],
        ['%', '.{16}'],
        ['[object Object]', ['0000000000000000']],
        [{ a: 1 }, null],
      ],
      (values) => ({ ids: ['A116'], title: `${JSON.stringify(values).slice(0, 40)} are no codes` }),
      async (attacker, values) => {
        const person = await attacker.enrolled();
        for (const value of values) {
          const { status, tokenId } = await enter(attacker, person, value);
          assert.deepEqual([[200, 400, 401, 413].includes(status), tokenId], [true, undefined]);
        }
      },
    ),
    {
      ids: ['A117', 'A118'],
      title:
        'the fifth wrong code in a row, of however many logins, ends the login, and a right code of 80 random bits is accepted all the same (SEC-46, SEC-87)',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const code = person.codes[0] ?? '';
        let field: RestAnswer | undefined;
        for (let wrong = 0; wrong < 5; wrong += 1) {
          const answer = await enter(attacker, person, '0000000000000000', field);
          assert.equal(answer.tokenId, undefined);
          field = answer.authId === undefined ? undefined : answer;
        }
        assert.equal(field, undefined);
        attacker.expectSession(await enter(attacker, person, code), { code });
      },
    },
    {
      ids: ['A121'],
      title: 'nobody leaves out the phone by the API, for themselves or for others',
      async attack(attacker) {
        const [person, other] = [await attacker.enrolled(), await attacker.enrolled()];
        const session = attacker.expectSession(await attacker.login(person.name));
        for (const [token, name] of [
          [session, person.name],
          [person.session, person.name],
          [person.session, other.name],
        ] as const) {
          const path = `/json/realms/root/users/${name}/devices/2fa/push?_action=skip`;
          const { status } = await attacker.ask(path, {
            headers: { iplanetdirectorypro: token },
            body: { value: true },
          });
          assert.equal(status, 403);
        }
        for (const { name } of [person, other]) {
          const step = await attacker.passPassword(name);
          assert.ok(step.callbacks.some(({ type }) => type === 'PollingWaitCallback'));
        }
      },
    },
    {
      ids: ['A124'],
      title: 'codes that were shown are not shown again by going back',
      ruling: 'design.md §3.3 "retry of a step": the very last step may be said again for 60 seconds, and no older one',
      async attack(attacker) {
        const { name } = await attacker.person();
        const setup = await attacker.chooseRegister(await attacker.passPassword(name));
        assert.equal((await attacker.phone('register', setup.code.body())).status, 200);
        attacker.witness.connected(name);
        const shown = await attacker.submit(setup);
        for (const [code] of shown.text.matchAll(/\b[0-9A-HJKMNP-TV-Z]{16}\b/g)) attacker.keep(code);
        const wait = await attacker.submit(shown);
        assert.equal(wait.status, 200);
        const back = await attacker.submit(setup);
        assert.deepEqual([back.status, back.body], [401, EXPIRED]);
        assert.doesNotMatch((await attacker.submit(wait)).text, /\b[0-9A-HJKMNP-TV-Z]{16}\b/);
      },
    },
  ],
};
