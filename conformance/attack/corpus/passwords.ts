import assert from 'node:assert/strict';
import { solve } from '../../support/phone.ts';
import type { AttackGroup } from '../attack-case.ts';
import { type Attacker, PASSWORD, ringing, WRONG } from '../target/attacker.ts';

const USERS = '/json/realms/root/users';
const MINUTE = 60_000;

/** The cookies by which a browser is known that is signed in no more. */
const knownBy = (header: string | null): string =>
  (header ?? '')
    .split(/, (?=[\w-]+=)/)
    .map((it) => it.split(';', 1)[0] ?? '')
    .filter((it) => !it.startsWith('iPlanetDirectoryPro='))
    .join('; ');

const guess = async (attacker: Attacker, name: string, from: string, headers: Record<string, string> = {}) =>
  attacker.login(name, WRONG, { from, headers });

export const passwords: AttackGroup = {
  number: '3.8',
  title: 'passwords, limits and names',
  cases: [
    {
      ids: ['A136'],
      title: 'a password counts to its last byte, and one that is too long is refused',
      async attack(attacker) {
        const { name } = await attacker.person();
        const long = `${'x'.repeat(80)}-Canary-a1`;
        for (const password of [long, 'Canary-\u0000-nul-7d1f9', `${PASSWORD}-😀-ñ`]) {
          const put = await attacker.asAdministrator('PUT', `${USERS}/${name}`, { userpassword: password });
          if (put.status !== 200) {
            assert.equal(put.status, 400);
            continue;
          }
          attacker.expectLoginFailure(await attacker.login(name, `${password.slice(0, -1)}!`));
          const cut = password.split('\u0000')[0]?.slice(0, 72) ?? '';
          if (cut !== password) attacker.expectLoginFailure(await attacker.login(name, cut));
          attacker.expectSession(await attacker.login(name, password));
        }
        const step = await attacker.start('Login');
        for (const password of ['x'.repeat(1 << 20), 'a\ud800b', 'x'.repeat(20_000)]) {
          const { status, tokenId } = await attacker.submit(step, { 0: name, 1: password });
          assert.deepEqual([[400, 401, 413].includes(status), tokenId], [true, undefined], String(status));
        }
      },
    },
    {
      ids: ['A137', 'A139'],
      title: 'an address that tries one password on everybody is refused, whatever it says of itself, and locks nobody',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const from = attacker.elsewhere(7);
        // As many wrong ones as an address has, each in the name of another proxy.
        for (let at = 0; at < 110; at += 10)
          await attacker.atTheSameTime(
            (next) =>
              guess(attacker, `sprayed-${at + next}`, from, {
                'x-forwarded-for': `203.0.113.${at + next}`,
                'x-real-ip': `198.51.100.${at + next}`,
                forwarded: `for=192.0.2.${at + next}`,
              }),
            10,
          );
        // The right one is not looked at any more from there, and is from elsewhere.
        const there = await attacker.login(person.name, PASSWORD, {
          from,
          headers: { 'x-forwarded-for': '203.0.113.250' },
        });
        assert.equal(there.tokenId, undefined);
        attacker.expectSession(await attacker.login(person.name));
      },
    },
    {
      ids: [],
      title: 'each sign-in that fails is told once, whatever is wrong with it, by the transaction of its answer (I6)',
      async attack(attacker) {
        const { name } = await attacker.person();
        const disabled = await attacker.person();
        const put = await attacker.asAdministrator('PUT', `${USERS}/${disabled.name}`, { inetUserStatus: 'Inactive' });
        assert.equal(put.status, 200);
        const fails = async (event: string, user: string, password: string): Promise<void> => {
          const { status, tokenId, headers } = await attacker.login(user, password);
          assert.deepEqual([status, tokenId], [401, undefined]);
          attacker.witness.decided(headers.get('x-transaction-id') ?? '', event);
        };
        for (const user of [name, `nobody-${name}`, disabled.name]) await fails('AUTH_FAIL', user, WRONG);
        await fails('AUTH_FAIL', disabled.name, PASSWORD);
        for (let wrong = 0; wrong < 4; wrong += 1) await guess(attacker, name, attacker.address);
        // The audit log has the first refusal of an hour at this address; a stranger can repeat it without end.
        await fails('THROTTLED', name, PASSWORD);
        for (let refused = 0; refused < 10; refused += 1) await guess(attacker, name, attacker.address);
      },
    },
    {
      ids: ['A138', 'A142'],
      title:
        'guesses from everywhere keep nobody out of a browser that is known, whose success helps no stranger (SEC-57)',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const first = await attacker.login(person.name);
        attacker.expectSession(first);
        const cookie = knownBy(first.headers.get('set-cookie'));
        for (let at = 0; at < 30; at += 1) await guess(attacker, person.name, attacker.elsewhere(at));
        const atHome = (password: string) => attacker.login(person.name, password, { headers: { cookie } });
        attacker.expectSession(await atHome(PASSWORD));
        // A stranger is as locked as before.
        const stranger = await attacker.login(person.name, PASSWORD, { from: attacker.elsewhere(1) });
        assert.equal(stranger.tokenId, undefined);
      },
    },
    {
      ids: ['A140'],
      title: 'a phone that nobody answers rings twenty times a day, and the page waits as ever after that',
      needs: 'clock',
      async attack(attacker) {
        const person = await attacker.enrolled();
        let rung = 0;
        // From where its owner has signed in, it goes on ringing (docs/fatigue.md).
        const from = attacker.elsewhere(3);
        for (let at = 0; at < 24; at += 1) {
          const wait = await attacker.passPassword(person.name, undefined, { from });
          assert.deepEqual(
            [wait.status, wait.callbacks.some(({ type }) => type === 'PollingWaitCallback')],
            [200, true],
          );
          rung += (await ringing(person)).length;
          await attacker.pass(11 * MINUTE);
        }
        assert.ok(rung >= 1 && rung <= 20, `it rang ${rung} times`);
      },
    },
    {
      ids: ['A141'],
      title: 'two wrong numbers silence a phone, and its page does not say so (SEC-26)',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const from = attacker.elsewhere(4);
        for (let wrong = 0; wrong < 2; wrong += 1) {
          const wait = await attacker.passPassword(person.name, undefined, { from });
          const [request] = await ringing(person);
          // After the first there may be a while without a request.
          if (request === undefined) break;
          const claims = { response: solve(request.challenge, person.open.secret) };
          const body = { messageId: request.messageId, jwt: person.open.sign(claims) };
          assert.equal((await attacker.phone('authenticate', body)).status, 200);
          attacker.witness.denied(request.messageId);
          assert.equal((await attacker.poll({ wait })).tokenId, undefined);
        }
        const wait = await attacker.passPassword(person.name, undefined, { from });
        assert.equal(wait.status, 200);
        assert.ok(wait.callbacks.some(({ type }) => type === 'PollingWaitCallback'));
        assert.deepEqual(await ringing(person), []);
      },
    },
  ],
};
