import { lookup } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { readLdapService } from '../settings/ldap-service.ts';
import { Connections } from './connections.ts';
import { DirectoryBusy, DirectoryUnavailable } from './directory-errors.ts';

test.each(['asService', 'alone'] as const)(
  'of a directory that hangs, so many calls wait, and one more is told at once that it is for their number (OPS-77): %s',
  async (way) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const urls = [`ldap://127.0.0.1:${(server.address() as AddressInfo).port}`];
    const read = readLdapService({ urls, startTls: true, baseDn: 'dc=example', poolSize: 2, timeoutMillis: 5_000 });
    if ('problem' in read) throw new Error(read.problem);
    const connections = new Connections(read.service, { clock: { now: () => Date.now() }, lookUp: () => lookup });
    const calls = Array.from({ length: 2 + 256 + 3 }, () =>
      connections[way](async () => undefined).catch((error: unknown) => error),
    );
    for (const failure of await Promise.all(calls.slice(-3))) expect(failure).toBeInstanceOf(DirectoryBusy);
    server.close();
    for (const socket of sockets) socket.destroy();
    for (const failure of await Promise.all(calls.slice(0, -3))) {
      expect(failure).toBeInstanceOf(DirectoryUnavailable);
      expect(failure).not.toBeInstanceOf(DirectoryBusy);
    }
    connections.close();
  },
);
