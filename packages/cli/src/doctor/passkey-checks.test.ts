import { newRealmSettings } from '@assent/server';
import { expect, test } from 'vitest';
import { checkPasskeyAddress, checkRelyingParties } from './passkey-checks.ts';

test.each([
  ['https://login.example.com/am', 'ok'],
  ['http://localhost:8080/am', 'ok'],
  ['http://am.localhost:8080/am', 'ok'],
  ['http://login.example.com/am', 'warning'],
])('browsers use passkeys at %s: %s', (publicUrl, status) => {
  expect(checkPasskeyAddress(publicUrl)).toMatchObject({ name: 'passkeys', status });
});

const checked = (
  publicUrl: string,
  settings: { relyingPartyId?: string; aliases?: readonly string[] } = {},
  others = 0,
) => {
  const realm = { ...newRealmSettings('/', publicUrl), ...settings };
  const configuration = { realms: () => [realm] };
  const passkeys = {
    countOfOtherRelyingParty: async (_realm: string, _id: string, limit: number) => Math.min(others, limit),
  };
  type Parts = Parameters<typeof checkRelyingParties>;
  const server = { storedClients: async () => ({ configuration }) } as unknown as Parts[0];
  return checkRelyingParties(server, { passkeys } as unknown as Parts[1], { publicUrl });
};

test.each([
  ['http://127.0.0.1:8080/am', 'call the server localhost'],
  ['http://[::1]:8080/am', 'call the server localhost'],
  ['https://192.0.2.7/am', 'give the server a name'],
])('no passkey is made at the address %s, and what to do is said (WA-04)', async (publicUrl, hint) => {
  expect(await checked(publicUrl)).toEqual([
    {
      name: 'realm /',
      status: 'warning',
      message: expect.stringContaining('for an IP address'),
      hint: expect.stringContaining(hint),
    },
  ]);
});

test.each([
  ['the host itself', {}],
  ['a domain above it', { relyingPartyId: 'example.com' }],
  ['an alias of the realm', { relyingPartyId: 'id.example.org', aliases: ['ID.example.org'] }],
])('passkeys made for %s are in order', async (_what, settings) => {
  expect(await checked('https://login.example.com/am', settings)).toMatchObject([{ status: 'ok' }]);
});

test.each(['other.example', 'ogin.example.com', 'www.login.example.com'])(
  'passkeys made for %s are refused at login.example.com',
  async (relyingPartyId) => {
    expect(await checked('https://login.example.com/am', { relyingPartyId })).toMatchObject([
      { status: 'problem', message: expect.stringContaining(`made for ${relyingPartyId}`) },
    ]);
  },
);

test.each([
  [1, /^One passkey cannot be used/],
  [12, /^12 passkeys cannot be used/],
  [20_000, /^10000 passkeys or more cannot be used/],
])('%i passkeys that were made for another host are counted', async (others, message) => {
  expect(await checked('https://login.example.com/am', {}, others)).toMatchObject([
    { status: 'warning', message: expect.stringMatching(message) },
  ]);
});
