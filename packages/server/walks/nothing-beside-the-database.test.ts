import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

describeWith(['postgres'], 'an instance on PostgreSQL', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-nothing-beside-'));
  let database: TestDatabase;
  let servers: readonly SteeredServer[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    const start = (dataDir: string) => steeredServer({ port: 0, databaseUrl: database.url, dataDir });
    servers = [await start(directory), await start(join(directory, 'absent'))];
    for (const { assent } of servers) await assent.listen();
  });
  afterAll(async () => {
    for (const { assent } of servers) await assent.stop();
    await database?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('tells whose figures it shows, which are its own (OPS-36)', async () => {
    const shown = [];
    for (const server of servers) {
      const rest = restClient(server);
      const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
      const { status, headers } = await rest('GET', '/metrics/api?_queryFilter=true', { token });
      expect(status).toBe(200);
      shown.push(headers['x-assent-instance']);
    }
    const [first] = servers;
    const named = (await first?.assent.store.instances.list())?.map(({ name }) => name);
    expect(new Set(shown)).toEqual(new Set(named));
    expect(shown).toHaveLength(2);
  });

  test('has written nothing into its data directory, which need not be there (OPS-36)', async () => {
    for (const server of servers) {
      await server.createUser('/', `user${servers.indexOf(server)}`, 'correct horse 7');
      expect(await signIn(restClient(server), '/', `user${servers.indexOf(server)}`, 'correct horse 7')).toBeDefined();
    }
    expect([readdirSync(directory), existsSync(join(directory, 'absent'))]).toEqual([[], false]);
  });
});
