import { describe, expect, test } from 'vitest';
import { eventsOf } from './event-stream.ts';

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
