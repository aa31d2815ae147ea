import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createProbe } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isLoopback } from '../settings/loopback.ts';
import { steeredServer, TEST_ADMINISTRATOR } from './steered-server.ts';

// A server of its own process for black-box tests: the production composition, and a second port on loopback that moves
// its clock, prepares users and realms, and shows its log (docs/adr/0006).
const { values: flags } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    'data-dir': { type: 'string' },
    'database-url': { type: 'string' },
    'sns-endpoint': { type: 'string' },
    'audit-sink': { type: 'string' },
    'public-url': { type: 'string' },
    'redis-url': { type: 'string' },
    'trusted-proxy': { type: 'string' },
    'cors-origin': { type: 'string' },
    'log-level': { type: 'string' },
    'cheap-hash': { type: 'boolean', default: false },
  },
});

const portOf = (server: { address(): unknown }): number => {
  const address = server.address();
  if (typeof address !== 'object' || address === null || !('port' in address)) throw new Error('no port');
  return Number(address.port);
};

/** The public URL names the port before anything listens, so a free one is looked for first. */
const freePort = async (): Promise<number> => {
  const probe = createProbe().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const port = portOf(probe);
  probe.close();
  await once(probe, 'close');
  return port;
};

const port = Number(flags.port) || (await freePort());
const server = await steeredServer({
  port,
  hashCost: flags['cheap-hash'] ? 'cheap-for-tests' : 'owasp',
  ...(flags['data-dir'] !== undefined && { dataDir: flags['data-dir'] }),
  ...(flags['database-url'] !== undefined && { databaseUrl: flags['database-url'] }),
  ...(flags['sns-endpoint'] !== undefined && { snsEndpoint: flags['sns-endpoint'] }),
  ...(flags['public-url'] !== undefined && {
    publicUrl: flags['public-url'],
    insecure: !isLoopback(new URL(flags['public-url']).hostname),
  }),
  ...(flags['redis-url'] !== undefined && { redisUrl: flags['redis-url'] }),
  ...(flags['trusted-proxy'] !== undefined && { trustedProxies: [flags['trusted-proxy']] }),
  ...(flags['cors-origin'] !== undefined && { corsOrigins: [flags['cors-origin']] }),
  ...(flags['log-level'] !== undefined && { logLevel: flags['log-level'] }),
  ...(flags['audit-sink'] !== undefined && { auditSink: flags['audit-sink'], insecure: true }),
});
await server.assent.listen();

/** What is alive once all that can go has gone, in bytes. */
const heapAfterCollection = (): number => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What the first one lets go of may have held on to more.
  collect();
  collect();
  return process.memoryUsage().heapUsed;
};

const loop = monitorEventLoopDelay({ resolution: 10 });
loop.enable();

/** How long the loop kept others waiting since this was asked last, in milliseconds. */
const takeLoopDelay = () => {
  const delays = { p99Millis: loop.percentile(99) / 1e6, maxMillis: loop.max / 1e6 };
  loop.reset();
  return delays;
};

/** How long the processors were busy with this process since it began, in milliseconds: the event loop and its helper threads. */
const busyMillis = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

interface Command {
  readonly millis: number;
  readonly realm: string;
  readonly username: string;
  readonly password: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly config: Readonly<Record<string, unknown>>;
}

const commands: Readonly<Record<string, (given: Command) => unknown>> = {
  '/advance': ({ millis }) => server.clock.advance(millis),
  '/routes': () => ({ routes: server.assent.routes }),
  '/heap': () => ({ bytes: heapAfterCollection() }),
  '/loop': takeLoopDelay,
  '/busy': () => ({ millis: busyMillis() }),
  '/log': () => ({ lines: server.logged() }),
  '/take-log': () => ({ lines: server.takeLogged() }),
  '/user': ({ realm, username, password }) => server.createUser(realm, username, password),
  '/attributes': async ({ realm, username }) => ({ attributes: await server.attributes(realm, username) }),
  '/set-attributes': ({ realm, username, attributes }) => server.setAttributes(realm, username, attributes),
  '/realm': ({ realm }) => server.createRealm(realm),
  '/push-service': ({ realm, config }) => server.setPushService(realm, config),
};

const readJson = async (request: IncomingMessage): Promise<Command> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Command;
};

const control = createServer((request, response) => {
  const command = commands[request.url ?? ''];
  const reply = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (command === undefined) return void reply(404, {});
  readJson(request)
    .then(command)
    .then((result) => reply(200, { ...(result as object | undefined), now: server.clock.now() }))
    .catch((error: unknown) => reply(500, { error: String(error) }));
}).listen(Number(flags['control-port']), '127.0.0.1');
await once(control, 'listening');
// Whoever steers may have other things to do for a while, and finds its connection still there.
control.keepAliveTimeout = 0;

const ready = {
  am: server.assent.publicUrl,
  control: `http://127.0.0.1:${portOf(control)}`,
  now: server.clock.now(),
  administrator: TEST_ADMINISTRATOR,
};
process.stdout.write(`${JSON.stringify({ ready })}\n`);

// A test that limits the size of files is told so by the write that fails, as of a disk that is full.
process.on('SIGXFSZ', () => undefined);

process.once('SIGTERM', () => {
  control.close();
  control.closeAllConnections();
  void server.assent.stop();
});
