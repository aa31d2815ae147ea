import { TestPhone } from '@assent/push/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEMO_USER } from '../seed.ts';
import { inject } from '../testing/inject.ts';
import { type SteeredServer, steeredServer } from '../testing/steered-server.ts';

// Our login page has the same request sent once more (spec: ux §2.1 [P] Send again, SEC-25, docs/adr/0015).

interface Step {
  readonly authId: string;
  readonly callbacks: readonly {
    readonly type: string;
    readonly output: readonly { readonly name: string; readonly value: unknown }[];
    readonly input?: readonly { readonly name: string; readonly value: unknown }[];
  }[];
  readonly assent?: { readonly phone: { readonly resend?: { readonly left: number; readonly at: number } } };
}

type Headers = Readonly<Record<string, string>>;

const PAGE: Headers = { 'x-assent-page': '1' };
const REST = 15_000;
const RELAY = 'http://localhost:8080/am/json/push/relay';

let server: SteeredServer;
let phone: TestPhone;

beforeEach(async () => {
  server = await steeredServer({ port: 8080 });
  phone = new TestPhone({ hasKey: true, deviceType: 'cli', deviceName: 'Pixel 8' });
});
afterEach(() => server.assent.stop());

const post = async <Body>(url: string, body: unknown, headers: Headers = PAGE) => {
  const answer = await inject(server.assent, {
    method: 'POST',
    url: `/am/json${url}`,
    headers: { host: 'localhost:8080', 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(body),
  });
  return { status: answer.statusCode, body: answer.json<Body>(), headers: answer.headers };
};
const submit = async (step: Step, values: Readonly<Record<string, unknown>> = {}): Promise<Step> => {
  const callbacks = step.callbacks.map((callback) => ({
    ...callback,
    input: callback.input?.map((entry) => ({ ...entry, value: values[callback.type] ?? entry.value })),
  }));
  return (await post<Step>('/authenticate', { authId: step.authId, callbacks })).body;
};
const hiddenValue = ({ callbacks }: Step): string =>
  String(callbacks.find(({ type }) => type === 'HiddenValueCallback')?.output[0]?.value ?? '');

const start = async (headers: Headers = PAGE) =>
  post<Step>('/authenticate?authIndexType=service&authIndexValue=PushLogin', {}, headers);
const pastPassword = async (): Promise<Step> => {
  const password = await submit((await start()).body, {
    NameCallback: DEMO_USER.name,
    PasswordCallback: DEMO_USER.password,
  });
  return submit(password, { DeviceProfileCallback: '{"identifier":"x"}' });
};
const toSetupCode = async (): Promise<Step> => submit(await pastPassword());
/** Up to the step that waits for the phone, with a phone that was registered on the way. */
const toWait = async (): Promise<Step> => {
  const code = await toSetupCode();
  await post('/push/sns/message?_action=register', phone.registration(phone.scan(hiddenValue(code))), {});
  return submit(await submit(code));
};
const again = (authId: unknown, headers: Headers = PAGE, realm = '') =>
  post<Readonly<Record<string, unknown>>>(`${realm}/authenticate/renotify`, { authId }, headers);

const listed = async () => {
  const answer = await inject(server.assent, {
    url: `/am/json/push/relay?mechanismUid=${phone.mechanismUid}`,
    headers: {
      host: 'localhost:8080',
      authorization: `Bearer ${phone.relayToken(RELAY, server.clock.now())}`,
    },
  });
  return answer.json<{ messages: readonly { messageId: string; message: string }[] }>().messages;
};
const answerOnPhone = async (options: { readonly number?: string; readonly deny?: true }): Promise<void> => {
  const [request] = await listed();
  if (request === undefined) throw new Error('no request waits');
  const body = phone.answer(request.messageId, request.message, { now: server.clock.now(), ...options });
  await post('/push/sns/message?_action=authenticate', body, {});
};
const sends = async (): Promise<number> => {
  const user = await server.assent.store.identities.find('/', DEMO_USER.name);
  const [row] = await server.assent.store.throttles.get([`push:${user?.id}`]);
  return row?.hits.length ?? 0;
};

describe('a request is not sent again', () => {
  test('for a client that is no page of ours', async () => {
    const { authId } = await toWait();
    server.clock.advance(REST);
    expect((await again(authId, {})).status).toBe(404);
    expect(await sends()).toBe(1);
  });

  test.each(['same-site', 'cross-site', 'none'])('for a page of another origin (%s)', async (site) => {
    const { authId } = await toWait();
    server.clock.advance(REST);
    expect((await again(authId, { ...PAGE, 'sec-fetch-site': site })).status).toBe(403);
    expect((await again(authId, { ...PAGE, origin: 'https://evil.example' })).status).toBe(403);
    expect(await sends()).toBe(1);
  });

  test('without a step, with one that is forged, or with one that waits for no phone', async () => {
    for (const authId of [undefined, '', 7, 'x.y']) expect((await again(authId)).status).toBe(400);
    expect((await again((await start()).body.authId)).status).toBe(404);
    const code = await toSetupCode();
    expect((await again(`${code.authId.slice(0, -4)}AAAA`)).status).toBe(400);
    server.clock.advance(REST);
    // A setup code is scanned, and rings nobody.
    expect((await again(code.authId)).status).toBe(409);
  });

  test('in another realm, with a step that was used, or after the journey has run out', async () => {
    await server.createRealm('/alpha');
    const step = await toWait();
    server.clock.advance(REST);
    expect((await again(step.authId, PAGE, '/realms/root/realms/alpha')).status).toBe(401);
    await answerOnPhone({ number: hiddenValue(step) });
    await submit(step);
    expect((await again(step.authId)).status).toBe(401);
    const other = await pastPassword();
    server.clock.advance(16 * 60_000);
    expect((await again(other.authId)).status).toBe(401);
  });

  test('for another browser than the one that the step was given to (SEC-42)', async () => {
    const ours = { ...PAGE, 'sec-fetch-site': 'same-origin', 'x-requested-with': 'assent-login' };
    const first = await start(ours);
    expect((await again(first.body.authId, { ...ours, cookie: 'jb=another' })).status).toBe(401);
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
    expect((await again(first.body.authId, { ...ours, cookie })).status).toBe(404);
  });

  test('once the phone has answered', async () => {
    const step = await toWait();
    server.clock.advance(REST);
    await answerOnPhone({ deny: true });
    expect((await again(step.authId)).status).toBe(409);
  });

  test('too soon: it says when, and counts nothing', async () => {
    const { authId } = await toWait();
    server.clock.advance(10_000);
    const { status, headers } = await again(authId);
    expect([status, headers['retry-after']]).toEqual([429, '5']);
    expect(await sends()).toBe(1);
  });

  test('twice by two presses at once, nor a third time', async () => {
    const { authId } = await toWait();
    server.clock.advance(REST);
    const both = await Promise.all([again(authId), again(authId)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
    expect(await sends()).toBe(2);
    server.clock.advance(REST);
    expect((await again(authId)).status).toBe(200);
    server.clock.advance(REST);
    expect((await again(authId)).status).toBe(409);
    expect(await sends()).toBe(3);
  });
});

test('over the limit the page hears what it always hears, and nothing is sent', async () => {
  const { clock } = server;
  let step = await toWait();
  // Three sign-ins within a minute: that is all.
  for (let times = 2; times <= 3; times += 1) step = await pastPassword();
  clock.advance(REST);
  const { status, body } = await again(step.authId);
  expect(status).toBe(200);
  expect(body).toEqual({ now: clock.now(), resend: { left: 1, at: clock.now() + REST } });
  expect(await sends()).toBe(3);
});

test('the same request is sent again, and its approval signs in', async () => {
  const { clock } = server;
  const sentAt = clock.now();
  const step = await toWait();
  expect(step.assent?.phone.resend).toEqual({ left: 2, at: sentAt + REST });
  const before = await listed();
  clock.advance(REST);
  const { status, body } = await again(step.authId);
  expect(status).toBe(200);
  expect(body).toEqual({ now: clock.now(), resend: { left: 1, at: clock.now() + REST } });
  expect(await listed()).toEqual(before);
  // The step of before is still good, and says what is left.
  const polled = await submit(step);
  expect(hiddenValue(polled)).toBe(hiddenValue(step));
  expect(polled.assent?.phone.resend).toEqual({ left: 1, at: clock.now() + REST });
  await answerOnPhone({ number: hiddenValue(step) });
  expect(await submit(polled)).toMatchObject({ tokenId: '' });
});
