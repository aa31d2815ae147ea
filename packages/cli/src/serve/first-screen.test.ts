import { expect, test } from 'vitest';
import { firstScreenText } from './first-screen.ts';

const options = { version: '1.0.0', readyInMillis: 432, hasColour: false, binary: 'npx --no-install assent' };
const least = {
  login: 'https://login.example.com/am/login',
  issuer: 'https://login.example.com/am/oauth2/realms/root',
  data: '/var/lib/assent (SQLite)',
  off: [],
};
const demo = {
  login: 'http://localhost:8080/am/login',
  account: 'http://localhost:8080/am/account',
  issuer: 'http://localhost:8080/am/oauth2/realms/root',
  demoClient: 'demo-app',
  demoUser: { name: 'demo', password: 'Ch4ng31t!' },
  adminPassword: '7fQd-2mXa-KpT9-wWq3',
  data: './data (SQLite)',
  off: ['push to official apps (no Google and Apple, and no Amazon: docs/guides/real-phones.md)'],
};

test('only what answers is promised', () => {
  expect(firstScreenText(least, options)).toBe(
    [
      '  ✓ Assent 1.0.0 is ready in 0.4 s',
      '  Sign in      https://login.example.com/am/login',
      '  Issuer       https://login.example.com/am/oauth2/realms/root',
      '  Data         /var/lib/assent (SQLite)',
      '  Stop         Ctrl+C                                   Help: npx --no-install assent doctor',
      '',
    ].join('\n'),
  );
});

test('a newcomer without a phone page is told how to be the phone in a terminal', () => {
  expect(firstScreenText(demo, options)).toBe(
    [
      '  ✓ Assent 1.0.0 is ready in 0.4 s',
      '  Sign in      http://localhost:8080/am/login           demo / Ch4ng31t!',
      '  Admin        amadmin / 7fQd-2mXa-KpT9-wWq3   (shown once)',
      '  Account      http://localhost:8080/am/account',
      '  Issuer       http://localhost:8080/am/oauth2/realms/root  client demo-app',
      '  Try it       1 open Sign in, log in   2 choose Register Device   3 Copy setup code',
      '               4 in a second terminal, in this directory, be the phone:',
      "                 npx --no-install assent phone register '<setup code>'",
      '                 npx --no-install assent phone watch',
      '               5 answer there what the login page shows',
      '  Data         ./data (SQLite)',
      '  Off          push to official apps (no Google and Apple, and no Amazon: docs/guides/real-phones.md)',
      '  Stop         Ctrl+C                                   Help: npx --no-install assent doctor',
      '',
    ].join('\n'),
  );
});

test('with a phone page the browser comes first, and the designer has the password of the administrator', () => {
  const pages = { phone: 'http://localhost:8080/am/phone', designer: 'http://localhost:8080/am/admin' };
  const lines = firstScreenText({ ...demo, ...pages }, options).split('\n');
  expect(lines).toContain('  Phone        http://localhost:8080/am/phone           open this in a second window');
  expect(lines).toContain(
    '  Designer     http://localhost:8080/am/admin           amadmin / 7fQd-2mXa-KpT9-wWq3   (shown once)',
  );
  expect(lines).toContain(
    '  Try it       1 open Phone   2 open Sign in   3 choose Register Device   4 on Phone: Add, Paste',
  );
  expect(lines.join('\n')).not.toContain('Admin ');
});

test('the password of the administrator is on no later screen', () => {
  const { adminPassword: _shownOnce, ...later } = demo;
  expect(firstScreenText(later, options)).not.toContain('amadmin');
});

test('who needs a phone to administer is told where to connect it (SEC-72)', () => {
  const url = 'https://login.example.com/am/login?authIndexType=service&authIndexValue=PushLogin';
  const lines = firstScreenText({ ...least, connectPhone: { name: 'amadmin', url } }, options).split('\n');
  const at = lines.indexOf('  First        connect a phone to amadmin, who needs it to administer:');
  expect(lines[at + 1]).toBe(`               ${url}`);
});

test('colour is for terminals', () => {
  expect(firstScreenText(least, { ...options, hasColour: true })).toContain('\u001b[32m✓');
  expect(firstScreenText(least, options)).not.toContain('\u001b');
});
