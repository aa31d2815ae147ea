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
import { oneTimePasswordSmsSender as node } from './one-time-password-sms-sender.node.ts';

const users = {
  demo: {
    telephoneNumber: ['+49 (170) 123-45.67'],
    mobile: ['0170 1'],
    carrier: ['sms.example.net'],
    at: ['@at.example'],
  },
  whole: { telephoneNumber: ['491701234567@sms.example.net'] },
  bare: {},
};

const setUp = (config: Record<string, unknown> = {}) => {
  const sent: Mail[] = [];
  const answer: { now: MailResult | Error } = { now: { status: 'accepted' } };
  const clock = simulatedClock();
  const log = memoryLog();
  const throttle = memoryThrottle(clock);
  const ports = {
    identities: memoryIdentities(users),
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
  const needed = {
    hostName: 'smtp.example.org',
    hostPort: 2525,
    fromEmailAddress: 'login@example.org',
    mobileCarrierAttributeName: 'carrier',
  };
  const state: Record<string, unknown> = { username: 'demo', oneTimePassword: '01234567' };
  return { sent, answer, clock, log, given: { config: { ...needed, ...config }, ports, state, log } };
};
const messaged = async (config: Record<string, unknown> = {}, username = 'demo', locales = ['en']) => {
  const it = setUp(config);
  const state = { ...it.given.state, username };
  await runNode(node, { ...it.given, state, request: fakeRequest({ locales }) });
  return it.sent[0];
};

describe('fails, and sends nothing', () => {
  test.each([
    ['without a user', { username: undefined }, {}, 'Failed to get identity with provided user name'],
    ['for a user that does not exist', { username: 'nobody' }, {}, 'Failed to get identity with provided user name'],
    ['for a user without a number', { username: 'bare' }, {}, 'User phone number not found'],
    ['without a password to send', { oneTimePassword: undefined }, {}, 'One time password not found'],
    ['without a carrier', {}, { mobileCarrierAttributeName: null }, 'Failed to send SMS message.'],
    ['with a carrier that the user lacks', {}, { mobileCarrierAttributeName: 'none' }, 'Failed to send SMS message.'],
    [
      'by a gateway class',
      {},
      { smsGatewayImplementationClass: 'com.example.Gateway' },
      'Failed to create Sms sender class',
    ],
  ])('%s', async (_what, state, config, text) => {
    const it = setUp(config);
    await expect(runNode(node, { ...it.given, state: { ...it.given.state, ...state } })).rejects.toThrow(text);
    expect(it.sent).toEqual([]);
  });
});

test.each([
  ['refuses', { status: 'refused', cause: 'The mail server answered 550 to RCPT.' } as const],
  ['breaks', new Error('boom')],
])('fails where the mail server %s', async (_what, result) => {
  const it = setUp();
  it.answer.now = result;
  await expect(runNode(node, it.given)).rejects.toThrow('Failed to send SMS message.');
});

test('a sixth message within the hour for one source is not sent, and the journey goes on as if it had been', async () => {
  const it = setUp();
  for (let message = 0; message < 5; message += 1) await runNode(node, it.given);
  const { action, journey } = await runNode(node, it.given);
  expect(action).toMatchObject({ outcome: 'outcome', detail: { sent: false } });
  expect(journey.sentCodes).toEqual([]);
  expect(it.sent).toHaveLength(5);
  expect(it.log.lines.at(-1)?.msg).toMatch(/^Too many messages to one phone/);
});

test('a label of a secret store is reported, and the password of the node is used', async () => {
  const it = setUp({ secretLabelIdentifier: 'sms', username: 'us', password: 'secret' });
  await runNode(node, it.given);
  expect(it.log.lines.map(({ msg }) => msg)).toEqual([
    'There is no secret store to look up "sms" in; the password of the node is used.',
  ]);
  expect(it.sent[0]?.server.credentials).toEqual({ username: 'us', password: 'secret' });
});

test('a code that was sent is noted for those that ask for it', async () => {
  const { journey } = await runNode(node, setUp().given);
  expect(journey.sentCodes).toEqual([
    { user: testUserId('demo'), method: 'smsCode', code: '01234567', to: '+491701234567@sms.example.net' },
  ]);
});

test('sends the password to the number at its carrier', async () => {
  expect(await messaged()).toEqual({
    server: { host: 'smtp.example.org', port: 2525, security: 'tls' },
    from: 'login@example.org',
    to: '+491701234567@sms.example.net',
    subject: 'One Time Password',
    text: 'Your One Time Password: 01234567',
  });
});

test.each([
  [{ mobilePhoneAttributeName: 'mobile' }, 'demo', '01701@sms.example.net'],
  [{ mobilePhoneAttributeName: ' ' }, 'demo', '+491701234567@sms.example.net'],
  [{ mobileCarrierAttributeName: 'at' }, 'demo', '+491701234567@at.example'],
  [{ mobileCarrierAttributeName: undefined }, 'whole', '491701234567@sms.example.net'],
])('with %j for %s it goes to %s', async (config, user, to) => {
  expect((await messaged(config, user))?.to).toBe(to);
});

test.each([
  ['START_TLS', 'starttls'],
  ['NON_SSL', 'none'],
])('sslOption %s speaks %s', async (sslOption, security) => {
  expect((await messaged({ sslOption }))?.server.security).toBe(security);
});

test('speaks the author’s words in the reader’s language, else his first', async () => {
  const config = { smsSubject: { de: 'Code {{OTP}}' }, smsContent: { de: '{{OTP}}!', fr: 'Le code : ' } };
  expect(await messaged(config, 'demo', ['de'])).toMatchObject({ subject: 'Code 01234567', text: '01234567!' });
  expect(await messaged(config, 'demo', ['fr'])).toMatchObject({
    subject: 'Code 01234567',
    text: 'Le code : 01234567',
  });
});
