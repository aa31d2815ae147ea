import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { createDatabase, freePort, HaProxyServer, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { AttackRun } from '../attack/attack-run.ts';
import { CORPUS } from '../attack/corpus/index.ts';
import { GOOD_ORIGIN } from '../attack/target/attack-target.ts';
import { Frodo, textOf } from '../clients/frodo.ts';
import { readPostgres } from '../faults/servers/stored.ts';
import { asAdministrator } from '../support/administrator.ts';
import { addUser, attributesOf } from '../support/people.ts';
import { realmPath } from '../support/realm-path.ts';
import { ASSENT, assent, type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { jsonObject, type Send, sendByFetch, type WireRequest } from '../support/wire.ts';
import { type LogLine, type World, walks } from '../walks/index.ts';
import type { JourneyName } from '../walks/login.ts';

// Two processes on one PostgreSQL behind a proxy that gives each request to the next of them, and knows no cookie (OPS-26).

const isBuilt = existsSync(ASSENT.replace('bin/assent.cjs', 'dist/bundle/main.js'));

/** Each lettered walk once, as against a single server. */
const cases = walks
  .filter(({ title, needs }) => needs === 'nothing' && /^[A-Z]( and [A-Z])?: /.test(title))
  .map((walk) => [`${walk.journeys[0]} ${walk.title}`, walk, walk.journeys[0] as JourneyName] as const);

/** Sends each request to the instance that is chosen for it, past the proxy and under its name. */
const sendPast =
  (am: string, portOf: (request: WireRequest) => number): Send =>
  (asked) =>
    new Promise((resolve, reject) => {
      const { method, url, headers, body } = asked;
      const { host, pathname, search } = new URL(url);
      if (!url.startsWith(am)) throw new TypeError(`${url} is none of the server's`);
      const json = body === undefined ? undefined : JSON.stringify(body);
      const given = { ...headers, host, ...(json !== undefined && { 'content-type': 'application/json' }) };
      const to = { host: 'localhost', port: portOf(asked), path: pathname + search, method, headers: given };
      const sent = request(to, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => {
          const said = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
          resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(said), body: jsonObject(text) });
        });
      });
      sent.on('error', reject).end(json);
    });

/** The first screen of an instance that has made the administrator. */
const PRINTED = /amadmin \/ (\S+)/;

