import assert from 'node:assert/strict';
import {
  DEVICE_PROFILE,
  filled,
  OPTION,
  outputOf,
  type RestAnswer,
  type RestCallback,
} from '../../support/rest-client.ts';
import { type AttackCase, type AttackGroup, each } from '../attack-case.ts';
import { type Attacker, EXPIRED, PASSWORD, refusal, WRONG } from '../target/attacker.ts';

const COUNT = refusal(400, 'Bad Request', 'Incorrect number of callbacks found in JSON response');
const TYPE = refusal(400, 'Bad Request', 'Required callback not found in JSON response');
const UNSIGNED = refusal(400, 'Bad Request', 'AuthId JWT Signature not valid');

const START = '/json/realms/root/authenticate';

const told = ({ status, body }: RestAnswer) => [status, body] as const;
const expectExpired = (answer: RestAnswer): void => assert.deepEqual(told(answer), [401, EXPIRED]);

const submitted = (attacker: Attacker, body: unknown): Promise<RestAnswer> => attacker.ask(START, { body });

/** The way in by password, so that what was attacked is still good. */
const signsIn = async (attacker: Attacker, step: RestAnswer, name: string): Promise<void> =>
  void attacker.expectSession(await attacker.submit(step, { 0: name, 1: PASSWORD }));

const flipLast = (text: string): string => `${text.slice(0, -5)}${text.at(-5) === 'A' ? 'B' : 'A'}${text.slice(-4)}`;

