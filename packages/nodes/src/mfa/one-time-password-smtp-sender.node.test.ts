import {
  fakeRequest,
  memoryIdentities,
  memoryLog,
  memoryThrottle,
  runNode,
  simulatedClock,
  testUserId,
} from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import type { Mail, MailResult } from '../mail/mailer.ts';
import { oneTimePasswordSmtpSender as node } from './one-time-password-smtp-sender.node.ts';

const setUp = (config: Record<string, unknown> = {}) => {
  const sent: Mail[] = [];
  const answer: { now: MailResult | Error } = { now: { status: 'accepted' } };
  const clock = simulatedClock();
  const log = memoryLog();
  const throttle = memoryThrottle(clock);
  const ports = {
    identities: memoryIdentities({ demo: { mail: ['demo@example.org'], second: ['2@example.org'] }, bare: {} }),
    throttle,
    sendLimitsNow: throttle,
    mailer: {
      async send(mail: Mail) {
        if (answer.now instanceof Error) throw answer.now;
        sent.push(mail);
        return answer.now;
      },
    },
  };
  const needed = { hostName: 'smtp.example.org', hostPort: 2525, fromEmailAddress: 'login@example.org' };
  const state: Record<string, unknown> = { username: 'demo', oneTimePassword: '01234567' };
  return { sent, answer, clock, log, given: { config: { ...needed, ...config }, ports, state, log } };
};
const mailed = async (config: Record<string, unknown> = {}, state: Record<string, unknown> = {}, locales = ['en']) => {
  const it = setUp(config);
  await runNode(node, { ...it.given, state: { ...it.given.state, ...state }, request: fakeRequest({ locales }) });
  return it.sent[0];
};

test.each([
  ['hostName', ''],
  ['hostPort', 65_536],
  ['hostPort', -1],
  ['fromEmailAddress', ''],
  ['sslOption', 'TLS'],
  ['emailSubject', { qq_QQ: 'x' }],
  ['emailContent', { x: 'x' }],
])('settings refuse %s %j', async (name, value) => {
  await expect(runNode(node, setUp({ [name]: value }).given)).rejects.toThrow(name);
});

test('the password of the mail server is marked as one', () => {
  expect(node.config.shape.password?.meta()).toMatchObject({ format: 'password' });
});

describe('fails, and mails nothing', () => {
  test.each([
    ['for a user that does not exist', { username: 'nobody' }, 'Failed to get identity with provided user name'],
    ['without a user', { username: undefined }, 'Failed to get identity with provided user name'],
    ['for a user without an address', { username: 'bare' }, 'Failed to find an email address for the specified user.'],
    ['without a password to mail', { oneTimePassword: undefined }, 'One time password not found'],
  ])('%s', async (_what, state, text) => {
    const it = setUp();
    await expect(runNode(node, { ...it.given, state: { ...it.given.state, ...state } })).rejects.toThrow(text);
    expect(it.sent).toEqual([]);
  });

  test('where the user cannot be read', async () => {
    const it = setUp();
    const identities = { ...it.given.ports.identities, find: () => Promise.reject(new Error('disk')) };
    await expect(runNode(node, { ...it.given, ports: { ...it.given.ports, identities } })).rejects.toThrow(
      'Failed to find email with provided attribute. Please contact the system administrator.',
    );
  });

  test('for a gateway class, since none runs here', async () => {
    const it = setUp({ smsGatewayImplementationClass: 'com.example.Gateway' });
    await expect(runNode(node, it.given)).rejects.toThrow('Failed to create Sms sender class');
    expect(it.sent).toEqual([]);
  });
});

test.each([
  ['refuses', { status: 'refused', cause: 'The mail server answered 550 to RCPT.' } as const],
  ['breaks', new Error('boom')],
])('fails where the mail server %s', async (_what, result) => {
  const it = setUp();
  it.answer.now = result;
  await expect(runNode(node, it.given)).rejects.toThrow(
    'An error occurred while sending the One Time Password. Please contact the system administrator.',
  );
});

