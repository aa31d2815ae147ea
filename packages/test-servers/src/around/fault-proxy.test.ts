import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOOPBACK } from '../machine/ports.ts';
import { FaultProxy } from './fault-proxy.ts';

describe('a proxy that breaks connections', () => {
  let received = '';
  let echo: Server;
  let proxy: FaultProxy;
  beforeEach(async () => {
    received = '';
    echo = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        socket.write(chunk);
      });
    }).listen(0, LOOPBACK);
    await once(echo, 'listening');
    proxy = await FaultProxy.launch((echo.address() as AddressInfo).port);
  });
  afterEach(async () => {
    await proxy.close();
    echo.close();
  });

  interface Client {
    readonly socket: Socket;
    answers: string;
    readonly ended: Promise<unknown>;
  }
  const client = async (): Promise<Client> => {
    const socket = connect(proxy.port, LOOPBACK);
    socket.on('error', () => {});
    const it: Client = { socket, answers: '', ended: new Promise((resolve) => socket.on('close', resolve)) };
    socket.on('data', (chunk) => {
      it.answers += chunk.toString('latin1');
    });
    await once(socket, 'connect');
    return it;
  };
  const hears = (it: Client, text: string): Promise<void> => expect.poll(() => it.answers, { interval: 2 }).toBe(text);

  test('passes everything, in both directions, to the last byte', async () => {
    const it = await client();
    it.socket.end('x'.repeat(1_000_000));
    await it.ended;
    expect(it.answers).toHaveLength(1_000_000);
    await expect.poll(() => proxy.connections).toBe(0);
  });

  test.each(['COMMIT'.length, 3, 1, 0])('cuts at a text, with %d bytes of it passed', async (passed) => {
    const it = await client();
    proxy.fault = { kind: 'cut-at', direction: 'up', bytes: Buffer.from('COMMIT'), passed };
    it.socket.write('before ');
    await hears(it, 'before ');
    it.socket.write('COMMIT after');
    await it.ended;
    await expect.poll(() => received).toBe(`before ${'COMMIT'.slice(0, passed)}`);
    expect(it.answers).toBe('before ');
    expect(proxy.cuts).toBe(1);
  });

  // What has gone through cannot be taken back: such a text is cut in its last piece.
  test('finds a text that comes in pieces', async () => {
    const it = await client();
    proxy.fault = { kind: 'cut-at', direction: 'up', bytes: Buffer.from('COMMIT'), passed: 5 };
    for (const [piece, sofar] of [
      ['a COM', 'a COM'],
      ['MI', 'a COMMI'],
    ] as const) {
      it.socket.write(piece);
      await hears(it, sofar);
    }
    it.socket.write('T');
    await it.ended;
    expect(received).toBe('a COMMI');
  });

  test('after a cut the next connection is whole', async () => {
    const cut = await client();
    proxy.fault = { kind: 'cut-after', direction: 'down', bytes: 3 };
    cut.socket.write('abcdef');
    await cut.ended;
    expect(cut.answers).toBe('abc');
    const whole = await client();
    whole.socket.write('abcdef');
    await hears(whole, 'abcdef');
    whole.socket.destroy();
  });

  test('holds what is sent until it is told otherwise, and loses nothing of it', async () => {
    const it = await client();
    proxy.fault = { kind: 'hold' };
    it.socket.write('one ');
    it.socket.write('two');
    await expect.poll(() => it.socket.bytesWritten).toBe(7);
    expect(it.answers).toBe('');
    proxy.fault = { kind: 'none' };
    await hears(it, 'one two');
    it.socket.destroy();
  });

  test('refuses who comes, and keeps who is there', async () => {
    const there = await client();
    there.socket.write('a');
    await hears(there, 'a');
    proxy.fault = { kind: 'refuse' };
    const comes = connect(proxy.port, LOOPBACK);
    await expect(once(comes, 'end')).rejects.toThrow('ECONNRESET');
    there.socket.write('b');
    await hears(there, 'ab');
    proxy.breakAll();
    await there.ended;
  });

  test('lets what is sent arrive later', async () => {
    const it = await client();
    proxy.fault = { kind: 'delay', ms: 20 };
    const start = performance.now();
    it.socket.write('a');
    await hears(it, 'a');
    expect(performance.now() - start).toBeGreaterThan(38);
    it.socket.destroy();
  });
});
