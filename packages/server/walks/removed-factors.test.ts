import { totp } from '@assent/factors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addGenerator } from '../src/testing/account-fixture.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { hiddenValue, WaitingPage, type WaitingStep } from '../src/testing/waiting-page.ts';

// An attacker with the password and the device of a user has shown both in a journey, and waits at a later step. The owner removes the device: the
// journey signs in no one (docs/adr/0147).

const PASSWORD = 'correct horse 7';
type Nodes = Parameters<typeof publishTree>[2];

const SERVICE = 'authenticate?authIndexType=service&authIndexValue=';

let server: SteeredServer;
let rest: RestClient;
let administrator: string;
let users = 0;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  administrator = (await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
  const behind = (factor: string): Nodes => ({
    name: ['UsernameCollectorNode', { outcome: 'secret' }],
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
    check: ['DataStoreDecisionNode', { true: factor, false: FAILURE }],
  });
  const terms: Nodes[string] = [
    'ChoiceCollectorNode',
    { go: SUCCESS, stop: FAILURE },
    { choices: ['go', 'stop'], prompt: 'Terms' },
  ];
  await publishTree(server, 'HeldPush', {
    ...behind('send'),
    send: ['PushAuthenticationSenderNode', { SENT: 'wait', NOT_REGISTERED: FAILURE }, { pushType: 'CHALLENGE' }],
    wait: ['PushWaitNode', { DONE: 'verify', EXITED: FAILURE }, { secondsToWait: 5 }],
    verify: ['PushResultVerifierNode', { TRUE: 'terms', FALSE: FAILURE, EXPIRED: FAILURE, WAITING: 'wait' }],
    terms,
  });
  await publishTree(server, 'HeldCode', {
    ...behind('code'),
    code: [
      'OathTokenVerifierNode',
      { successOutcome: 'terms', failureOutcome: FAILURE, notRegisteredOutcome: FAILURE },
    ],
    terms,
  });
});
afterAll(() => server?.assent.stop());

interface Victim {
  readonly name: string;
  readonly page: WaitingPage;
}
const FACTORS = {
  'a phone': {
    path: 'push',
    async add({ page }: Victim) {
      const wait = await page.toWait();
      await page.answerOnPhone({ number: hiddenValue(wait) });
      await page.submit(wait);
    },
    /** The journey of the attacker, up to the step after the factor. */
    async hold({ name, page }: Victim) {
      const wait = await pastPassword(page, 'HeldPush', name);
      await page.answerOnPhone({ number: hiddenValue(wait) });
      return (await page.submit(wait)).body;
    },
  },
  'a code app': {
    path: 'oath',
    async add({ name }: Victim) {
      await addGenerator(server, '/', name);
    },
    async hold({ name, page }: Victim) {
      const asked = await pastPassword(page, 'HeldCode', name);
      const code = totp({
        secret: new Uint8Array(20).fill(7),
        digits: 6,
        intervalSeconds: 30,
        atMillis: server.clock.now(),
      });
      return (await page.submit(asked, { NameCallback: code, PasswordCallback: code })).body;
    },
  },
} as const;

const pastPassword = async (page: WaitingPage, journey: string, name: string): Promise<WaitingStep> => {
  const first = (await page.post(`${SERVICE}${journey}`, {})).body;
  const secret = (await page.submit(first, { NameCallback: name })).body;
  return (await page.submit(secret, { PasswordCallback: PASSWORD })).body;
};

describe.each(Object.keys(FACTORS) as (keyof typeof FACTORS)[])('after %s was removed', (kind) => {
  const { path, add, hold } = FACTORS[kind];
  const victim = async (): Promise<Victim> => {
    users += 1;
    const name = `victim${users}`;
    await server.createUser('/', name, PASSWORD);
    const it = { name, page: new WaitingPage(() => server, { name, password: PASSWORD }) };
    await add(it);
    server.clock.advance(60_000);
    return it;
  };
  const devicesOf = async (name: string) => {
    const listed = await rest('GET', `/users/${name}/devices/2fa/${path}?_queryFilter=true`, { token: administrator });
    return (listed.body as { result: readonly { uuid: string }[] }).result.map(({ uuid }) => uuid);
  };

  test('a journey that it had passed before signs in no one, however often it is tried', async () => {
    const who = await victim();
    const held = await hold(who);
    expect(held.callbacks.map(({ type }) => type)).toEqual(['ChoiceCallback']);
    const [uuid = ''] = await devicesOf(who.name);
    const removal = `/users/${who.name}/devices/2fa/${path}/${uuid}`;
    expect((await rest('DELETE', removal, { token: administrator })).status).toBe(200);
    for (let n = 0; n < 2; n += 1) {
      const end = await who.page.submit(held, { ChoiceCallback: 0 });
      expect(end).toMatchObject({ status: 401, body: { detail: { errorCode: '110' } } });
      expect(end.body).not.toHaveProperty('tokenId');
    }
  });

  test('a journey of a user who still has it succeeds', async () => {
    const who = await victim();
    const held = await hold(who);
    const end = await who.page.submit(held, { ChoiceCallback: 0 });
    expect(end).toMatchObject({ status: 200, body: { tokenId: expect.any(String) } });
  });
});
