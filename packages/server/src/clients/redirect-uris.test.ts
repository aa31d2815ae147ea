import { describe, expect, test } from 'vitest';
import { originOf, redirectUriFault } from './redirect-uris.ts';

describe('an address that people are sent to (OIDC-01; RFC 9700 §4.1.3)', () => {
  test.each([
    'https://app.example.com',
    'https://app.example.com/',
    'https://app.example.com/callback?a=b&c=d',
    'https://app.example.com:8443/callback',
    'https://app.example.com:443/callback',
    'https://[2001:db8::1]/callback',
    'http://localhost/callback',
    'http://localhost:5173/callback',
    'http://127.0.0.1:3000',
    'http://[::1]:3000/callback',
    'app://callback',
    'com.example.app:/oauth2redirect',
    'com.example.app://oauth2redirect/ios',
    'frauth+x://callback',
  ])('%s may be registered', (uri) => {
    expect(redirectUriFault(uri)).toBeUndefined();
  });

  test.each([
    // Patterns, and parts that no server sees.
    'https://*.example.com/callback',
    'https://app.example.com/*',
    'https://app.example.com/callback#',
    'https://app.example.com/callback#token',
    '*',
    // Not to an application, but into the page that is there.
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'javascript://app.example.com/%0aalert(1)',
    'data:text/html,x',
    'vbscript:x',
    'blob:https://app.example.com/x',
    'file:///etc/passwd',
    'about:blank',
    'view-source:https://app.example.com',
    'ws://localhost/x',
    'mailto:demo@example.com',
    'intent://callback#Intent;end',
    // In clear to somewhere else.
    'http://app.example.com/callback',
    'http://localhost.example.com/callback',
    'http://127.0.0.1.example.com/callback',
    'http://127.0.0.1@evil.example/callback',
    'http://localhost@evil.example/callback',
    'http://10.0.0.1/callback',
    'http://[::2]/callback',
    'http://0.0.0.0/callback',
    // Read as one host by us and as another by somebody else.
    'https://app.example.com@evil.example/callback',
    'https://user:secret@app.example.com/callback',
    'https://app.example.com\\@evil.example/callback',
    'https:\\\\app.example.com/callback',
    'https:/app.example.com/callback',
    'https:app.example.com/callback',
    'https:///app.example.com/callback',
    'https:////app.example.com/callback',
    'https://APP.example.com/callback',
    'HTTPS://app.example.com/callback',
    'https://app%2eexample.com/callback',
    'https://app.example.com%2f@evil.example/',
    'https://аpp.example.com/callback',
    'https://app。example.com/callback',
    'https://0x7f.1/callback',
    'http://2130706433/callback',
    'http://127.1/callback',
    'http://0177.0.0.1/callback',
    'HTTP://localhost/callback',
    'http://LOCALHOST/callback',
    'https://app.example.com:99999/callback',
    'https://',
    'https://?x',
    // No address, or more than one.
    '',
    ' ',
    'app.example.com/callback',
    '//app.example.com/callback',
    '/callback',
    'https://app.example.com/call back',
    ' https://app.example.com/callback',
    'https://app.example.com/callback\n',
    'https://app.example.com/\tcallback',
    'https://app.example.com/callback\u0000',
    'https://app.example.com/"onload=x',
    'https://app.example.com/<script>',
    `https://app.example.com/${'x'.repeat(2_048)}`,
  ])('%j may not', (uri) => {
    expect(redirectUriFault(uri)).toEqual(expect.any(String));
  });
});

test.each([
  ['https://app.example.com', 'https://app.example.com'],
  ['https://app.example.com:443', 'https://app.example.com'],
  ['https://app.example.com/', 'https://app.example.com'],
  ['http://localhost:5173', 'http://localhost:5173'],
  ['https://*.example.com', undefined],
  ['*', undefined],
  ['null', undefined],
  ['https://app.example.com/path', undefined],
  ['app://x', undefined],
])('the origin %s is %s', (text, origin) => {
  expect(originOf(text)).toBe(origin);
});
