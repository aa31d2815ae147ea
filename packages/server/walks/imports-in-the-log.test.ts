import { nodeCatalogue } from '@assent/nodes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { SERVICE_TYPES } from '../src/index.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// What an import brings may be wrong in any place, and is warned of at length: none of it that is a secret may be in a line (SEC-79).

let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;
const canaries: string[] = [];

const canary = (): string => {
  canaries.push(`Canary-${canaries.length}-f2c7a91b`);
  return canaries.at(-1) ?? '';
};

beforeAll(async () => {
  server = await steeredServer({ port: 18_497, logLevel: 'trace' });
  rest = restClient(server);
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server.assent.stop());

/** A canary in each secret of a schema, and beside them. */
const withCanaries = (schema: z.ZodType): Readonly<Record<string, unknown>> => {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const secrets = Object.entries(properties).filter(([, it]) => typeof it === 'object' && it.format === 'password');
  return Object.fromEntries([...secrets.map(([name]) => [name, canary()]), ['unknownMember', canary()]]);
};

const put = (path: string, body: unknown) =>
  rest('PUT', `/realms/root/${path}`, { token, body, headers: { 'if-none-match': '*' } });

const nodesWithSecrets = [...nodeCatalogue.values()].filter(({ config }) =>
  JSON.stringify(z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' })).includes('"password"'),
);

test('secrets of services, clients, nodes, users and of bodies that cannot be read are in no line of an import (I5)', async () => {
  for (const { id, schema } of SERVICE_TYPES) await put(`realm-config/services/${id}`, withCanaries(schema));
  await put('realm-config/agents/OAuth2Client/imported', {
    coreOAuth2ClientConfig: { userpassword: canary(), redirectionUris: ['nonsense'], clientName: [canary()] },
    unknownSection: { secret: canary() },
  });
  expect(nodesWithSecrets.length).toBeGreaterThan(0);
  for (const [at, { type, config }] of nodesWithSecrets.entries()) {
    const id = `00000000-0000-4000-8000-0000000000${String(at).padStart(2, '0')}`;
    await put(`realm-config/authentication/authenticationtrees/nodes/${type}/${id}`, withCanaries(config));
  }
  const text = Buffer.from(`throw new Error('${canary()}') // ${canary()}`).toString('base64');
  await put('scripts/imported', {
    name: 'imported',
    script: text,
    language: 'JAVASCRIPT',
    context: 'NONE',
    more: canary(),
  });
  canaries.push(text);
  const made = await rest('POST', '/realms/root/users?_action=create', {
    token,
    body: { username: 'imported', userpassword: canary(), postalAddress: canary() },
  });
  expect(made.status).toBe(201);
  expect(await signIn(rest, '/', 'imported', canary())).toBeUndefined();
  expect(await signIn(rest, '/', canary(), canary())).toBeUndefined();
  for (const address of [`/users/${canary()}`, `/sessions?_action=logout&tokenId=${canary()}`, `/${canary()}`]) {
    const headers = { 'accept-api-version': 'resource=3.1', authorization: `Bearer ${canary()}` };
    await rest('POST', address, { token: canary(), body: { tokenId: canary() }, headers });
  }

  const lines = server.logged();
  expect(lines.length).toBeGreaterThan(SERVICE_TYPES.length);
  const log = JSON.stringify(lines);
  expect(canaries.filter((secret) => log.includes(secret))).toEqual([]);
  expect(lines.filter(({ omitted }) => omitted !== undefined)).toEqual([]);
});
