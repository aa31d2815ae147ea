import { FAILURE, SUCCESS } from '@assent/engine/host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPhone } from '../src/testing/account-fixture.ts';
import { journeyConfigurationClient } from '../src/testing/journey-configuration-client.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;

/** A name, a request to the phone, and nothing else. */
const passwordless = async (pushType: string, mandatory: boolean, captureFailure = false) => {
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const journeys = journeyConfigurationClient(rest, token);
  const types = {
    name: ['UsernameCollectorNode', {}, { outcome: 'send' }],
    send: [
      'PushAuthenticationSenderNode',
      { pushType, mandatory, captureFailure },
      {
        SENT: 'wait',
        NOT_REGISTERED: FAILURE,
        ...(!mandatory && { SKIPPED: FAILURE }),
        ...(captureFailure && { FAILURE }),
      },
    ],
    wait: ['PushWaitNode', { secondsToWait: 5 }, { DONE: 'result', EXITED: FAILURE }],
    result: ['PushResultVerifierNode', {}, { TRUE: SUCCESS, FALSE: FAILURE, EXPIRED: FAILURE, WAITING: 'wait' }],
  } as const;
  const ids = Object.fromEntries(Object.keys(types).map((id) => [id, crypto.randomUUID()]));
  const idOf = (id: string) => ids[id] ?? id;
  for (const [id, [type, config]] of Object.entries(types)) await journeys.put(`nodes/${type}/${idOf(id)}`, config);
  const name = `Passwordless${pushType}${mandatory}${captureFailure}`;
  await journeys.put(`trees/${name}`, {
    entryNodeId: idOf('name'),
    nodes: Object.fromEntries(
      Object.entries(types).map(([id, [nodeType, , to]]) => [
        idOf(id),
        {
          displayName: id,
          nodeType,
          connections: Object.fromEntries(Object.entries(to).map(([outcome, next]) => [outcome, idOf(next)])),
        },
      ]),
    ),
  });
  return name;
};

beforeAll(async () => {
  server = await steeredServer({ port: 18_495 });
  rest = restClient(server);
  for (const name of ['holder', 'phoneless']) await server.createUser('/', name, 'correct horse');
  await addPhone(server, '/', 'holder');
});
afterAll(() => server.assent.stop());

interface Step {
  readonly authId?: string;
  readonly callbacks?: readonly { readonly type: string; readonly input?: readonly object[] }[];
}

const post = async (tree: string, body: object) => {
  const answer = await rest('POST', `/authenticate?authIndexType=service&authIndexValue=${tree}`, { body });
  return { status: answer.status, headers: Object.keys(answer.headers).sort(), body: answer.body as Step };
};
const answering = ({ authId, callbacks = [] }: Step, value?: string): object => ({
  authId,
  callbacks: callbacks.map((callback) => ({
    ...callback,
    ...(value !== undefined && { input: callback.input?.map((input) => ({ ...input, value })) }),
  })),
});

/** What distinguishes one from another: not the numbers and ids that are generated anew each time. */
const shapeOf = (answer: Awaited<ReturnType<typeof post>>): string =>
  JSON.stringify({ ...answer, body: { ...answer.body, authId: typeof answer.body.authId } })
    .replace(/content-length/g, '')
    .replace(/\b\d{2,8}\b/g, (digits) => '9'.repeat(digits.length));

/** What the work reads and writes. */
const costOf = async <T>(work: () => Promise<T>) => {
  // How many statements a counter takes depends on what was counted before: one that is new is inserted, one of another hour updated by the second.
  // A user without a phone has no device row that a statement could return.
  const { statements: _, rows: __, ...before } = server.assent.store.counters;
  const result = await work();
  const after = server.assent.store.counters;
  const cost = Object.entries(before).map(([what, count]) => [what, after[what as keyof typeof after] - count]);
  return { result, cost: Object.fromEntries(cost) as Record<string, number> };
};

