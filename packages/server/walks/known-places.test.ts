import { totp } from '@assent/factors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addGenerator } from '../src/testing/account-fixture.ts';
import { inject } from '../src/testing/inject.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { SmtpServer } from '../src/testing/smtp-server.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { PAGE } from '../src/testing/waiting-page.ts';

// SEC-86: what an attacker makes known without a device of the user is no known place, and what a thief made known ends with the credentials.

const HOUR = 3_600_000;
const PASSWORD = 'correct horse 7';

interface Browser {
  readonly address: string;
  cookie?: string;
}
interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly { readonly type: string; readonly input: { value: unknown }[] }[];
}

const smtp = new SmtpServer();
let server: SteeredServer;
let rest: RestClient;

beforeAll(async () => {
  const hostPort = await smtp.listen();
  const options = { port: 8_080, trustedProxies: ['127.0.0.1'], insecure: true, privateHosts: ['127.0.0.1'] };
  server = await steeredServer(options);
  rest = restClient(server);
  const mail = { hostName: '127.0.0.1', hostPort, fromEmailAddress: 'login@example.com', sslOption: 'NON_SSL' };
  await publishTree(server, 'MailCode', {
    name: ['UsernameCollectorNode', { outcome: 'secret' }],
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
    check: ['DataStoreDecisionNode', { true: 'make', false: FAILURE }],
    make: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
    send: ['OneTimePasswordSmtpSenderNode', { outcome: 'ask' }, mail],
    ask: ['OneTimePasswordCollectorDecisionNode', { true: SUCCESS, false: FAILURE }],
  });
  await publishTree(server, 'Codes', {
    name: ['UsernameCollectorNode', { outcome: 'code' }],
    code: [
      'OathTokenVerifierNode',
      { successOutcome: SUCCESS, failureOutcome: FAILURE, notRegisteredOutcome: FAILURE },
      { algorithm: 'TOTP', totpTimeSteps: 1 },
    ],
  });
});
afterAll(async () => {
  await server?.assent.stop();
  await smtp.close();
});

const call = async (tree: string, from: Browser, body: object, headers: Readonly<Record<string, string>> = {}) => {
  const answer = await inject(server.assent, {
    method: 'POST',
    url: `/am/json/authenticate?authIndexType=service&authIndexValue=${tree}`,
    headers: {
      ...PAGE,
      host: 'localhost:8080',
      'content-type': 'application/json',
      'accept-api-version': 'resource=2.1, protocol=1.0',
      'x-forwarded-for': from.address,
      ...(from.cookie !== undefined && { cookie: from.cookie }),
      ...headers,
    },
    payload: JSON.stringify(body),
  });
  const cookie = [answer.headers['set-cookie'] ?? []]
    .flat()
    .map((text) => String(text).split(';')[0] ?? '')
    .find((text) => /(?:^|-)kb=/.test(text));
  if (cookie !== undefined) from.cookie = cookie;
  return answer.json<Step>();
};

/** Sends one text in a field, and the first choice of a list. */
const answered = async (tree: string, from: Browser, { authId, callbacks = [] }: Step, text: string) => {
  for (const { type, input } of callbacks) {
    const [field] = input;
    if (field !== undefined) field.value = type === 'ConfirmationCallback' ? 0 : text;
  }
  return call(tree, from, { authId, callbacks });
};

const byMail = async (username: string, from: Browser): Promise<Browser> => {
  const asked = await call('MailCode', from, {}, { 'x-openam-username': username, 'x-openam-password': PASSWORD });
  const text = (await smtp.nextMail()).replaceAll('=\r\n', '');
  const done = await answered('MailCode', from, asked, /Password:\s*([\w-]+)/.exec(text)?.[1] ?? '');
  expect(done.tokenId).toEqual(expect.any(String));
  // Few mails go to a user within an hour.
  server.clock.advance(HOUR);
  return from;
};

const byCode = async (username: string, from: Browser, code: string): Promise<string | undefined> => {
  const asked = await answered('Codes', from, await call('Codes', from, {}), username);
  return asked.callbacks === undefined ? undefined : (await answered('Codes', from, asked, code)).tokenId;
};
const rightCode = () =>
  totp({ secret: new Uint8Array(20).fill(7), digits: 6, intervalSeconds: 30, atMillis: server.clock.now() });

const newUser = async (username: string, hasDevice: boolean) => {
  await server.createUser('/', username, PASSWORD);
  await server.setAttributes('/', username, { mail: [`${username}@example.com`] });
  if (hasDevice) await addGenerator(server, '/', username);
};

test('a mailed code makes no browser known where the user has a device (SEC-86)', async () => {
  await newUser('jane', true);
  const { cookie } = await byMail('jane', { address: '198.51.100.1' });
  expect(cookie).toBeUndefined();
});

test('a user without a device is known by a mailed code, in 10 browsers a day that are counted apart (SEC-86, SEC-87)', async () => {
  await newUser('mia', false);
  const cookies: (string | undefined)[] = [];
  for (let n = 1; n <= 11; n += 1) cookies.push((await byMail('mia', { address: `198.51.100.${n}` })).cookie);
  expect(cookies.map((cookie) => /kb=c/.test(cookie ?? ''))).toEqual([...Array(10).fill(true), false]);
  await addGenerator(server, '/', 'mia');
  const own: Browser = { address: '192.0.2.7' };
  expect(await byCode('mia', own, rightCode())).toEqual(expect.any(String));
  expect(own.cookie).toMatch(/kb=f/);
});

describe('browsers that a thief made known', () => {
  const administrator = () => signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const write = async (path: string, method: 'PUT' | 'POST', body: object): Promise<void> => {
    const answer = await rest(method, path, { token: await administrator(), body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  };
  const ENDINGS: Readonly<Record<string, (username: string) => Promise<void>>> = {
    'another password': (username) => write(`/users/${username}`, 'PUT', { userpassword: 'another horse 88' }),
    'a reset of the second factors': async (username) => {
      await write(`/users/${username}/devices/2fa/oath?_action=reset`, 'POST', {});
      await addGenerator(server, '/', username);
    },
    'a disabled account': async (username) => {
      await write(`/users/${username}`, 'PUT', { inetUserStatus: 'Inactive' });
      await write(`/users/${username}`, 'PUT', { inetUserStatus: 'Active' });
    },
  };

  test.each(Object.keys(ENDINGS).map((ending, at) => [ending, `victim${at}`] as const))(
    'are strangers after %s, and use up nothing of the owner (SEC-86)',
    async (ending, username) => {
      await newUser(username, true);
      const thief: Browser[] = [];
      for (let n = 1; n <= 9; n += 1) {
        const browser: Browser = { address: `198.51.100.${n}` };
        expect(await byCode(username, browser, rightCode())).toEqual(expect.any(String));
        expect(browser.cookie).toMatch(/kb=f/);
        thief.push({ ...browser, address: '203.0.113.50' });
        server.clock.advance(60_000);
      }
      await ENDINGS[ending]?.(username);
      server.clock.advance(48 * HOUR);
      const own: Browser = { address: '192.0.2.7' };
      expect(await byCode(username, own, rightCode())).toEqual(expect.any(String));
      expect(own.cookie).toMatch(/kb=f/);
      for (const browser of thief) for (let n = 0; n < 5; n += 1) await byCode(username, browser, '000000');
      server.clock.advance(HOUR);
      expect(await byCode(username, own, rightCode())).toEqual(expect.any(String));
    },
  );
});
