import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KillAt } from './moving/copy-process.ts';
import { fillStore } from './moving/filled-store.ts';
import { copyKilled } from './moving/killed-copy.ts';
import { giveTime } from './moving/unhurried.ts';
import { type ClockedServer, startClockedServer } from './support/clocked-server.ts';
import { addUser, attributesOf } from './support/people.ts';
import { ASSENT, assent, type ServerProcess, startServerProcess } from './support/server-process.ts';
import { sendByFetch } from './support/wire.ts';
import { begunBefore, JOURNEY } from './walks/begun-before.ts';
import { type Attributes, type LogLine, type World, walks } from './walks/index.ts';

const isBuilt = existsSync(fileURLToPath(new URL('../dist/bundle/main.js', `file://${ASSENT}`)));
const suite = (name: string) => (isBuilt ? name : `${name} (skipped: the packages are not built, npm run build)`);

/** The server for tests, over HTTP: its clock and its configuration are moved from outside. */
const clockedWorld = (server: ClockedServer): World => {
  let now = server.startedAt;
  const { control } = server;
  const provider = (path: string, body: object = {}) =>
    sendByFetch({ method: 'POST', url: `${server.providerUrl}/${path}`, body });
  return {
    am: server.am,
    send: sendByFetch,
    now: () => now,
    async pass(millis) {
      now = Number((await control('advance', { millis })).now);
    },
    administrator: server.administrator,
    async createUser(username, password, realm) {
      await control('user', { username, password, realm });
    },
    attributes: async (username, realm) => (await control('attributes', { username, realm })).attributes as Attributes,
    log: async () => (await control('log')).lines as readonly LogLine[],
    steering: {
      async setAttributes(username, realm, attributes) {
        await control('set-attributes', { username, realm, attributes });
      },
      async createRealm(realm) {
        await control('realm', { realm });
      },
      async setPushService(realm, config) {
        await control('push-service', { realm, config });
      },
      async breakProvider() {
        await provider('script', { action: 'Publish', code: 'InternalError', httpStatus: 500 });
      },
      async repairProvider() {
        await provider('repair');
      },
      async delivered(token) {
        const { body } = await sendByFetch({ method: 'GET', url: `${server.providerUrl}/captured` });
        const published = body.published as readonly {
          readonly token: string;
          readonly payload: Readonly<Record<string, unknown>>;
        }[];
        return published.filter((it) => it.token === token).map(({ payload }) => payload);
      },
    },
  };
};

/** `assent serve` as anybody runs it. */
const plainWorld = (server: ServerProcess): World => ({
  am: server.am,
  send: sendByFetch,
  now: () => Date.now(),
  pass: async () => {},
  administrator: server.administrator,
  createUser: (username, password, realm) => addUser(server, username, password, realm),
  attributes: (username, realm) => attributesOf(server, username, realm),
  log: async () =>
    server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine),
});

/** Several times what goes into one transaction, of all tables together. */
const ROWS = 6_000;

/** Once among the tables that are written, and once among those that are compared; then it may come to its end. */
const killAt =
  (run: number): KillAt =>
  ({ copied, compared }) =>
    (run === 0 && copied?.table === 'device') || (run === 1 && compared !== undefined) ? 0 : undefined;

const each = (all: typeof walks) =>
  all.flatMap((walk) => walk.journeys.map((journey) => [`${journey} ${walk.title}`, walk, journey] as const));

// In process they run on every store; over HTTP on the one that a first start has.
describe.skipIf(!isBuilt)(suite('a started server with a clock that can be moved'), () => {
  let server: ClockedServer;
  let world: World;
  const directory = mkdtempSync(join(tmpdir(), 'assent-walks-'));
  beforeAll(async () => {
    server = await startClockedServer({ dataDir: directory });
    world = clockedWorld(server);
  });
  afterAll(async () => {
    await server?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  test.each(each(walks))('%s', (_title, walk, journey) => walk.go(world, journey));
});

/** Each lettered walk once: its variants ran above. */
const plainWalks = each(walks).filter(
  ([, { title, needs, journeys }, journey]) =>
    needs === 'nothing' && /^[A-Z]( and [A-Z])?: /.test(title) && journey === journeys[0],
);

describe.skipIf(!isBuilt)(suite('assent serve'), () => {
  let server: ServerProcess;
  let world: World;
  beforeAll(async () => {
    server = await startServerProcess();
    world = plainWorld(server);
  });
  afterAll(() => server?.close());
  test.each(plainWalks)('%s', (_title, walk, journey) => walk.go(world, journey));

  describeWith(['postgres'], 'that was moved to PostgreSQL by assent store copy (OPS-62, OPS-63)', () => {
    const rests = new Map<string, () => Promise<void>>();
    let database: TestDatabase;
    let moved: ServerProcess;
    let refusal: unknown;
    const copied = mkdtempSync(join(tmpdir(), 'assent-copied-'));
    beforeAll(async () => {
      database = await createDatabase();
      await giveTime(server, JOURNEY);
      await Promise.all(begunBefore.map(async ({ title, begin }) => rests.set(title, await begin(world))));
      await server.stop();
      cpSync(server.dataDir, copied, { recursive: true });
      await assent(['store', 'copy', '--to', database.url, '--from', server.dataDir, '--final']);
      refusal = await server.start().catch((failure: unknown) => failure);
      moved = await startServerProcess({
        port: Number(new URL(server.origin).port),
        env: {
          ASSENT_DATABASE_URL: database.url,
          ASSENT_MASTER_KEY: readFileSync(join(server.dataDir, 'master.key'), 'utf8').trim(),
        },
      });
    });
    afterAll(async () => {
      await moved?.close();
      await database?.close();
      rmSync(copied, { recursive: true, force: true });
    });

    test.each(begunBefore.map(({ title }) => title))('%s', (title) => rests.get(title)?.());
    test('was copied whole by a copy that was killed, and one byte that is another was named', async () => {
      fillStore(join(copied, 'assent.db'), ROWS);
      const another = await createDatabase();
      const copy = await copyKilled({ dataDir: copied, database: another, killAt });
      await another.close();
      expect(copy.kills).toBeGreaterThanOrEqual(2);
      const key = expect.stringMatching(/^uuid \S+$/);
      expect(copy.named).toEqual([{ difference: { table: 'device', key, problem: 'is another' } }]);
      expect(copy.compared).toEqual({ rows: expect.any(Number), differences: [] });
      expect(copy.compared.rows).toBeGreaterThan(ROWS);
    });
    test('does not serve from where it was moved', () => {
      expect(String(refusal)).toContain('was moved to postgres:');
    });
  });
});