/** Everything that somebody sees who types a name and waits for the phone, and what the request to it costs the store. */
const seen = async (tree: string, name: string): Promise<readonly string[]> => {
  const first = await post(tree, {});
  const { result: waiting, cost } = await costOf(() => post(tree, answering(first.body, name)));
  const poll = await post(tree, answering(waiting.body));
  server.clock.advance(121_000);
  const expired = await post(tree, answering(poll.body));
  server.clock.advance(3_600_000);
  return [...[first, waiting, poll, expired].map(shapeOf), JSON.stringify(cost)];
};

describe.each([
  ['DEFAULT', false, false],
  ['DEFAULT', true, false],
  ['DEFAULT', true, true],
  ['CHALLENGE', false, false],
  ['BIOMETRIC', false, false],
])('without a password, a request of the kind %s (mandatory: %s, captures failures: %s)', (...kind) => {
  test('is waited for alike with a phone, without one, and by a name that is nobody’s, as often as it is asked for (A7, A133, SEC-59)', async () => {
    const tree = await passwordless(...kind);
    // Each further one is charged to more than the first, and after a while nothing is sent.
    for (let times = 1; times <= 7; times += 1) {
      const holder = await seen(tree, 'holder');
      expect(holder[1]).toContain('PollingWaitCallback');
      expect(await seen(tree, 'phoneless'), `${times}`).toEqual(holder);
      expect(await seen(tree, 'nobody-at-all'), `${times}`).toEqual(holder);
    }
  });
});

describe('a wrong password costs the store alike, and is answered alike (A133, SEC-59)', () => {
  /** Status, headers and body of the answer, and what was read and written for it. */
  const guessed = async (name: string) => {
    const first = await post('Login', {});
    const { callbacks = [], authId } = first.body;
    const values = [name, 'wrong'];
    const filled = callbacks.map((callback, at) => ({
      ...callback,
      input: callback.input?.map((input) => ({ ...input, value: values[at] })),
    }));
    const { result, cost } = await costOf(() => post('Login', { authId, callbacks: filled }));
    return { answer: shapeOf(result), cost };
  };

  test('whether its user is one, is none, has no phone or is disabled, and at each of thirty guesses', async () => {
    await server.createUser('/', 'disabled', 'correct horse');
    await server.setAttributes('/', 'disabled', { inetUserStatus: ['Inactive'] });
    for (let at = 0; at < 30; at += 1) {
      const unknown = await guessed('nobody-either');
      expect(unknown.cost.commits).toBe(1);
      for (const name of ['holder', 'phoneless', 'disabled'])
        expect(await guessed(name), `${name} ${at}`).toEqual(unknown);
    }
  });
});

/** What our own page may learn of a request once the same name signs in again. */
const seenByThePageBefore = async (tree: string, name: string): Promise<readonly unknown[]> => {
  const start = async () => (await post(tree, answering((await post(tree, {})).body, name))).body;
  const older = await start();
  await start();
  server.clock.advance(15_000);
  const headers = { 'x-assent-page': '1' };
  const path = `/authenticate?authIndexType=service&authIndexValue=${tree}`;
  const shown = await rest('POST', path, { body: { authId: older.authId }, headers });
  const again = await rest('POST', '/authenticate/renotify', { body: { authId: older.authId }, headers });
  server.clock.advance(121_000);
  const ended = await rest('POST', path, { body: answering(older), headers });
  server.clock.advance(3_600_000);
  const { assent = {} } = shown.body as { assent?: { phone?: object } };
  return [Object.keys(assent.phone ?? {}).sort(), again.status, ended.status, ended.body];
};

test('that another sign-in has taken the place of one is disclosed to nobody who is not identified (A7, SEC-59)', async () => {
  const tree = await passwordless('DEFAULT', false);
  const holder = await seenByThePageBefore(tree, 'holder');
  expect(holder.slice(0, 3)).toEqual([['expiresAt', 'for', 'mode', 'resend'], 200, 401]);
  expect(await seenByThePageBefore(tree, 'phoneless')).toEqual(holder);
  expect(await seenByThePageBefore(tree, 'nobody-at-all')).toEqual(holder);
});