const authIds: readonly AttackCase[] = [
  {
    ids: ['A069'],
    title: 'an authId that is two steps old has timed out, and the current step is unharmed (SEC-38)',
    async attack(attacker) {
      const { name } = await attacker.person();
      const first = await attacker.start('PushLogin');
      const profile = await attacker.submit(first, { 0: name, 1: PASSWORD });
      const options = await attacker.submit(profile, { 0: DEVICE_PROFILE });
      for (const password of [PASSWORD, WRONG]) expectExpired(await attacker.submit(first, { 0: name, 1: password }));
      attacker.expectSession(await attacker.submit(options, { 1: OPTION.skip }));
    },
  },
  {
    ids: ['A070'],
    title: 'an authId that was changed is refused, and the true one goes on (SEC-37)',
    async attack(attacker) {
      const { name } = await attacker.person();
      const step = await attacker.start('Login');
      const other = await attacker.start('Login');
      const authId = attacker.keep(step.authId ?? '');
      const [, payload, signature] = authId.split('.');
      const [header] = authId.split('.');
      const none = Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url');
      const forged = [
        flipLast(authId),
        `${header}.${other.authId?.split('.')[1]}.${signature}`,
        `${none}.${payload}.${signature}`,
      ];
      for (const authId of forged) {
        assert.deepEqual(told(await submitted(attacker, { ...filled(step), authId })), [400, UNSIGNED]);
      }
      for (const authId of [`${none}.${payload}.`, 'x', 'a.b', 'a.b.c.d', '..']) {
        const { status, body } = await submitted(attacker, { ...filled(step), authId });
        assert.equal(status, 400, authId);
        assert.match(String(body.message), /^Failed to parse JWT, |^AuthId JWT Signature not valid$/);
      }
      await signsIn(attacker, step, name);
    },
  },
  {
    ids: ['A071'],
    title: 'an authId says which journey runs, whatever the address says',
    ruling: 'design.md §3.3 "query that differs from authId": ignored, and not 401',
    async attack(attacker) {
      const { name } = await attacker.person();
      const step = await attacker.start('Login');
      const body = filled(step, { 0: name, 1: PASSWORD });
      attacker.expectSession(await attacker.ask(attacker.authenticate('PushLogin'), { body }));
    },
  },
  {
    ids: ['A072'],
    title: 'an authId of another realm has timed out, and goes on in its own',
    async attack(attacker) {
      const { name } = await attacker.person();
      const body = filled(await attacker.start('Login'), { 0: name, 1: PASSWORD });
      expectExpired(await attacker.ask('/json/realms/root/realms/alpha/authenticate', { body }));
      attacker.expectSession(await submitted(attacker, body));
    },
  },
  {
    ids: ['A073', 'A147'],
    title: 'an authId belongs to the browser that began (SEC-42)',
    async attack(attacker) {
      const { name } = await attacker.person();
      const ours = { 'sec-fetch-site': 'same-origin', origin: attacker.origin };
      const step = await attacker.start('Login', { headers: ours });
      const set = step.headers.get('set-cookie') ?? '';
      const [cookie = ''] = set.split(';');
      assert.match(cookie, /^jb=[\w-]{22}$/);
      assert.match(set, /HttpOnly/);
      const as = (headers: Readonly<Record<string, string>>) =>
        attacker.submit(step, { 0: name, 1: PASSWORD }, { headers: { ...ours, ...headers } });
      expectExpired(await as({ cookie: 'jb=AAAAAAAAAAAAAAAAAAAAAA' }));
      expectExpired(await as({}));
      attacker.expectSession(await as({ cookie }));
    },
  },
  {
    ids: ['A074', 'A087'],
    title: 'an authId is over with its journey, after success and after failure',
    async attack(attacker) {
      const { name } = await attacker.person();
      for (const password of [PASSWORD, WRONG]) {
        const step = await attacker.start('Login');
        const answer = await attacker.submit(step, { 0: name, 1: password });
        if (password === PASSWORD) attacker.expectSession(answer);
        else attacker.expectLoginFailure(answer);
        expectExpired(await attacker.submit(step, { 0: name, 1: PASSWORD }));
      }
    },
  },
  {
    ids: ['A074'],
    title: 'an authId is over at its age',
    needs: 'clock',
    async attack(attacker) {
      const { name } = await attacker.person();
      const step = await attacker.start('PushLogin');
      await attacker.pass(16 * 60_000);
      expectExpired(await attacker.submit(step, { 0: name, 1: PASSWORD }));
    },
  },
  {
    ids: ['A075'],
    title: 'no other token is an authId, and an authId is no other token (SEC-30)',
    async attack(attacker) {
      const { session, open, name } = await attacker.enrolled();
      const step = await attacker.start('Login');
      const suspended = '00000000-0000-4000-8000-000000000000.AAAAAAAAAAAAAAAAAAAAAAAA';
      for (const authId of [
        session,
        open.code.messageId,
        'AUTHENTICATE:0f6a1c52-7f0e-4b0b-9f2d-000000000001',
        suspended,
      ])
        assert.equal((await submitted(attacker, { ...filled(step), authId })).status, 400);
      for (const tokenId of [step.authId ?? '', open.code.messageId, suspended]) {
        const { body } = await attacker.ask('/json/realms/root/sessions?_action=validate', { body: { tokenId } });
        assert.deepEqual(body, { valid: false });
      }
      const { status } = await attacker.ask(`${START}?suspendedId=${session}`);
      assert.ok(status === 400 || status === 401);
      await signsIn(attacker, step, name);
    },
  },
  ...each<readonly [string, unknown, number]>(
    [
      ['an array', ['x'], 400],
      ['a number', 7, 400],
      ['null, with callbacks', null, 400],
      ['too long', 'x'.repeat(9_000), 400],
      ['of a mebibyte', 'x'.repeat(1_048_576), 413],
    ],
    ([what]) => ({ ids: ['A096'], title: `an authId that is ${what} is refused` }),
    async (attacker, [, authId, status]) => {
      const step = await attacker.start('Login');
      const answer = await submitted(attacker, { ...filled(step), authId });
      assert.deepEqual([answer.status, answer.body.code], [status, status]);
    },
  ),
  {
    ids: ['A099', 'A100'],
    title: 'an identical retry is answered alike, and another answer is refused (SEC-39)',
    async attack(attacker) {
      const [{ name }, other] = [await attacker.person(), await attacker.person()];
      const first = await attacker.start('PushLogin');
      const profile = await attacker.submit(first, { 0: name, 1: PASSWORD });
      assert.deepEqual((await attacker.submit(first, { 0: name, 1: PASSWORD })).body, profile.body);
      expectExpired(await attacker.submit(first, { 0: other.name, 1: PASSWORD }));
      assert.equal((await attacker.submit(profile, { 0: DEVICE_PROFILE })).status, 200);
    },
  },
];

const withCallbacks = (step: RestAnswer, callbacks: unknown) => ({ authId: step.authId, callbacks });
const firstOf = (callbacks: readonly RestCallback[]): RestCallback => {
  const [callback] = callbacks;
  assert.ok(callback, 'The step has no callback.');
  return callback;
};

