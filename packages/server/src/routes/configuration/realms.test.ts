import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { administeredServer } from '../../testing/administered-server.ts';

const world = administeredServer();
const { admin, rest } = world;
const live = () => world.server.assent;
beforeAll(() => world.server.createRealm('/alpha'));

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../wire/golden/${name}.json`, import.meta.url), 'utf8')).body;

const REALMS = '/global-config/realms';

test('realms are listed with AM’s ids', async () => {
  const { body } = await admin('GET', `${REALMS}?_queryFilter=true`);
  expect(body.result).toMatchObject(golden('realm/realms'));
  const found = await admin('GET', `${REALMS}?_queryFilter=${encodeURIComponent('name eq "alpha"')}`);
  expect(found.body.resultCount).toBe(1);
});

test.each([
  [{}],
  [{ name: 'users' }],
  [{ name: 'a/b' }],
  [{ name: 'x', parentPath: '/nowhere' }],
  [{ name: 'x', aliases: 'www.example.com' }],
  [{ name: 'x', aliases: [7] }],
  [{ name: 'x', aliases: ['https://www.example.com'] }],
  [{ name: 'x', aliases: ['users'] }],
  [{ name: 'x', aliases: ['a/b'] }],
  [{ name: 'x', aliases: ['localhost'] }],
  [{ name: 'x', colour: 'red' }],
  [{ name: 'x', active: 'yes' }],
])('%j makes no realm', async (body) => {
  expect((await admin('POST', `${REALMS}?_action=create`, body)).status).toBe(400);
  expect(live().configuration.realms()).toHaveLength(2);
});

test('realms are made with the shipped journeys, switched off and on, and deleted from below', async () => {
  const made = await admin('POST', `${REALMS}?_action=create`, { name: 'beta', parentPath: '/alpha', active: true });
  expect(made).toMatchObject({ status: 201, body: { name: 'beta', parentPath: '/alpha' } });
  expect((await admin('POST', REALMS, { name: 'beta', parentPath: '/alpha' })).status).toBe(409);
  const id = String(made.body._id);
  const start = () => rest('POST', '/alpha/beta/authenticate', { body: {} });
  expect((await start()).status).toBe(200);
  expect((await admin('PUT', `${REALMS}/${id}`, { ...made.body, active: false })).body.active).toBe(false);
  expect((await start()).status).toBe(400);
  const stale = { 'if-match': `"${made.body._rev}"` };
  expect((await admin('PUT', `${REALMS}/${id}`, { active: true }, stale)).status).toBe(412);
  expect((await admin('PUT', `${REALMS}/${id}`, { name: 'gamma' })).status).toBe(400);
  expect((await admin('DELETE', `${REALMS}/L2FscGhh`)).status).toBe(409);
  expect((await admin('DELETE', `${REALMS}/${id}`)).status).toBe(200);
  expect((await admin('GET', `${REALMS}/${id}`)).status).toBe(404);
  expect((await admin('DELETE', `${REALMS}/Lw`)).status).toBe(400);
  expect((await admin('PUT', `${REALMS}/Lw`, { active: false })).status).toBe(400);
});
