import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { waitFor } from './wait-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A stream whose parts the test sends. */
const streaming = () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  const leave = new AbortController();
  const end = waitFor(async (alive) => {
    alive.addEventListener('abort', () => controller?.error(new Error('aborted')));
    return new Response(body, { status: 200 });
  }, leave.signal);
  const encoder = new TextEncoder();
  return {
    end,
    leave,
    send: (text: string) => controller?.enqueue(encoder.encode(text)),
    close: () => controller?.close(),
  };
};

test.each(['ready', 'expired', 'withdrawn'] as const)('hears %s, whatever pieces it comes in', async (news) => {
  const { end, send } = streaming();
  for (const letter of `: open\n\n: still here\n\nevent: ${news}\ndata: {}\n\n`) send(letter);
  expect(await end).toBe(news);
});

test('an event that nobody knows is not one', async () => {
  const { end, send, close } = streaming();
  send('event: other\ndata: {}\n\n: event: ready\n');
  close();
  expect(await end).toBe('dropped');
});

test('a stream that ends with a hint to come back was dropped', async () => {
  const { end, send, close } = streaming();
  send(': open\n\nretry: 1000\n\n');
  close();
  expect(await end).toBe('dropped');
});

test('a stream that has been silent too long is dead', async () => {
  const { end, send } = streaming();
  await vi.advanceTimersByTimeAsync(39_000);
  send(': still here\n\n');
  await vi.advanceTimersByTimeAsync(39_000);
  let isOver = false;
  void end.then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await end).toBe('dropped');
});

test.each([404, 429, 503])('an answer of %s is no stream', async (status) => {
  expect(await waitFor(async () => new Response('{}', { status }), new AbortController().signal)).toBe('refused');
});

test('a server that cannot be reached is told apart from one that refuses', async () => {
  const unreachable = () => Promise.reject(new TypeError('no network'));
  expect(await waitFor(unreachable, new AbortController().signal)).toBe('dropped');
});

test('ends when the page leaves', async () => {
  const { end, leave } = streaming();
  leave.abort();
  expect(await end).toBe('dropped');
});