const callbacks: readonly AttackCase[] = [
  ...each<readonly [string, (callbacks: readonly RestCallback[]) => unknown, object]>(
    [
      ['are none', () => [], COUNT],
      ['are one less', (its) => its.slice(0, 1), COUNT],
      ['are one more', (its) => [...its, firstOf(its)], COUNT],
      ['are in another order', (its) => its.toReversed(), TYPE],
      ['are twice the same', (its) => [firstOf(its), firstOf(its)], TYPE],
      ['are of another type', (its) => [{ ...firstOf(its), type: 'ConfirmationCallback' }, ...its.slice(1)], TYPE],
      ['are of no type', (its) => [{ ...firstOf(its), type: 'java.lang.Runtime' }, ...its.slice(1)], TYPE],
    ],
    ([what]) => ({
      ids: ['A076', 'A077', 'A086'],
      title: `callbacks that ${what} are refused, and the step is still there`,
    }),
    async (attacker, [, change, body]) => {
      const { name } = await attacker.person();
      const step = await attacker.start('Login');
      const { callbacks: its } = filled(step, { 0: name, 1: PASSWORD });
      assert.deepEqual(told(await submitted(attacker, withCallbacks(step, change(its)))), [400, body]);
      await signsIn(attacker, step, name);
    },
  ),
  {
    ids: ['A083', 'A084'],
    title: 'without callbacks the same step comes again, and nothing goes on',
    async attack(attacker) {
      const person = await attacker.enrolled();
      const { wait } = await attacker.waiting(person);
      for (let times = 0; times < 3; times += 1)
        assert.deepEqual(told(await submitted(attacker, { authId: wait.authId })), [200, wait.body]);
      for (const body of ['[]', '7', '"x"', 'true']) assert.equal((await attacker.ask(START, { body })).status, 400);
    },
  },
  {
    ids: ['A078', 'A082'],
    title: 'outputs that a client changed change nothing (SEC-40)',
    async attack(attacker) {
      const person = await attacker.enrolled();
      const { wait } = await attacker.waiting(person);
      const changed = filled(wait).callbacks.map((callback) => ({
        ...callback,
        output: callback.output.map((entry) => ({ ...entry, value: '0' })),
      }));
      assert.deepEqual(told(await submitted(attacker, withCallbacks(wait, changed))), [200, wait.body]);
      const at = wait.callbacks.findIndex(({ type }) => type === 'HiddenValueCallback');
      assert.deepEqual(told(await attacker.submit(wait, { [at]: '000000' })), [200, wait.body]);
    },
  },
  ...each(
    [100, -1, 1, 2 ** 31, 1e300, '99'],
    (option) => ({ ids: ['A081'], title: `option ${option} leaves no wait` }),
    async (attacker, option) => {
      const person = await attacker.enrolled();
      const { wait } = await attacker.waiting(person);
      const exit = wait.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
      const answer = await attacker.submit(wait, { [exit]: option });
      if (answer.status === 200) assert.deepEqual(answer.body, wait.body);
      else
        assert.deepEqual(
          [answer.status, answer.body.message],
          [400, 'The value of callback 3 (ConfirmationCallback) is not valid'],
        );
      assert.equal((await attacker.submit(wait, { [exit]: 0 })).callbacks[0]?.type, 'NameCallback');
    },
  ),
  {
    ids: ['A080'],
    title: 'an option that there is none of is refused by name',
    async attack(attacker) {
      const { name } = await attacker.person();
      const options = await attacker.passPassword(name);
      for (const option of [-1, 4, 999, 1.5, 'x', null, [], {}]) {
        const { status, body } = await attacker.submit(options, { 1: option });
        assert.deepEqual(
          [option, status, body.message],
          [option, 400, 'The value of callback 2 (ConfirmationCallback) is not valid'],
        );
      }
    },
  },
  {
    ids: ['A079'],
    title: 'inputs that nobody asked for carry nothing',
    async attack(attacker) {
      const { name } = await attacker.person();
      const step = await attacker.start('Login');
      const [first, password] = filled(step, { 0: name, 1: PASSWORD }).callbacks;
      const extra = Array.from({ length: 99 }, (_, at) => ({ name: `IDToken${at + 3}`, value: 'x' }));
      const its = [{ ...first, input: [...(first?.input ?? []), ...extra] }, password];
      attacker.expectSession(await submitted(attacker, withCallbacks(step, its)));
    },
  },
  {
    ids: ['A095'],
    title: 'whoever has proven a password is nobody else by a name that comes later',
    async attack(attacker) {
      const person = await attacker.enrolled();
      const victim = await attacker.enrolled();
      const field = await attacker.recoveryField(person);
      // The code field is a NameCallback: a name in it is a wrong code, and the code of another is nobody's.
      for (const text of [victim.name, victim.codes[0] ?? '']) {
        const answer = await attacker.submit(field, { 0: text });
        assert.equal(answer.tokenId, undefined);
      }
      await attacker.approve(victim, await attacker.waiting(victim));
    },
  },
];

