import assert from 'node:assert/strict';
import { OPTION, type RestAnswer } from '../../support/rest-client.ts';
import type { AttackGroup } from '../attack-case.ts';
import { type Attacker, EXPIRED, PASSWORD, WRONG } from '../target/attacker.ts';
import type { Enrolled } from '../target/open-phone.ts';

const USERS = '/json/realms/root/users';
const SESSIONS = '/json/realms/root/sessions';

/** Of answers to the same, those that are sessions; each is a legal one. */
const sessionsOf = (
  attacker: Attacker,
  answers: readonly RestAnswer[],
  by: { readonly message?: string; readonly code?: string },
): ReadonlySet<string> => {
  const tokens = new Set<string>();
  for (const answer of answers) {
    if (answer.tokenId === undefined || tokens.has(answer.tokenId)) continue;
    tokens.add(attacker.expectSession(answer, by));
  }
  return tokens;
};

/** Says it once more for whoever found the line full, which is bounded (REL-14): they were not heard. */
const heard = async (
  answers: readonly RestAnswer[],
  again: (at: number) => Promise<RestAnswer>,
): Promise<readonly RestAnswer[]> => {
  const all: RestAnswer[] = [];
  for (const [at, answer] of answers.entries()) {
    let last = answer;
    while (last.status === 503) {
      assert.equal(last.headers.get('retry-after'), '1');
      last = await again(at);
    }
    all.push(last);
  }
  return all;
};

const devicesOf = async (attacker: Attacker, name: string): Promise<readonly { readonly uuid: string }[]> =>
  (await attacker.asAdministrator('GET', `${USERS}/${name}/devices/2fa/push?_queryFilter=true`)).body
    .result as readonly { readonly uuid: string }[];

const approveBody = (
  { open }: Enrolled,
  request: { readonly messageId: string; readonly challenge: Buffer },
  number: string,
) => ({
  messageId: request.messageId,
  jwt: open.sign(open.claims(request as never, number)),
});