describeWith(['postgres', 'haproxy'], 'two instances behind a proxy', () => {
  let database: TestDatabase;
  let proxy: HaProxyServer;
  let ports: readonly [number, number];
  let instances: readonly ServerProcess[] = [];
  let env: Readonly<Record<string, string>>;
  let am: string;

  beforeAll(async () => {
    if (!isBuilt) throw new Error('The packages are not built: npm run build.');
    database = await createDatabase();
    ports = [await freePort(), await freePort()];
    proxy = await HaProxyServer.launch({ ports, healthPath: '/am/health/ready' });
    am = `http://localhost:${proxy.port}/am`;
    env = {
      ASSENT_DATABASE_URL: database.url,
      ASSENT_MASTER_KEY: Buffer.alloc(32, 5).toString('base64'),
      ASSENT_PUBLIC_URL: am,
      ASSENT_TRUSTED_PROXIES: '127.0.0.1',
      // The proxy looks five times a second.
      ASSENT_DRAIN_SECONDS: '1',
      ASSENT_CORS_ORIGINS: GOOD_ORIGIN,
    };
    // At once, on a database in which there is nothing.
    instances = await Promise.all(
      ports.map((port) => startServerProcess({ port, env, args: ['--log-level', 'trace'] })),
    );
    await bothInRotation();
  });
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.close()));
    await proxy?.stop();
    await database?.close();
  });

  /** An instance is ready before the proxy has seen that it is, and meanwhile the proxy answers by a page of its own. */
  const bothInRotation = () =>
    vi.waitFor(async () => expect(await proxy.inRotation()).toBe(instances.length), { timeout: 90_000 });
  const printed = () => instances.map((instance) => PRINTED.exec(instance.firstScreen())?.[1]);
  const cluster = () => ({
    am,
    administrator: { name: 'amadmin', password: printed().find((it) => it !== undefined) ?? '' },
  });
  const world = (): World => ({
    ...cluster(),
    send: sendByFetch,
    now: () => Date.now(),
    pass: async () => {},
    createUser: (username, password, realm) => addUser(cluster(), username, password, realm),
    attributes: (username, realm) => attributesOf(cluster(), username, realm),
    log: async () =>
      instances
        .flatMap((instance) => instance.output().split('\n'))
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as LogLine),
  });

  test('that started first at once have printed one password, and it opens (OPS-21)', async () => {
    expect(printed().filter((it) => it !== undefined)).toHaveLength(1);
    const { status } = await asAdministrator(
      cluster(),
      'POST',
      `${realmPath('/')}/realm-config/services?_action=nextdescendents`,
    );
    expect(status).toBe(200);
  });

  test.each(cases)('%s', (_title, walk, journey) => walk.go(world(), journey));

  test('the command line reads the database that they serve', async () => {
    await addUser(cluster(), 'shown');
    const { user } = JSON.parse(await assent(['user', 'show', 'shown', '--json'], { env })) as {
      readonly user: { readonly username: string };
    };
    expect(user.username).toBe('shown');
  });

  test('one after the other may be started anew, and a login that was begun goes on (OPS-33, REL-04, REL-21)', async () => {
    await addUser(cluster(), 'rolling');
    for (const instance of instances) {
      const first = await sendByFetch({
        method: 'POST',
        url: `${am}/json/authenticate?authIndexType=service&authIndexValue=Login`,
      });
      expect(await instance.stop()).toBe(0);
      const callbacks = (first.body.callbacks as { type: string; input: { name: string; value: string }[] }[]).map(
        (it) => ({
          ...it,
          input: it.input.map((input) => ({
            ...input,
            value: it.type === 'NameCallback' ? 'rolling' : 'correct horse 7',
          })),
        }),
      );
      const done = await sendByFetch({
        method: 'POST',
        url: `${am}/json/authenticate?authIndexType=service&authIndexValue=Login`,
        body: { ...first.body, callbacks },
      });
      expect([done.status, typeof done.body.tokenId]).toEqual([200, 'string']);
      await instance.start();
      await bothInRotation();
    }
  });

  test('a request that one has brought to the phone and the other has had answered is told whole by either (OPS-50, REL-04)', async () => {
    const [one, other] = ports;
    const users: string[] = [];
    const walk = walks.find(({ title }) => title.startsWith('A: an approval shows at the next poll'));
    await walk?.go(
      {
        ...world(),
        send: sendPast(am, ({ url }) => (url.includes('/push/') ? other : one)),
        async createUser(username, password, realm) {
          users.push(username);
          await addUser(cluster(), username, password, realm);
        },
      },
      'PushLogin',
    );
    const tracedBy = async (port: number) => {
      const asked = { ...cluster(), send: sendPast(am, () => port) };
      const path = `${realmPath('/')}/push/trace?user=${users[0]}&_pageSize=1`;
      const { body } = await asAdministrator(asked, 'GET', path);
      return body.result as readonly {
        readonly steps: readonly { readonly step: string; readonly instance: string }[];
      }[];
    };
    const traces = await tracedBy(one);
    const [{ steps } = { steps: [] }] = traces;
    expect(steps.map(({ step }) => step)).toEqual(['fetchable', 'approved', 'consumed']);
    const [brought, answered, taken] = steps.map(({ instance }) => instance);
    expect(new Set([brought, answered]).size).toBe(2);
    expect(taken).toBe(brought);
    expect(await tracedBy(other)).toEqual(traces);
  });

  test('are told of by a command, and differ in nothing (OPS-31)', async () => {
    const lines = (await assent(['instances', '--json'], { env })).trim().split('\n');
    const listed = lines.map((line) => (JSON.parse(line) as { instance: object }).instance);
    expect(listed).toEqual([expect.objectContaining({ isGone: false }), expect.objectContaining({ isGone: false })]);
  });

  describe('attacked', () => {
    let run: AttackRun;
    beforeAll(async () => {
      let read = 0;
      run = new AttackRun(
        {
          ...cluster(),
          instances: instances.length,
          async addRealm(realm) {
            const made = { name: realm.slice(1), active: true, parentPath: '/', aliases: [] };
            await changed('POST', '/json/global-config/realms?_action=create', made);
            const service = `${realmPath(realm)}/realm-config/services/pushNotification`;
            await changed('PUT', service, { delegateFactory: 'relay' });
            // Each instance answers by what it has read, and the other one reads once a second.
            for (const port of ports) {
              const asked = { ...cluster(), send: sendPast(am, () => port) };
              await vi.waitFor(
                async () => expect((await asAdministrator(asked, 'GET', service)).body.delegateFactory).toBe('relay'),
                { timeout: 60_000 },
              );
            }
          },
          now: Date.now,
          async takeLog() {
            const lines = instances
              .flatMap((instance) => instance.output().split('\n'))
              .filter((it) => it.startsWith('{'));
            const unread = lines.slice(read);
            read = lines.length;
            return unread.join('\n');
          },
          rows: readPostgres(database.url),
          files: () => [],
          measures: async () => undefined,
          close: async () => undefined,
        },
        { limits: { loopP99Millis: 0, heapGrowthBytes: 0 }, extent: 'sample' },
      );
      await run.prepare();
    });
    afterAll(() => run?.close());

    const changed = async (method: 'POST' | 'PUT', path: string, body: object): Promise<void> => {
      const { status } = await asAdministrator(cluster(), method, path, body);
      expect([200, 201]).toContain(status);
    };

    /** What depends on where a request goes, or on what another instance does at the same moment. */
    const groups = CORPUS.filter(({ title }) => ['journeys', 'races', 'sessions and other sites'].includes(title));
    test.each(groups)('$number $title go as they are expected to (I1 to I8)', async (group) => {
      const { unexpected, broken } = await run.group(group);
      expect(unexpected).toEqual([]);
      expect(broken).toEqual([]);
    });
  });

  test('take what frodo brings, and give it back as it came', async () => {
    const [{ scratch } = { scratch: '' }] = instances;
    const { password } = cluster().administrator;
    const frodo = new Frodo({ am, scratch });
    await frodo.do(['journey', 'export', '-a', '-f', 'all.json'], { password });
    const exported = frodo.read('all.json');
    await frodo.do(['journey', 'import', '-a', '-f', 'all.json'], { password });
    await frodo.do(['journey', 'export', '-a', '-f', 'back.json'], { password });
    expect(textOf(frodo.read('back.json'))).toBe(textOf(exported));
    expect(Object.keys(exported.trees as object)).toContain('PushLogin');
  });
});
