import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';

const EMAIL = '/realm-config/services/email';
let server: SteeredServer;
let rest: RestClient;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  server = await steeredServer({ port: 18_446 });
  rest = restClient(server);
  for (const role of ['owner', 'auditor']) {
    await server.createUser('/', role, 'correct horse');
    await server.setAttributes('/', role, { assentRoles: [role] });
    tokens[role] = (await openSession(server, '/', role, { factorAgeMillis: 0 })).token;
  }
});
afterAll(() => server.assent.stop());

test('the values of unknown members of a service are for callers who may write it (SEC-72)', async () => {
  const body = { hostname: 'mail.example.com', apiKeyOfAnother: 'imported-secret', nested: { key: 'imported-secret' } };
  expect((await rest('PUT', EMAIL, { token: tokens.owner, body })).status).toBe(201);
  const reads = [
    ['GET', EMAIL],
    ['GET', '/realm-config/services'],
    ['POST', '/realm-config/services?_action=nextdescendents'],
  ] as const;
  for (const [method, path] of reads) {
    const asOwner = await rest(method, path, { token: tokens.owner, ...(method === 'POST' && { body: {} }) });
    const asAuditor = await rest(method, path, { token: tokens.auditor, ...(method === 'POST' && { body: {} }) });
    expect([asOwner.status, asAuditor.status]).toEqual([200, 200]);
    expect(JSON.stringify(asOwner.body)).toContain('imported-secret');
    expect(JSON.stringify(asAuditor.body)).toContain('"apiKeyOfAnother":null,"nested":null');
    expect(JSON.stringify(asAuditor.body)).toContain('mail.example.com');
    expect(JSON.stringify(asAuditor.body)).not.toContain('imported-secret');
  }
});

test('the secret keys of a client are for callers who may write it (SEC-72)', async () => {
  const path = '/realm-config/agents/OAuth2Client/planner';
  const publicKey = { kty: 'EC', kid: 'signs', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) };
  const jwkSet = JSON.stringify({ keys: [publicKey, { kty: 'oct', kid: 'both-know', k: 'imported-secret' }] });
  const body = {
    signEncOAuth2ClientConfig: { jwkSet: { inherited: false, value: jwkSet }, publicKeyLocation: 'jwks' },
  };
  expect((await rest('PUT', path, { token: tokens.owner, body })).status).toBe(201);
  for (const read of [path, '/realm-config/agents/OAuth2Client?_queryFilter=true']) {
    const asOwner = await rest('GET', read, { token: tokens.owner });
    const asAuditor = await rest('GET', read, { token: tokens.auditor });
    expect([asOwner.status, asAuditor.status]).toEqual([200, 200]);
    expect(JSON.stringify(asOwner.body)).toContain('imported-secret');
    expect(JSON.stringify(asAuditor.body)).not.toContain('imported-secret');
    expect(JSON.stringify(asAuditor.body)).toContain('signs');
    expect(JSON.stringify(asAuditor.body)).toContain('publicKeyLocation');
  }
});