const waits: readonly AttackCase[] = [
  {
    ids: ['A085'],
    title: 'a wait that is asked about a hundred times at once still waits, and is over no earlier',
    async attack(attacker) {
      const person = await attacker.enrolled();
      const waiting = await attacker.waiting(person);
      for (const answer of await Promise.all(Array.from({ length: 100 }, () => attacker.poll(waiting))))
        assert.deepEqual(told(answer), [200, waiting.wait.body]);
      await attacker.approve(person, waiting);
    },
  },
  {
    ids: ['A092'],
    title: 'a journey that its browser began anew leaves the old one without a way in',
    async attack(attacker) {
      const person = await attacker.enrolled();
      const old = await attacker.waiting(person);
      const { wait, request, number } = await attacker.waiting(person);
      const superseded = await person.open.phone.approve(old.request, old.number);
      assert.equal(superseded.status, 400);
      assert.equal((await attacker.poll(old)).tokenId, undefined);
      await attacker.approve(person, { wait, request, number });
      assert.equal((await attacker.poll(old)).tokenId, undefined);
    },
  },
  {
    ids: ['A094'],
    title: 'a wait that nobody answers ends by the age of its journey, however often it is asked about',
    needs: 'clock',
    async attack(attacker) {
      const person = await attacker.enrolled();
      let step = (await attacker.waiting(person)).wait;
      for (let poll = 0; poll < 300 && step.authId !== undefined; poll += 1) {
        await attacker.pass(5_000);
        step = await attacker.submit(step);
        assert.equal(step.tokenId, undefined);
      }
      assert.equal(step.status, 401);
    },
  },
  {
    ids: ['A093'],
    title: 'a journey that is edited meanwhile ends as it began, or not at all (SEC-41)',
    async attack(attacker) {
      const { name } = await attacker.person();
      const trees = '/json/realm-config/authentication/authenticationtrees/trees';
      const tree = `Edited${name}`;
      const node = crypto.randomUUID();
      const saved = (connections: object) => ({
        entryNodeId: node,
        nodes: { [node]: { nodeType: 'UsernameCollectorNode', displayName: 'x', connections } },
      });
      const nodes = '/json/realm-config/authentication/authenticationtrees/nodes/UsernameCollectorNode';
      assert.ok((await attacker.asAdministrator('PUT', `${nodes}/${node}`, {})).status < 300);
      const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';
      const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
      const put = (to: string) => attacker.asAdministrator('PUT', `${trees}/${tree}`, saved({ outcome: to }));
      assert.ok((await put(FAILURE)).status < 300);
      const step = await attacker.start(tree);
      assert.equal(step.callbacks[0]?.type, 'NameCallback');
      assert.ok((await put(SUCCESS)).status < 300);
      const ended = await attacker.submit(step, { 0: name });
      assert.deepEqual([ended.status, ended.tokenId], [401, undefined]);
      assert.equal((await attacker.asAdministrator('DELETE', `${trees}/${tree}`)).status, 200);
    },
  },
];

