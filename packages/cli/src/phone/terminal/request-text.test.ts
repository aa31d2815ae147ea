import { describe, expect, test } from 'vitest';
import { plainText } from '../../command/plain-text.ts';
import type { PushRequest } from '../messages/push-message.ts';
import { questionText, requestText } from './request-text.ts';

const request: PushRequest = {
  messageId: 'AUTHENTICATE:1',
  account: {
    kind: 'push',
    id: 'a1',
    persona: 'assent',
    issuer: 'Acme Payroll',
    name: 'demo',
    key: 'k',
    mechanismUid: 'u',
    deviceId: 'd',
    deviceName: 'n',
    registerUrl: 'https://a/',
    authenticateUrl: 'https://a/',
    addedAt: 0,
    clockOffsetMillis: 0,
    answered: [],
  },
  challenge: Buffer.alloc(32),
  message: 'Login attempt from demo at Acme Payroll',
  pushType: 'challenge',
  digits: 6,
  choices: undefined,
  sentAt: 1_760_000_300_000,
  expiresAt: 1_760_000_420_000,
  context: { remoteIp: '203.0.113.7', location: { latitude: 38.7223, longitude: -9.1393 } },
  loadBalancerCookie: undefined,
  userId: undefined,
};

describe('text from outside', () => {
  test.each([
    ['a colour or a cleared screen', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
    ['a line of its own', 'Acme\nAnswer sent.', 'Acme\\u{a}Answer sent.'],
    ['a reversed name', 'Acme\u202Eemca', 'Acme\\u{202e}emca'],
    ['an eight-bit escape', 'a\u009b31mb', 'a\\u{9b}31mb'],
  ])('cannot be %s in the terminal', (_name, text, shown) => {
    expect(plainText(text)).toBe(shown);
  });

  test('stays as it is when it is only text, HTML included (A165)', () => {
    expect(plainText('<b>Zoë</b> 東京')).toBe('<b>Zoë</b> 東京');
  });

  test('is cut when it is a novel', () => {
    expect(plainText('x'.repeat(5000)).length).toBeLessThan(600);
  });
});

describe('a request', () => {
  test('says what, for whom, from where and how long, within 80 columns', () => {
    const text = requestText(request, 1_760_000_302_000);
    expect(text).toContain('Sign-in request');
    expect(text).toContain('1:58 left');
    expect(text).toMatch(/App {7}Acme Payroll {10}Account {3}demo/);
    expect(text).toContain('38.72, -9.14 (reported) · 203.0.113.7');
    expect(text).toContain('Login attempt from demo at Acme Payroll');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('wraps a long message', () => {
    const text = requestText({ ...request, message: 'word '.repeat(60) }, request.sentAt);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('is open about what a terminal cannot check', () => {
    expect(requestText({ ...request, pushType: 'biometric' }, request.sentAt)).toContain(
      'cannot check your fingerprint',
    );
  });

  test('asks for what it needs', () => {
    expect(questionText(request)).toContain('Type the 6 digits on your screen, or d to deny:');
    expect(questionText({ ...request, digits: undefined, choices: ['24', '57', '81'] })).toContain('(24, 57 or 81)');
    expect(questionText({ ...request, pushType: 'default' })).toContain('y to approve, or d to deny');
    expect(questionText({ ...request, digits: undefined })).toContain('only be denied');
  });

  test('never has less than no time left', () => {
    expect(requestText(request, request.expiresAt + 5000)).toContain(' 0:00 left');
  });
});

test('a browser has a name that people know', () => {
  const from = (userAgent: string) => requestText({ ...request, context: { userAgent } }, request.sentAt);
  expect(from('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')).toContain('Firefox on Linux');
  expect(from('curl\u001b[0m/8')).toContain('curl\\u{1b}[0m/8');
  expect(from('')).toContain('Browser not known');
});