test('a sixth mail within the hour for one source is not sent, and the journey goes on as if it had been', async () => {
  const it = setUp();
  for (let mail = 0; mail < 5; mail += 1) await runNode(node, it.given);
  const { action, journey } = await runNode(node, it.given);
  expect(action).toMatchObject({ outcome: 'outcome', detail: { mailed: false } });
  expect(journey.sentCodes).toEqual([]);
  expect(it.sent).toHaveLength(5);
  expect(it.log.lines.at(-1)?.msg).toBe(
    'Too many mails to one address: this one was not sent, and the journey goes on as if it had been.',
  );
});

test('a label of a secret store is reported, and the password of the node is used', async () => {
  const it = setUp({ secretLabelIdentifier: 'mail', username: 'us', password: 'secret' });
  await runNode(node, it.given);
  expect(it.log.lines.map(({ msg }) => msg)).toEqual([
    'There is no secret store to look up "mail" in; the password of the node is used.',
  ]);
  expect(it.sent[0]?.server.credentials).toEqual({ username: 'us', password: 'secret' });
});

test('mails the password to the address in the profile, which is then in state', async () => {
  const it = setUp();
  const { action, shared } = await runNode(node, it.given);
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared.emailAddress).toBe('demo@example.org');
  expect(it.sent).toEqual([
    {
      server: { host: 'smtp.example.org', port: 2525, security: 'tls' },
      from: 'login@example.org',
      to: 'demo@example.org',
      subject: 'One Time Password',
      text: 'Your One Time Password: 01234567',
    },
  ]);
});

test.each([
  ['emailAttribute', 'second', {}, '2@example.org'],
  ['emailAttribute', ' ', {}, 'demo@example.org'],
  ['emailAttribute', 'mail', { emailAddress: 'state@example.org' }, 'state@example.org'],
  ['emailAttribute', 'mail', { objectAttributes: { mail: 'new@example.org' }, username: undefined }, 'new@example.org'],
])('%s "%s" with %j mails to %s', async (name, value, state, to) => {
  expect((await mailed({ [name]: value }, state))?.to).toBe(to);
});

const mailedToDemo = [{ user: testUserId('demo'), method: 'mailCode', code: '01234567', to: 'demo@example.org' }];
const provesNothing = [{ code: '01234567' }];

test.each([
  ['an address of the profile', {}, mailedToDemo],
  ['an address that was collected, and is in the profile, too', { emailAddress: 'demo@example.org' }, mailedToDemo],
  ['an address that was collected: it says nothing of the user', { emailAddress: 'state@example.org' }, provesNothing],
  ['an address for nobody yet', { objectAttributes: { mail: 'demo@example.org' }, username: undefined }, provesNothing],
])('a code that goes to %s is noted for those that ask for it: %j', async (_what, state, noted) => {
  const it = setUp();
  const { journey } = await runNode(node, { ...it.given, state: { ...it.given.state, ...state } });
  expect(it.sent).toHaveLength(1);
  expect(journey.sentCodes).toEqual(noted);
});

test.each([
  ['SSL', 'tls'],
  ['START_TLS', 'starttls'],
  ['NON_SSL', 'none'],
])('sslOption %s speaks %s', async (sslOption, security) => {
  expect((await mailed({ sslOption }))?.server.security).toBe(security);
});

test.each([
  [{ username: '', password: '' }, undefined],
  [{ username: null, password: null }, undefined],
  [{ username: 'us' }, { username: 'us', password: '' }],
])('%j logs in as %j', async (config, credentials) => {
  expect((await mailed(config))?.server.credentials).toEqual(credentials);
});

test('speaks the author’s words in the reader’s language, else his first', async () => {
  const config = {
    emailSubject: { de: 'Code {{OTP}}', fr: 'Votre code' },
    emailContent: { de: '{{OTP}}, noch einmal {{OTP}}', fr: 'Le code : ' },
  };
  expect(await mailed(config, {}, ['de'])).toMatchObject({
    subject: 'Code 01234567',
    text: '01234567, noch einmal 01234567',
  });
  expect(await mailed(config, {}, ['fr'])).toMatchObject({ subject: 'Votre code', text: 'Le code : 01234567' });
  expect(await mailed(config, {}, ['ja'])).toMatchObject({ subject: 'Code 01234567' });
});

test('a special sign in a text is just a sign (SEC-66)', async () => {
  expect((await mailed({ emailContent: { en: "$& $' \\1 {{OTP}}" } }))?.text).toBe("$& $' \\1 01234567");
});
