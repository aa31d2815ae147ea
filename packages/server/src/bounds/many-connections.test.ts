import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { RequestPace } from './request-pace.ts';

// SEC-93: new connections are accepted in their order, for all realms, and Node accepts one in each round of the event loop.

const FLOOD = 300;
/** Opens all connections of the flood with a request on each, and then one of another realm; ends with its answer. */
const CLIENTS = `
  const { connect } = require('node:net');
  const { parentPort, workerData: { port, flood } } = require('node:worker_threads');
  const ask = (realm) => new Promise((connected) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('GET /' + realm + ' HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n');
      connected(socket);
    });
    socket.on('error', () => undefined);
  });
  Promise.all(Array.from({ length: flood }, () => ask('a'))).then(async () => {
    const owner = await ask('b');
    owner.resume().on('close', () => parentPort.postMessage('answered'));
  });
`;

let server: Server | undefined;
let clients: Worker | undefined;
afterEach(async () => {
  await clients?.terminate();
  server?.closeAllConnections();
  server?.close();
});

/** How many slow requests of one realm begin before that of another, which connects after all of them. */
const begunBeforeOwner = async (): Promise<number> => {
  const elapsed = () => performance.now();
  const pace = new RequestPace({ elapsed, nextRound: setImmediate, timer: () => () => undefined });
  const begun: string[] = [];
  server = createServer(async (request, response) => {
    const realm = request.url ?? '';
    await pace.next(() => ({ realm, caller: String(request.socket.remotePort), bytes: 0 }));
    begun.push(realm);
    const until = elapsed() + 10;
    while (elapsed() < until);
    response.end();
  });
  server.on('connection', () => pace.accepted());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  clients = new Worker(CLIENTS, { eval: true, workerData: { port, flood: FLOOD } });
  await once(clients, 'message');
  return begun.indexOf('/b');
};

test('a flood of connections with slow requests leaves a new connection of another realm its turn', async () => {
  const before = await begunBeforeOwner();
  expect(before).toBeGreaterThanOrEqual(0);
  expect(before).toBeLessThan(FLOOD / 3);
});
