import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OAuthClient } from '../model/clients.ts';
import { testClient } from '../testing/index.ts';
import { unchecked } from './checked-request.ts';
import { redirectUri } from './redirect-uri.ts';

const REGISTERED = 'https://app.example/cb';
const checked = (uri: string, client: Partial<OAuthClient> = { redirectUris: [REGISTERED] }) =>
  redirectUri(unchecked(testClient(client), { redirect_uri: uri }), undefined as never);

describe('what looks like a registered redirect URI is none (OIDC-01; RFC 9700 §4.1.3)', () => {
  test.each([
    '',
    ' https://app.example/cb',
    'https://app.example/cb ',
    'https://app.example/cb/',
    'https://app.example/cb?',
    'https://app.example/cb#',
    'https://app.example/cb#x',
    'https://app.example/cb?x=1',
    'https://app.example/CB',
    'https://APP.example/cb',
    'HTTPS://app.example/cb',
    'http://app.example/cb',
    'https://app.example:443/cb',
    'https://app.example:444/cb',
    'https://app.example./cb',
    'https://user@app.example/cb',
    'https://app.example@evil.example/cb',
    'https://app.example.evil.example/cb',
    'https://evil.example/app.example/cb',
    'https://app.example/../cb',
    'https://app.example/x/../cb',
    'https://app.example//cb',
    'https://app.example/%63b',
    'https://app.example/cb%00',
    'https://app.example/cb\0',
    'https://app.example/cb\n',
    'https://app.example\\cb',
    'https:\\\\app.example\\cb',
    'https:app.example/cb',
    '//app.example/cb',
    '/cb',
    'app.example/cb',
    'https://аpp.example/cb',
    'https://app.example/сb',
    'https://xn--pp-7kc.example/cb',
    'https://app.example/cb;x',
    'https://app.example/cb&x',
    'https://app.example/cb,https://evil.example',
    'https://evil.example https://app.example/cb',
    'javascript:alert(1)//https://app.example/cb',
    'data:text/html,https://app.example/cb',
    'https://[::ffff:1.2.3.4]/cb',
    'https://*.example/cb',
    'https://app.example/*',
    'https://sub.app.example/cb',
    'https://app.example/cb/..',
    'https://app.example/cb/.',
    'https://app.example/./cb',
    'https://app.example/cb\u200b',
    'https://app.example/cb\ufeff',
    'https://app.exam\u00adple/cb',
    'https://app\u3002example/cb',
    'https://app.example\u2044cb',
    'https://app.example/cb\u0009',
    'https://app.example/cb%20',
    'https://app.example/cb+',
    'https://app.example%2Fcb',
    'https://app.example/cb?redirect_uri=https://app.example/cb',
    'https://1/cb',
    'null',
  ])('%j', (uri) => {
    expect(() => checked(uri)).toThrow(expect.objectContaining({ code: 'redirect_uri_mismatch' }));
  });

  test('nothing but the very text passes', () => {
    fc.assert(
      fc.property(fc.nat({ max: REGISTERED.length }), fc.string({ minLength: 1, maxLength: 3 }), (at, added) => {
        expect(() => checked(REGISTERED.slice(0, at) + added + REGISTERED.slice(at))).toThrow();
      }),
    );
    expect(checked(REGISTERED)).toEqual({ redirectUri: REGISTERED });
  });
});

describe('the port of a loopback address is free where the client says so (RFC 8252 §7.3)', () => {
  const client = {
    redirectUris: ['http://127.0.0.1/cb', 'http://[::1]:9000/cb', 'https://localhost/cb'],
    anyLoopbackPort: true,
  };

  test.each([
    'http://127.0.0.1/cb',
    'http://127.0.0.1:1/cb',
    'http://127.0.0.1:65535/cb',
    'http://[::1]:1/cb',
    'http://[::1]/cb',
  ])('%s', (uri) => {
    expect(checked(uri, client)).toEqual({ redirectUri: uri });
  });

  test.each([
    'http://127.0.0.1:1/other',
    'http://127.0.0.1:x/cb',
    'http://127.0.0.1:/cb',
    'http://127.0.0.1:123456/cb',
    'http://127.0.0.1:65536/cb',
    'http://127.0.0.2:1/cb',
    'http://localhost:1/cb',
    'https://localhost:1/cb',
    'https://127.0.0.1:1/cb',
    'http://127.0.0.1:1@evil.example/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://127.0.0.1:1/cb#x',
    'http://127.0.0.1:1/cb?x',
    'http://[::1]:1:2/cb',
  ])('but not what %s would be', (uri) => {
    expect(() => checked(uri, client)).toThrow(expect.objectContaining({ code: 'redirect_uri_mismatch' }));
  });

  test('and not where the client does not say so', () => {
    expect(() => checked('http://127.0.0.1:1/cb', { ...client, anyLoopbackPort: false })).toThrow();
  });
});
