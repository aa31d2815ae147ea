import { expect, test } from 'vitest';
import { isRelyingPartyId, relyingPartyOf } from './relying-party.ts';

const PUBLIC = 'https://login.example.com:8443/am';
const realm = { relyingPartyId: '', corsOrigins: [] };

test.each([
  '',
  'https://example.com',
  'example.com:443',
  'example.com/',
  '192.0.2.1',
  '[::1]',
  '::1',
  'Example.com',
  '.com',
  'a..b',
  '-a.com',
  'a-.com',
  'exa mple.com',
  '*.example.com',
  `${'a'.repeat(64)}.com`,
])('%j is no host name that passkeys can be made for (WA-04)', (text) => {
  expect(isRelyingPartyId(text)).toBe(false);
});

test.each(['localhost', 'example.com', 'login.example.co.uk', 'xn--bcher-kva.example', '1.example'])(
  '%j is one',
  (text) => {
    expect(isRelyingPartyId(text)).toBe(true);
  },
);

test('nothing can be made for an IP address, wherever it stands (WA-04)', () => {
  expect(relyingPartyOf({ origins: [] }, realm, 'http://127.0.0.1:8080/am')).toBeUndefined();
  expect(relyingPartyOf({ relyingPartyDomain: '192.0.2.1', origins: [] }, realm, PUBLIC)).toBeUndefined();
});

test('the settings of a node come before those of the realm, and those before the public address', () => {
  const own = { relyingPartyDomain: 'node.example', origins: ['https://node.example'] };
  const ofRealm = { relyingPartyId: 'example.com', corsOrigins: ['https://app.example.com'] };
  expect(relyingPartyOf(own, ofRealm, PUBLIC)).toEqual({ id: 'node.example', origins: ['https://node.example'] });
  const unset = { relyingPartyDomain: '', origins: [] };
  expect(relyingPartyOf(unset, ofRealm, PUBLIC)).toEqual({
    id: 'example.com',
    origins: ['https://login.example.com:8443', 'https://app.example.com'],
  });
  expect(relyingPartyOf({ origins: [] }, realm, PUBLIC)).toEqual({
    id: 'login.example.com',
    origins: ['https://login.example.com:8443'],
  });
});
