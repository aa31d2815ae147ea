import { expect, test } from 'vitest';
import { bodyOf, testProvider } from '../testing/index.ts';
import { ASSERTION_ALGORITHMS } from '../token/client-assertion.ts';
import { discoveryEndpoint } from './discovery.ts';
import { keySetEndpoint } from './key-set.ts';

const GET = { method: 'GET' } as const;

test('every address is whole, and begins with the issuer of the realm', async () => {
  const provider = testProvider();
  const body = bodyOf(await provider.ask(discoveryEndpoint, {}, { ...GET, realm: '/alpha' }));
  const issuer = 'https://id.example/am/oauth2/realms/root/realms/alpha';
  expect(body.issuer).toBe(issuer);
  const addresses = Object.entries(body).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri');
  expect(addresses).toHaveLength(9);
  for (const [, address] of addresses) expect(address).toMatch(new RegExp(`^${issuer}/[\\w/]+$`));
});

test('lists what is on, and no more', async () => {
  const settings = {
    grantTypes: ['authorization_code', 'password', 'refresh_token'],
    treeOfAcr: new Map([['push', 'P']]),
  };
  const body = bodyOf(await testProvider({ settings }).ask(discoveryEndpoint, {}, GET));
  expect(body).toMatchObject({
    grant_types_supported: ['authorization_code', 'refresh_token'],
    response_types_supported: ['code', 'none', 'id_token'],
    acr_values_supported: ['push'],
    code_challenge_methods_supported: ['S256'],
    request_uri_parameter_supported: false,
  });
  expect(body).not.toHaveProperty('device_authorization_endpoint');
  // With it, official clients would go the way of another product (spec: oidc §2).
  expect(body.response_modes_supported).not.toContain('pi.flow');
});

test('names the algorithms wherever a client may sign who it is (RFC 8414 §2)', async () => {
  const body = bodyOf(await testProvider().ask(discoveryEndpoint, {}, GET));
  const endpoints = Object.keys(body).flatMap((name) => name.match(/^(\w+)_auth_methods_supported$/)?.[1] ?? []);
  expect(endpoints).toHaveLength(3);
  for (const endpoint of endpoints) {
    expect(body[`${endpoint}_auth_methods_supported`]).toContain('private_key_jwt');
    expect(body[`${endpoint}_auth_signing_alg_values_supported`], endpoint).toEqual(ASSERTION_ALGORITHMS);
  }
});

test('a realm that is not to be discovered says nothing', async () => {
  const provider = testProvider({ settings: { isDiscoverable: false } });
  expect(await provider.ask(discoveryEndpoint, {}, GET)).toMatchObject({ status: 404, body: { error: 'not_found' } });
});

test('the keys of a realm may be kept for an hour', async () => {
  const answer = await testProvider().ask(keySetEndpoint, {}, GET);
  expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'public, max-age=3600' } });
  expect(bodyOf(answer).keys).toHaveLength(2);
});