const starts: readonly AttackCase[] = [
  {
    ids: ['A098'],
    title: 'starts that nobody goes on with leave nothing behind, and keep nobody waiting',
    ruling: 'design.md, decision 1: a start that stores nothing is not counted, and so not refused with 429',
    async attack(attacker) {
      const person = await attacker.enrolled();
      const stored = async () =>
        (await attacker.target.rows?.('SELECT COUNT(*) AS many FROM journey_session'))?.[0]?.many;
      const before = await stored();
      for (let at = 0; at < 10; at += 1) await attacker.atTheSameTime(() => attacker.start('PushLogin'), 50);
      // A sweep may have taken others away meanwhile.
      assert.ok(Number((await stored()) ?? 0) <= Number(before ?? 0));
      await attacker.approve(person, await attacker.waiting(person));
    },
  },
  ...each<readonly [string, string]>(
    [
      ['authIndexType=module&authIndexValue=x', 'Unknown Authentication Index Type'],
      ['authIndexType=user&authIndexValue=demo', 'Unknown Authentication Index Type'],
      [
        'authIndexType=composite_advice&authIndexValue=%3CAdvices%2F%3E',
        'authIndexValue must hold one advice, AuthenticateToServiceConditionAdvice, AuthenticateToTreeConditionAdvice, AuthLevelConditionAdvice or TransactionConditionAdvice, as <Advices> in XML.',
      ],
      ['authIndexType=service&authIndexValue=NoSuchTree', 'No Configuration found'],
      ['authIndexType=service&authIndexValue=../Login', 'No Configuration found'],
      ['authIndexType=service&authIndexValue=%252e%252e', 'No Configuration found'],
      ['authIndexType=service&authIndexValue=__proto__', 'No Configuration found'],
      ['realm=/nowhere', 'Invalid realm, /nowhere'],
    ],
    ([query]) => ({ ids: ['A088'], title: `a start by ${query} is refused` }),
    async (attacker, [query, message]) => {
      const answer = await attacker.ask(`${START}?${query}`);
      assert.deepEqual(told(answer), [400, refusal(400, 'Bad Request', message)]);
    },
  ),
  {
    ids: ['A089'],
    title: 'the session of somebody else does nothing for a login, and is not ended by it',
    async attack(attacker) {
      const [one, other] = [await attacker.enrolled(), await attacker.person()];
      for (const query of [`ForceAuth=true`, `sessionUpgradeSSOTokenId=${one.session}`]) {
        const headers = { iplanetdirectorypro: one.session };
        const step = await attacker.ask(`${attacker.authenticate('Login')}&${query}`, { headers });
        const answer = await attacker.submit(step, { 0: other.name, 1: PASSWORD }, { headers });
        // No login makes two people one.
        if (answer.tokenId === undefined) assert.equal(answer.status, 401);
        else {
          const token = attacker.expectSession(answer);
          const path = '/json/realms/root/sessions?_action=getSessionInfo';
          const info = await attacker.ask(path, { headers: { iplanetdirectorypro: token } });
          assert.equal(info.body.username, other.name);
        }
      }
    },
  },
  {
    ids: ['A090'],
    title: 'headers with a password are a page with one, and no more',
    async attack(attacker) {
      const { name } = await attacker.enrolled();
      const by = (tree: string | undefined, password: string) =>
        attacker.start(tree, { headers: { 'x-openam-username': name, 'x-openam-password': password } });
      for (const tree of ['Login', 'PushLogin']) {
        const answer = await by(tree, WRONG);
        assert.deepEqual([answer.status, answer.body.message], [401, 'Login failure']);
      }
      const answer = await by('PushLogin', PASSWORD);
      assert.equal(answer.tokenId, undefined);
      assert.ok(!answer.callbacks.some(({ type }) => type === 'PasswordCallback'));
    },
  },
  {
    ids: ['A091'],
    title: 'a login without a session makes none',
    async attack(attacker) {
      const { name } = await attacker.person();
      const step = await attacker.ask(`${attacker.authenticate('Login')}&noSession=true`);
      const answer = await attacker.submit(step, { 0: name, 1: PASSWORD });
      assert.deepEqual([answer.status, Object.keys(answer.body).sort()], [200, ['realm', 'successUrl']]);
      assert.doesNotMatch(answer.headers.get('set-cookie') ?? '', /iPlanetDirectoryPro/);
    },
  },
  {
    ids: ['A143'],
    title: 'a login makes a new session, whatever cookie came along',
    async attack(attacker) {
      const { name } = await attacker.person();
      const headers = { cookie: 'iPlanetDirectoryPro=fixed-by-somebody-else; jb=AAAAAAAAAAAAAAAAAAAAAA' };
      const answer = await attacker.login(name, PASSWORD, { headers });
      const token = attacker.expectSession(answer);
      assert.ok(
        answer.headers.get('set-cookie')?.includes(`iPlanetDirectoryPro=${token}; Path=/; HttpOnly; SameSite=Lax`),
      );
      assert.match(token, /^[\w.*-]{32,}$/);
    },
  },
  ...each(
    [
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
    ],
    (goto) => ({ ids: ['A144'], title: `goto ${JSON.stringify(goto)} leads to no other site` }),
    async (attacker, goto) => {
      const { name } = await attacker.person();
      const step = await attacker.ask(`${attacker.authenticate('Login')}&goto=${encodeURIComponent(goto)}`);
      const answer = await attacker.submit(step, { 0: name, 1: PASSWORD });
      attacker.expectSession(answer);
      const successUrl = String(answer.body.successUrl);
      if (successUrl === '/am/console') return;
      // What was let through stays on this server, and does not end the header or the line that it is put into.
      assert.equal(new URL(successUrl, `${attacker.origin}/am/login`).origin, attacker.origin);
      assert.doesNotMatch(successUrl, /[\r\n\t\\]/);
      assert.doesNotMatch(answer.headers.get('set-cookie') ?? '', /a=b/);
    },
  ),
  {
    ids: ['A134'],
    title: 'no way to write a name makes a second account of it (SEC-60)',
    async attack(attacker) {
      const { name } = await attacker.person();
      const token = async (user: string): Promise<string | undefined> => {
        const answer = await attacker.login(user);
        if (answer.tokenId !== undefined) attacker.expectSession(answer);
        else assert.ok([400, 401].includes(answer.status), `${user}: ${answer.status}`);
        return answer.tokenId;
      };
      // By compatibility and case the same name; anything else is none.
      for (const same of [name.toUpperCase(), name.replace('p', 'ｐ')]) assert.ok(await token(same));
      for (const other of [`${name}\u200b`, name.replace('e', 'е'), `${name}\u0000x`, `\u202e${name}`])
        assert.equal(await token(other), undefined);
      for (const username of [name.toUpperCase(), name.replace('p', 'ｐ')]) {
        const user = { username, userpassword: PASSWORD };
        const { status } = await attacker.asAdministrator('POST', '/json/realms/root/users?_action=create', user);
        assert.ok([400, 409].includes(status), `${username}: ${status}`);
      }
      for (const username of [`${name}\u200b`, `${name}\u0000x`, `\u202e${name}`, 'x'.repeat(257)]) {
        const user = { username, userpassword: PASSWORD };
        const { status } = await attacker.asAdministrator('POST', '/json/realms/root/users?_action=create', user);
        assert.equal(status, 400, JSON.stringify(username));
      }
    },
  },
  {
    ids: [],
    title: 'a name longer than any is refused before anybody is looked up, and the step is still there',
    async attack(attacker) {
      const { name } = await attacker.person();
      const step = await attacker.start('Login');
      const { status, body } = await attacker.submit(step, { 0: 'x'.repeat(257), 1: PASSWORD });
      assert.equal(status, 400);
      assert.match(String(body.message), /longer than 256/);
      await signsIn(attacker, step, name);
    },
  },
  {
    ids: ['A133'],
    title: 'a known user, one without a phone, nobody and the administrator are refused alike (SEC-59)',
    async attack(attacker) {
      const [enrolled, person] = [await attacker.enrolled(), await attacker.person()];
      const names = [enrolled.name, person.name, 'nobody-here', 'amadmin', 'x'.repeat(256)];
      const answers: (readonly unknown[])[] = [];
      for (const user of names) {
        const answer = await attacker.login(user, WRONG, {}, 'PushLogin');
        attacker.expectLoginFailure(answer);
        answers.push([answer.status, answer.body, [...answer.headers.keys()].sort()]);
      }
      for (const other of answers) assert.deepEqual(other, answers[0]);
    },
  },
  {
    ids: ['A164'],
    title: 'a language that is none is one of ours',
    async attack(attacker) {
      for (const locale of ['en-gb; DROP', '__proto__', '../../x', 'x'.repeat(500), '\u0000', 'de', '$&']) {
        const step = await attacker.ask(`${attacker.authenticate('Login')}&locale=${encodeURIComponent(locale)}`, {
          headers: { 'accept-language': locale.replace(/[^\x20-\x7e]/g, '') },
        });
        assert.ok([200, 400].includes(step.status), `${locale}: ${step.status}`);
        if (step.status === 200) assert.ok(String(outputOf(step.callbacks[0], 'prompt')).length < 40);
      }
    },
  },
];

export const journeys: AttackGroup = {
  number: '3.4',
  title: 'journeys',
  cases: [...authIds, ...callbacks, ...waits, ...starts],
};
