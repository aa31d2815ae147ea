import { readFileSync } from 'node:fs';
import { totp } from '@assent/factors';
import { parseOathUri } from '@assent/push/protocol';
import { TestPhone } from '@assent/push/testing';
import { configuring } from '@assent/store/testing';
import { parseTreeExport } from '@assent/wire';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addGenerator } from '../src/testing/account-fixture.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const EXAMPLE = new URL('../../../docs/guides/examples/AdminLoginWithCode.journey.json', import.meta.url);
const SERVICES = '/realm-config/services';
const VERSION = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
const STEP_SECONDS = 30;
/** That of the fixture. */
const SECRET = new Uint8Array(20).fill(7);

interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: readonly { readonly name: string; readonly value: unknown }[];
}
interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly Callback[];
}

let server: SteeredServer;
let rest: RestClient;

/** The journey of the guide, as the import of it leaves it, runs for calls of administrators that name none. */
beforeEach(async () => {
  server = await steeredServer({ port: 18_480, adminSecondFactor: true });
  rest = restClient(server);
  const parsed = parseTreeExport(JSON.parse(readFileSync(EXAMPLE, 'utf8')));
  if ('reason' in parsed) throw new Error(parsed.reason);
  for (const { name, tree, nodes } of parsed)
    await configuring(server.assent.store).publishTree({ realm: '/', name, tree, nodes });
  const root = server.assent.configuration.realm('/');
  if (root !== undefined)
    await configuring(server.assent.store).saveRealm({ ...root, adminTree: 'AdminLoginWithCode' });
  await server.assent.configuration.refresh();
});
afterEach(() => server.assent.stop());

const post = async (body: unknown, headers = {}, query = ''): Promise<Step> =>
  (await rest('POST', `/authenticate${query}`, { body, headers: { ...VERSION, ...headers } })).body;

/** A first call as frodo makes it. */
const byHeaders = (password: string = TEST_ADMINISTRATOR.password) =>
  post({}, { 'x-openam-username': TEST_ADMINISTRATOR.name, 'x-openam-password': password });

/** Sends a step back as it came, but for callbacks of these types. */
const submit = (step: Step, values: Readonly<Record<string, unknown>> = {}) =>
  post({
    authId: step.authId,
    callbacks: step.callbacks?.map((callback) =>
      Object.hasOwn(values, callback.type)
        ? { ...callback, input: callback.input?.map((it) => ({ ...it, value: values[callback.type] })) }
        : callback,
    ),
  });
const types = ({ callbacks = [] }: Step) => callbacks.map(({ type }) => type);
const hidden = ({ callbacks = [] }: Step, id: string): string => {
  const found = callbacks.find(({ output }) => output.some((it) => it.name === 'id' && it.value === id));
  return String(found?.output.find(({ name }) => name === 'value')?.value ?? '');
};
const codeOf = (secret: Uint8Array) =>
  totp({ secret, digits: 6, atMillis: server.clock.now(), intervalSeconds: STEP_SECONDS });
const mayAdminister = async (token: string | undefined) => (await rest('GET', SERVICES, { token })).status;

const ASKS_CODE = ['NameCallback', 'ConfirmationCallback'];

test('a wrong password gets no further than anybody', async () => {
  await addGenerator(server, '/', TEST_ADMINISTRATOR.name);
  expect(await byHeaders('wrong')).toMatchObject({ code: 401, message: 'Login failure' });
});

test('three wrong codes end it', async () => {
  await addGenerator(server, '/', TEST_ADMINISTRATOR.name);
  let step = await byHeaders();
  for (let tries = 0; tries < 2; tries += 1) {
    step = await submit(step, { NameCallback: '000000' });
    expect(types(step)).toEqual(ASKS_CODE);
  }
  expect(await submit(step, { NameCallback: '000000' })).toMatchObject({ code: 401, message: 'Login failure' });
});

test('without an app and without a phone the right password opens nothing', async () => {
  expect(await byHeaders()).not.toHaveProperty('tokenId');
});

test('a session of the password alone does not administer', async () => {
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  expect(await mayAdminister(token)).toBe(403);
});

test('frodo is asked for the code, and administers with it', async () => {
  await addGenerator(server, '/', TEST_ADMINISTRATOR.name);
  const step = await byHeaders();
  expect(types(step)).toEqual(ASKS_CODE);
  // By this word it knows what to ask for; all else it sends back as it came.
  expect(String(step.callbacks?.[0]?.output[0]?.value)).toContain('code');
  const { tokenId } = await submit(step, { NameCallback: codeOf(SECRET) });
  expect(await mayAdminister(tokenId)).toBe(200);
});

test('whoever has only a phone approves on it, connects an app, and proves that by a code', async () => {
  const phone = new TestPhone({ hasKey: true, deviceType: 'cli' });
  const { name, password } = TEST_ADMINISTRATOR;
  const json = { 'content-type': 'application/json' };
  const approve = async (step: Step) => {
    const now = server.clock.now();
    const authorization = `Bearer ${phone.relayToken('http://localhost:18480/am/json/push/relay', now)}`;
    const path = `/push/relay?mechanismUid=${phone.mechanismUid}`;
    const { body } = await rest('GET', path, { headers: { authorization, accept: 'application/json' } });
    const [request] = body.messages as readonly { readonly messageId: string; readonly message: string }[];
    if (request === undefined) throw new Error('no request waits');
    const number = hidden(step, 'pushChallengeNumber');
    const answer = phone.answer(request.messageId, request.message, { now, number });
    await rest('POST', '/push/sns/message?_action=authenticate', { body: answer, headers: json });
  };

  // As everybody connects a phone.
  const first = await post({}, {}, '?authIndexType=service&authIndexValue=PushLogin');
  const profile = await submit(first, { NameCallback: name, PasswordCallback: password });
  const options = await submit(profile, { DeviceProfileCallback: '{"identifier":"desk"}' });
  const setup = await submit(options, { ConfirmationCallback: 0 });
  const body = phone.registration(phone.scan(hidden(setup, 'mfaDeviceRegistration')));
  await rest('POST', '/push/sns/message?_action=register', { body, headers: json });
  const wait = await submit(await submit(setup));
  await approve(wait);
  expect(await mayAdminister((await submit(wait)).tokenId)).toBe(200);

  const page = await post({}, {}, '?authIndexType=service&authIndexValue=AdminLoginWithCode');
  const asked = await submit(page, { NameCallback: name, PasswordCallback: password });
  await approve(asked);
  const code = await submit(asked);
  const app = parseOathUri(hidden(code, 'mfaDeviceRegistration'));
  if (!app.ok) throw new Error(app.reason);
  const recoveryCodes = await submit(code, { ConfirmationCallback: 0 });
  const proof = await submit(recoveryCodes);
  expect(types(proof)).toEqual(ASKS_CODE);
  const { tokenId } = await submit(proof, { NameCallback: codeOf(app.value.oath.secret) });
  expect(await mayAdminister(tokenId)).toBe(200);

  server.clock.advance(STEP_SECONDS * 1_000);
  const again = await byHeaders();
  expect((await submit(again, { NameCallback: codeOf(app.value.oath.secret) })).tokenId).toEqual(expect.any(String));
});
