import { describe, expect, test } from 'vitest';
import { browserName } from '../kit/browser/browser-name.ts';
import { hashOf, readRoute } from './screens/route.ts';
import { digitsOf } from './screens/typed-number.ts';
import { eventsOf } from './server/event-stream.ts';
import { createServerClock } from './server/server-clock.ts';

describe('the fragment of the address', () => {
  test.each([
    ['', { name: 'requests' }],
    ['#history', { name: 'history' }],
    ['#nonsense', { name: 'requests' }],
    ['#account/1', { name: 'account', id: '1' }],
    ['#add', { name: 'add', code: undefined }],
    ['#add=pushauth://push/Acme%20Inc:jane?m=1', { name: 'add', code: 'pushauth://push/Acme%20Inc:jane?m=1' }],
    ['#add=pushauth%3A%2F%2Fpush%2FAcme%2520Inc', { name: 'add', code: 'pushauth://push/Acme%20Inc' }],
    ['#add=%E0%A4%A', { name: 'add', code: '%E0%A4%A' }],
  ])('%s', (hash, route) => {
    expect(readRoute(hash)).toEqual(route);
  });

  test('leads back to where it came from', () => {
    for (const route of [{ name: 'settings' }, { name: 'account', id: '1' }] as const) {
      expect(readRoute(hashOf(route))).toEqual(route);
    }
  });
});

test.each([
  ['483 201', '483201'],
  ['4-8-3', '483'],
  ['٤٨٣٢٠١', '483201'],
  ['４８３', '483'],
  ['no number', ''],
  ['48320199', '483201'],
])('%s is typed as %s', (text, digits) => {
  expect(digitsOf(text, 6)).toBe(digits);
});

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
    'Chrome · Linux',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0',
    'Edge · Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1',
    'Safari · iPhone',
  ],
  ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox · Android'],
  ['curl/8.0', 'curl/8.0'],
  [`\u202e${'x'.repeat(100)}`, 'x'.repeat(60)],
])('%s is called %s', (userAgent, name) => {
  expect(browserName(userAgent)).toBe(name);
});

describe('the server’s clock', () => {
  const answer = (at: number) => ({ headers: new Headers({ date: new Date(at).toUTCString() }) });

  test('is the phone’s, until an answer says otherwise', () => {
    const clock = createServerClock(() => 1_000_000_000);
    expect(clock.now()).toBe(1_000_000_000);
    clock.learn(answer(1_086_400_000));
    expect(clock.now()).toBe(1_086_400_500);
  });

  test('does not jump with every answer', () => {
    const clock = createServerClock(() => 1_000_000_000);
    clock.learn(answer(1_000_001_000));
    clock.learn({ headers: new Headers() });
    clock.learn({ headers: new Headers({ date: 'yesterday' }) });
    expect(clock.offset()).toBe(0);
  });
});

describe('a stream of events', () => {
  const read = async (...chunks: readonly string[]) => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    });
    const events = [];
    for await (const event of eventsOf(stream)) if (event !== undefined) events.push(event);
    return events;
  };

  test.each([
    ['cut in the middle of a word', ['event: pu', 'sh\nda', 'ta: 1\n\n']],
    ['with the line ends of another system', ['event: push\r', '\ndata: 1\r\n\r\n']],
    ['that begins with a byte order mark', ['\ufeffevent: push\ndata: 1\n\n']],
    ['with comments and fields that we do not know', [': open\n\nid: 7\nevent: push\ndata: 1\nretry: 1\n\n']],
  ])('%s is read', async (_what, chunks) => {
    expect(await read(...chunks)).toEqual([{ event: 'push', data: '1' }]);
  });

  test('keeps the lines of one event, and nothing of an unfinished one', async () => {
    expect(await read('data: 1\ndata: 2\n\ndata: 3\n')).toEqual([{ event: 'message', data: '1\n2' }]);
  });

  test('ends where a line has no end', async () => {
    await expect(read('x'.repeat(70_000))).rejects.toThrow(RangeError);
  });
});
