import { describe, expect, test } from 'vitest';
import { newRealmSettings } from '../realms/realm-defaults.ts';
import { isLoopback } from '../settings/loopback.ts';
import { OriginRules } from './origin-rules.ts';

const PUBLIC_URL = 'https://login.example.com/am';
const read: string[] = [];
const ofClients = {
  readOrigins: async ({ realm }: { readonly realm: string }) => {
    read.push(realm);
  },
  isOrigin: ({ realm }: { readonly realm: string }, origin: string) =>
    realm === '/alpha' && origin === 'https://client.example.com',
};
const rules = new OriginRules(PUBLIC_URL, () => ['https://root-app.example.com'], ofClients);
const root = newRealmSettings('/', PUBLIC_URL);
const alpha = { ...newRealmSettings('/alpha', PUBLIC_URL), corsOrigins: ['https://app.example.com'] };
const MARKED = { 'x-requested-with': 'app' };

test.each([
  'null',
  'https://evil.example',
  'https://app.example.com.evil',
  'http://app.example.com',
  'https://APP.example.com',
  'https://app.example.com:443',
  'https://appxexample.com',
  'https://root-app.example.com',
])('the origin %s may not read answers of a realm that does not list it (A145)', (origin) => {
  expect(rules.corsHeaders({ origin }, alpha)).toEqual({ vary: 'Origin' });
  expect(rules.preflightHeaders({ origin }, alpha)).toEqual({ vary: 'Origin' });
  expect(rules.forgery({ origin, ...MARKED }, alpha)).toBeDefined();
});

test('a listed origin may, by name and with credentials, also from another site', () => {
  const origin = 'https://app.example.com';
  expect(rules.corsHeaders({ origin }, alpha)).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  });
  expect(rules.forgery({ origin, 'sec-fetch-site': 'cross-site', cookie: 'a=b', ...MARKED }, alpha)).toBeUndefined();
  expect(rules.corsHeaders({ origin }, root)).toEqual({ vary: 'Origin' });
  expect(rules.corsHeaders({ origin: 'https://root-app.example.com' }, root)).toHaveProperty(
    'access-control-allow-origin',
  );
});

test('a write with a cookie needs a header that no form can send (A146, SEC-72)', () => {
  for (const from of [{}, { origin: 'https://login.example.com' }, { 'sec-fetch-site': 'same-origin' }]) {
    expect(rules.forgery({ cookie: 'iPlanetDirectoryPro=x', ...from }, root)).toBeDefined();
  }
  expect(
    rules.forgery({ cookie: 'iPlanetDirectoryPro=x', 'accept-api-version': 'resource=2.1' }, root),
  ).toBeUndefined();
  expect(rules.forgery({}, root)).toBeUndefined();
});

test('a call from another site is refused also without an origin, and our own pages may call', () => {
  expect(rules.forgery({ 'sec-fetch-site': 'cross-site', ...MARKED }, root)).toBeDefined();
  expect(rules.forgery({ origin: 'https://login.example.com', cookie: 'a=b', ...MARKED }, root)).toBeUndefined();
});

describe.each([
  'same-origin, cross-site',
  'cross-site, same-origin',
  'same-origin, same-origin',
  'cross-site,none',
  'Same-Origin',
  '',
  'elsewhere',
  ['same-origin', 'cross-site'],
])('Sec-Fetch-Site: %j, which no browser sends', (site) => {
  test.each([{}, { origin: 'https://login.example.com' }, { origin: 'null' }])(
    'counts as a call from another site with %j',
    (from) => {
      const headers = { ...from, ...MARKED, 'sec-fetch-site': site };
      expect(rules.forgery(headers, root)).toBeDefined();
      expect(rules.isOwnForm(headers)).toBe(false);
      expect(rules.isForeignForm(headers)).toBe(true);
    },
  );
});

test('an Origin that is sent twice is the origin of no page', () => {
  for (const other of ['https://evil.example', 'https://login.example.com']) {
    for (const origin of [['https://login.example.com', other], `https://login.example.com, ${other}`]) {
      expect(rules.forgery({ origin, ...MARKED }, root)).toBeDefined();
      expect(rules.isOwnForm({ origin })).toBe(false);
      expect(rules.isForeignForm({ origin })).toBe(true);
    }
  }
});

test('loopback names are one host on the same port only', () => {
  const local = new OriginRules('http://localhost:8080/am', () => [], ofClients);
  expect(local.forgery({ origin: 'http://127.0.0.1:8080', ...MARKED }, root)).toBeUndefined();
  expect(local.forgery({ origin: 'http://127.0.0.1:9090', ...MARKED }, root)).toBeDefined();
  expect(rules.forgery({ origin: 'http://localhost', ...MARKED }, root)).toBeDefined();
  expect(['localhost', '127.0.0.1', '127.9.9.9', '[::1]'].every(isLoopback)).toBe(true);
  expect(['localhost.evil', '127.0.0.1.evil', '128.0.0.1', '0.0.0.0'].some(isLoopback)).toBe(false);
});

test('the origins of the applications of a realm are listed there, and nowhere else', () => {
  const headers = { origin: 'https://client.example.com' };
  expect(rules.isListed(headers, alpha)).toBe(true);
  expect(rules.corsHeaders(headers, alpha)).toMatchObject({ 'access-control-allow-origin': headers.origin });
  expect(rules.isListed(headers, root)).toBe(false);
  expect(rules.isListed(headers, undefined)).toBe(false);
});

test('the origins of clients are read for an origin that neither the server nor the realm lists, and for no other request (SEC-93)', async () => {
  for (const headers of [{}, { origin: 'https://login.example.com' }, { origin: 'https://app.example.com' }]) {
    expect(rules.prepare(headers, alpha)).toBeUndefined();
  }
  expect(rules.prepare({ origin: 'https://evil.example' }, undefined)).toBeUndefined();
  expect(rules.withoutClients().prepare({ origin: 'https://evil.example' }, alpha)).toBeUndefined();
  expect(read).toEqual([]);
  await rules.prepare({ origin: 'https://evil.example' }, alpha);
  expect(read).toEqual(['/alpha']);
});

test('what a caller shows by itself is believed of our pages, of those that are listed, and of programs (OIDC-30)', () => {
  expect(rules.isOwnOrListed({ origin: 'https://evil.example' }, alpha)).toBe(false);
  expect(rules.isOwnOrListed({ origin: 'null' }, alpha)).toBe(false);
  expect(rules.isOwnOrListed({ origin: 'https://client.example.com' }, root)).toBe(false);
  expect(rules.isOwnOrListed({ origin: 'https://client.example.com' }, alpha)).toBe(true);
  expect(rules.isOwnOrListed({ origin: 'https://login.example.com' }, alpha)).toBe(true);
  expect(rules.isOwnOrListed({}, alpha)).toBe(true);
});
