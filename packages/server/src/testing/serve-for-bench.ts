import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import type { EngineChange } from '@assent/engine/host';
import { plainHasher } from '@assent/engine/testing';
import type { DeviceChange } from '@assent/push';
import { configuring } from '@assent/store/testing';
import { secretDigester } from '../clients/client-secret.ts';
import { newClientDocument } from '../clients/new-client.ts';
import { compose } from '../composition/compose.ts';
import { toPublishedTree } from '../journeys/shipped-journey.ts';
import { systemClock, systemRandom } from '../platform/system-ports.ts';
import { loadSettings } from '../settings/load-settings.ts';
import { BENCH_JOURNEYS } from './bench-journeys.ts';

/**
 * The production composition for the benchmark: no password is hashed, since the budget leaves hashing out (docs/adr/0025),
 * and nothing else differs. A second port on loopback, apart from the server, tells what the process has used and adds users.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    'control-port': { type: 'string' },
    /** `memory`, `sqlite`, or the URL of a PostgreSQL. */
    database: { type: 'string' },
    redis: { type: 'string' },
    'data-dir': { type: 'string' },
  },
});

/** Instances that share a database share its key. */
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const DATABASE_URLS: Readonly<Record<string, string | undefined>> = { memory: 'memory:', sqlite: undefined };

const { database = 'sqlite' } = values;
const isOfOurs = Object.hasOwn(DATABASE_URLS, database);
const { settings } = await loadSettings({
  flags: {
    port: values.port,
    databaseUrl: isOfOurs ? DATABASE_URLS[database] : database,
    redisUrl: values.redis,
    dataDir: values['data-dir'],
  },
  env: isOfOurs ? {} : { ASSENT_MASTER_KEY: MASTER_KEY },
});
const assent = await compose({ settings, hasher: plainHasher });
const { store } = assent;
for (const journey of BENCH_JOURNEYS) await configuring(store).publishTree(toPublishedTree('/', journey));

/** An application that people sign in to, and an API that asks whether its tokens are good. */
const addClients = async (): Promise<void> => {
  const digestOfSecret = await secretDigester(store.secrets);
  const app = newClientDocument({
    kind: 'spa',
    redirectUris: ['https://app.example/cb'],
    scopes: ['openid', 'profile', 'email'],
  });
  const api = newClientDocument({ kind: 'service', redirectUris: [], scopes: ['am-introspect-all-tokens'] });
  const putClients = [
    { realm: '/', id: 'bench-app', document: app },
    {
      realm: '/',
      id: 'bench-api',
      document: api,
      secretDigest: Buffer.from(digestOfSecret('bench-secret')).toString('base64url'),
    },
  ];
  if (!(await configuring(store).change({ putClients }))) throw new Error('The clients could not be added.');
};
await addClients();
await assent.configuration.refresh();

const USERS_PER_COMMIT = 500;

interface NewUsers {
  readonly prefix: string;
  readonly count: number;
  readonly password: string;
  /** Gives each user a phone with this shared key, so that many journeys can wait without as many registrations. */
  readonly phoneKey?: string;
}

const addUsers = async ({ prefix, count, password, phoneKey }: NewUsers): Promise<void> => {
  const hash = await plainHasher.hash(password);
  for (let from = 0; from < count; from += USERS_PER_COMMIT) {
    const changes: (EngineChange | DeviceChange)[] = [];
    for (let at = from; at < Math.min(count, from + USERS_PER_COMMIT); at += 1) {
      const username = `${prefix}${at}`;
      const userId = systemRandom.uuid();
      changes.push({ type: 'identity.insert', id: userId, realm: '/', username, hash, attributes: {} });
      if (phoneKey === undefined) continue;
      const now = systemClock.now();
      const row = {
        uuid: systemRandom.uuid(),
        realm: '/',
        userId,
        username,
        deviceName: 'Phone',
        issuer: 'Assent',
        secret: Buffer.from(phoneKey, 'base64url'),
        mechanismUid: `m-${username}`,
        deviceId: `d-${username}`,
        deviceType: 'cli',
        communicationType: 'relay',
        communicationId: `d-${username}`,
        createdAt: now,
        lastAccessAt: now,
        refreshHashes: [],
        rev: 0,
      };
      changes.push({ type: 'device.insert', row, maxDevices: 1 });
    }
    const result = await store.committer.commit(changes);
    if (!result.committed) throw new Error(`Users could not be added: ${result.refused}.`);
  }
};

const readJson = async (request: AsyncIterable<Buffer>): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
};

const control = createServer(async (request, response) => {
  try {
    if (request.url === '/users') await addUsers((await readJson(request)) as NewUsers);
    if (request.url === '/collected') {
      // Twice: what the first run finds unreachable may hold finalizers and weak references.
      await global.gc?.();
      await global.gc?.();
    }
    const { counters } = store;
    response.end(JSON.stringify({ cpu: process.cpuUsage(), memory: process.memoryUsage(), counters }));
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});

await assent.listen();
control.listen(Number(values['control-port']), '127.0.0.1');
process.once('SIGTERM', () => {
  control.closeAllConnections();
  control.close();
  void assent.stop();
});
