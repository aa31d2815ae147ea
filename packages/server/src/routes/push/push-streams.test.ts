import { EventEmitter } from 'node:events';
import type { PushDevice } from '@assent/push';
import { expect, test } from 'vitest';
import { HeldStreams } from '../../bounds/held-places.ts';
import type { Call } from '../../http/call.ts';
import { createLog } from '../../platform/log.ts';
import { pushRoutes } from './push.ts';

/** Streams of phones that name themselves in the query. */
const phones = () => {
  const streams = new HeldStreams();
  const routes = pushRoutes({
    phones: async () => ({ status: 200 }),
    relay: {
      authenticate: async ({ mechanismUid: uuid }) => ({ uuid }) as PushDevice,
      list: async () => [],
      shown: async () => true,
      pause: async () => undefined,
      subscribe: () => ({ refresh: async () => undefined, close: () => undefined }),
    },
    log: createLog({ level: 'silent' }),
    random: { int: (below) => below - 1 },
    streams,
  });
  const open = async (device: string, clientAddress = '203.0.113.7') => {
    const written: string[] = [];
    const response = Object.assign(new EventEmitter(), {
      destroyed: false,
      writableLength: 0,
      writeHead: () => undefined,
      write: (text: string) => written.push(text),
      end: (text: string) => written.push(text, 'end'),
    });
    const request = { headers: { accept: 'text/event-stream' } };
    const call = { request, response, clientAddress, realmPath: '/', query: { mechanismUid: device } };
    const answer = await routes['GET push/relay']?.(call as unknown as Call);
    return { answer, written, leave: () => response.emit('close') };
  };
  return { open, streams, close: () => streams.endAll() };
};

test('of one phone the newest four streams are kept, and the oldest is asked to wait before it comes again (A7)', async () => {
  const it = phones();
  const opened = [];
  for (let at = 0; at < 6; at += 1) opened.push(await it.open('phone'));
  expect(it.streams.size).toBe(4);
  expect(opened.map(({ written }) => written.includes('end'))).toEqual([true, true, false, false, false, false]);
  expect(opened[0]?.written).toContain('retry: 30000\n\n');
  opened[5]?.leave();
  expect((await it.open('phone')).answer).toBeUndefined();
  expect(opened[2]?.written).not.toContain('end');
  it.close();
  expect(opened[2]?.written.slice(-2)).toEqual(['retry: 3000\n\n', 'end']);
  expect(it.streams.size).toBe(0);
});

test('an address has a thousand streams, by the /64 of IPv6, and others get theirs (A7)', async () => {
  const it = phones();
  for (let at = 0; at < 1_000; at += 1) await it.open(`phone-${at}`, `2001:db8::${at.toString(16)}`);
  const refused = await it.open('one more', '2001:db8::ffff');
  expect(refused.answer).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
  expect((await it.open('another', '2001:db8:0:1::1')).answer).toBeUndefined();
  it.close();
});

test('a server has ten thousand streams (A7)', async () => {
  const it = phones();
  for (let at = 0; at < 10_000; at += 1) await it.open(`phone-${at}`, `10.0.${at >> 8}.${at & 255}`);
  expect((await it.open('one more', '10.1.0.0')).answer).toMatchObject({
    status: 503,
    headers: { 'retry-after': '30' },
  });
  it.close();
});
