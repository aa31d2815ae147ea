import { expect, test } from 'vitest';
import type { PushRequest } from '../messages/push-message.ts';
import { RequestQueue } from './request-queue.ts';

const request = (messageId: string): PushRequest => ({ messageId }) as PushRequest;

const started = () => {
  const end = new AbortController();
  return { end, queue: new RequestQueue(end.signal) };
};

test('gives nothing once the end has come, not even what waits', async () => {
  const { end, queue } = started();
  queue.add(request('a'));
  end.abort();
  expect(await queue.next()).toBeUndefined();
});

test('lets go of whoever waits for a request when the end comes', async () => {
  const { end, queue } = started();
  const next = queue.next();
  end.abort();
  expect(await next).toBeUndefined();
});

test('passes over what was called off before its turn', async () => {
  const { queue } = started();
  queue.add(request('a'));
  queue.add(request('b'));
  queue.callOff('a');
  expect(await queue.next()).toMatchObject({ request: { messageId: 'b' } });
});

test('tells whoever has a request that it was called off, and that of no other', async () => {
  const { queue } = started();
  queue.add(request('a'));
  queue.add(request('b'));
  const first = await queue.next();
  queue.callOff('nobody');
  queue.callOff('b');
  expect(first?.calledOff.aborted).toBe(false);
  queue.callOff('a');
  expect(first?.calledOff.aborted).toBe(true);
});

test('gives requests in the order in which they came, also to whoever was there first', async () => {
  const { queue } = started();
  const next = queue.next();
  queue.add(request('a'));
  queue.add(request('b'));
  expect(await next).toMatchObject({ request: { messageId: 'a' } });
  expect(await queue.next()).toMatchObject({ request: { messageId: 'b' } });
});
