import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

let dataDir: string;
let server: SteeredServer;

const start = async () => {
  server = await steeredServer({ port: 18_492, dataDir });
};

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'assent-ldap-service-'));
  await start();
});
afterEach(async () => {
  await server?.assent.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const TREE = '/realm-config/authentication/authenticationtrees/trees/ldapService';

// It signs in by a password alone: where it is not, somebody may have closed that door.
test('a realm that has no ldapService is not given one when the server starts again, a new realm is (B7)', async () => {
  const token = () => signIn(restClient(server), '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  expect((await restClient(server)('DELETE', TREE, { token: await token() })).status).toBe(200);
  await server.assent.stop();
  await start();
  const rest = restClient(server);
  const administrator = await token();
  expect((await rest('GET', TREE, { token: administrator })).status).toBe(404);
  const realm = { name: 'alpha', parentPath: '/' };
  await rest('POST', '/global-config/realms?_action=create', { token: administrator, body: realm });
  expect((await rest('GET', `/alpha${TREE}`, { token: administrator })).status).toBe(200);
});
