import { describe, expect, test } from 'vitest';
import { createSseParser } from './sse-parser.ts';

const STREAM =
  '\uFEFF: hello\n\nevent: push\ndata: {"a":1}\n\nevent:withdrawn\r\ndata: one\r\ndata:two\r\n\r\nid: 7\rdata: last\r\rdata: never finished\n';
const EXPECTED = [
  { event: 'push', data: '{"a":1}' },
  { event: 'withdrawn', data: 'one\ntwo' },
  { event: 'message', data: 'last' },
];

describe('an event stream', () => {
  test('says the same wherever the network cuts it', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const parser = createSseParser();
      expect([...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))]).toEqual(EXPECTED);
    }
  });

  test('says the same one character at a time', () => {
    const parser = createSseParser();
    expect([...STREAM].flatMap((character) => parser.push(character))).toEqual(EXPECTED);
  });

  test('with a line that never ends is given up', () => {
    const parser = createSseParser();
    expect(() => {
      for (let i = 0; i < 400; i += 1) parser.push('x'.repeat(1024));
    }).toThrow(RangeError);
  });
});