export const races: AttackGroup = {
  number: '3.5',
  title: 'races',
  cases: [
    {
      ids: ['A101'],
      tripsLimit: true,
      title: 'one recovery code in many logins at once lets in once (SEC-45)',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const code = person.codes[0] ?? '';
        const fields: RestAnswer[] = [];
        for (let at = 0; at < attacker.atOnce; at += 1) fields.push(await attacker.recoveryField(person));
        const enter = (at: number) => attacker.submit(fields[at] as RestAnswer, { 0: code });
        const answers = await heard(await attacker.atTheSameTime(enter), enter);
        assert.equal(sessionsOf(attacker, answers, { code }).size, 1);
      },
    },
    {
      ids: ['A102'],
      title: 'one submit many times at once makes one session (SEC-38)',
      async attack(attacker) {
        const { name } = await attacker.person();
        const step = await attacker.start('Login');
        const submit = () => attacker.submit(step, { 0: name, 1: PASSWORD });
        const answers = await heard(await attacker.atTheSameTime(submit), submit);
        assert.equal(sessionsOf(attacker, answers, {}).size, 1);
        for (const { tokenId, status, body } of answers)
          if (tokenId === undefined) assert.deepEqual([status, body], [401, EXPIRED]);
      },
    },
    {
      ids: ['A103'],
      title: 'of yes and no at once, a no that was heard before anybody was let in holds (SEC-17, SEC-18)',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const { wait, request, number } = await attacker.waiting(person);
        const { open } = person;
        const yes = open.sign(open.claims(request, number));
        const no = open.sign(open.claims(request, number, { deny: true }));
        const answers = await attacker.atTheSameTime(async (at) => {
          const { status } = await attacker.phone('authenticate', {
            messageId: request.messageId,
            jwt: at % 2 === 0 ? yes : no,
          });
          return { status, isNo: at % 2 === 1 };
        });
        assert.ok(answers.some(({ isNo, status }) => isNo && status === 200));
        attacker.witness.denied(request.messageId);
        attacker.expectLoginFailure(await attacker.poll({ wait }));
      },
    },
    {
      ids: ['A104'],
      title: 'a yes at the end of its time is in time or too late, and not both',
      needs: 'clock',
      async attack(attacker) {
        const person = await attacker.enrolled();
        await attacker.pass(2_000);
        const { wait, request, number } = await attacker.waiting(person);
        await attacker.pass(119_900);
        const [yes] = await Promise.all([
          attacker.phone('authenticate', approveBody(person, request, number)),
          attacker.pass(200),
        ]);
        const poll = await attacker.poll({ wait });
        if (yes.status === 200) attacker.expectSession(poll, { message: request.messageId });
        else assert.equal(poll.tokenId, undefined);
      },
    },
    {
      ids: ['A105'],
      title: 'many polls at the moment of the yes make one session',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const { wait, request, number } = await attacker.waiting(person);
        const poll = () => attacker.poll({ wait });
        const [answers, yes] = await Promise.all([
          attacker.atTheSameTime(poll),
          attacker.phone('authenticate', approveBody(person, request, number)),
        ]);
        assert.equal(yes.status, 200);
        const all = [...(await heard(answers, poll)), await poll()];
        assert.equal(sessionsOf(attacker, all, { message: request.messageId }).size, 1);
      },
    },
    {
      ids: ['A106'],
      title: 'of many phones on one code one is connected (SEC-02)',
      async attack(attacker) {
        const { name } = await attacker.person();
        const step = await attacker.chooseRegister(await attacker.passPassword(name));
        const answers = await attacker.atTheSameTime(() => attacker.phone('register', step.code.body()));
        assert.equal(answers.filter(({ status }) => status === 200).length, 1);
        attacker.witness.connected(name);
        await attacker.submit(step);
        assert.equal((await devicesOf(attacker, name)).length, 1);
      },
    },
    {
      ids: ['A107', 'A120'],
      title: 'nobody has a phone and is let in without it, whichever page was last (SEC-50)',
      async attack(attacker) {
        const { name } = await attacker.person();
        const [stale, other] = [await attacker.passPassword(name), await attacker.passPassword(name)];
        const setup = await attacker.chooseRegister(other);
        assert.equal((await attacker.phone('register', setup.code.body())).status, 200);
        attacker.witness.connected(name);
        const [optedOut] = await Promise.all([attacker.submit(stale, { 1: OPTION.optOut }), attacker.submit(setup)]);
        if (optedOut.tokenId !== undefined) attacker.expectSession(optedOut);
        assert.equal((await devicesOf(attacker, name)).length, 1);
        const next = await attacker.passPassword(name);
        assert.equal(next.tokenId, undefined);
        assert.ok(
          next.callbacks.some(({ type }) => type === 'PollingWaitCallback'),
          next.text,
        );
        // Later, too.
        const late = await attacker.submit(stale, { 1: OPTION.optOut });
        assert.equal(late.tokenId, undefined);
      },
    },
    {
      ids: ['A108'],
      title: 'a phone that is removed while it says yes lets in before that, or not at all',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const { wait, request, number } = await attacker.waiting(person);
        const [device] = await devicesOf(attacker, person.name);
        const [yes, removed] = await Promise.all([
          attacker.phone('authenticate', approveBody(person, request, number)),
          attacker.asAdministrator('DELETE', `${USERS}/${person.name}/devices/2fa/push/${device?.uuid}`),
        ]);
        assert.ok([200, 400].includes(yes.status));
        assert.equal(removed.status, 200);
        assert.equal((await attacker.poll({ wait })).tokenId, undefined);
        attacker.lost(person);
      },
    },
    {
      ids: ['A110'],
      tripsLimit: true,
      title: 'of many guesses at once no more are looked at than the limit, and the owner gets in afterwards',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const steps = await attacker.atTheSameTime(() => attacker.start('Login'), attacker.atOnce * 2);
        const guess = (at: number) => attacker.submit(steps[at] as RestAnswer, { 0: person.name, 1: `${WRONG}${at}` });
        const answers = await heard(await attacker.atTheSameTime(guess, attacker.atOnce * 2), guess);
        for (const answer of answers) attacker.expectLoginFailure(answer);
        // Right, and not looked at.
        attacker.expectLoginFailure(await attacker.login(person.name));
      },
    },
    {
      ids: ['A111'],
      title: 'a password that is set anew ends the logins that were under way (SEC-61)',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const { wait, request, number } = await attacker.waiting(person);
        const [, changed] = await Promise.all([
          attacker.phone('authenticate', approveBody(person, request, number)),
          attacker.asAdministrator('PUT', `${USERS}/${person.name}`, { userpassword: `${PASSWORD}-new` }),
        ]);
        assert.equal(changed.status, 200);
        const poll = await attacker.poll({ wait });
        assert.deepEqual([poll.status, poll.tokenId], [401, undefined]);
        attacker.lost(person);
      },
    },
    {
      ids: ['A112'],
      tripsLimit: true,
      title: 'many logins at once, from everywhere, ring a phone no more often than it may (SEC-25)',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const waits = await attacker.atTheSameTime((at) =>
          attacker.passPassword(person.name, 'PushLogin', { from: attacker.elsewhere(at) }),
        );
        const transactions = waits.map(({ headers }) => headers.get('x-transaction-id') ?? '');
        for (const { status, tokenId } of waits) {
          assert.ok([200, 401, 503].includes(status));
          assert.equal(tokenId, undefined);
        }
        if (attacker.target.rows === undefined) return;
        const rows = await attacker.target.rows(
          `SELECT transaction_id FROM audit WHERE event = 'PUSH_SENT' AND transaction_id IN (${transactions
            .map((it) => `'${it.replaceAll("'", '')}'`)
            .join(', ')})`,
        );
        assert.ok(rows.length >= 1 && rows.length <= 3, `${rows.length} requests were sent`);
        // Each of them is from another place, and none ends that of another (SEC-24).
        assert.ok((await person.open.phone.pending()).length <= rows.length);
      },
    },
    {
      ids: ['A113', 'A115'],
      tripsLimit: true,
      title: 'of sets of codes that are made at once one is good, and no older one',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const path = `${USERS}/${person.name}/devices/2fa/push?_action=renewCodes`;
        const headers = { iplanetdirectorypro: person.session };
        const sets = await attacker.atTheSameTime(() => attacker.ask(path, { headers }), 2);
        const codes = sets.flatMap(({ status, body, text }) => {
          assert.ok(status === 200 || status === 503 || status === 409, text);
          const [first] = [...text.matchAll(/\b[0-9A-HJKMNP-TV-Z]{16}\b/g)].map(([code]) => attacker.keep(code));
          return body !== undefined && first !== undefined ? [first] : [];
        });
        assert.ok(codes.length >= 1);
        let good = 0;
        for (const code of [...codes, person.codes[0] ?? '']) {
          const answer = await attacker.submit(await attacker.recoveryField(person), { 0: code });
          if (answer.tokenId === undefined) continue;
          attacker.expectSession(answer, { code });
          good += 1;
        }
        assert.equal(good, 1);
      },
    },
    {
      ids: ['A114'],
      title: 'a session that was ended is not there, whatever was done with it at the same time',
      async attack(attacker) {
        const { name } = await attacker.person();
        const token = attacker.expectSession(await attacker.login(name));
        const act = (action: string) => attacker.ask(`${SESSIONS}?_action=${action}`, { body: { tokenId: token } });
        await attacker.atTheSameTime((at) =>
          act(at === 5 ? 'logout' : at % 2 === 0 ? 'refresh' : 'getSessionInfoAndResetIdleTime'),
        );
        assert.deepEqual((await act('validate')).body, { valid: false });
        assert.equal((await act('getSessionInfo')).status, 401);
      },
    },
  ],
};
