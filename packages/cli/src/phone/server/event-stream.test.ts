import { describe, expect, test } from 'vitest';
import { eventReader } from './event-stream.ts';

const STREAM = new TextEncoder().encode(
  '\uFEFF: hello\n\nevent: push\ndata: {"a":"ü"}\n\nevent:withdrawn\r\ndata: one\r\ndata:two\r\n\r\nid: 7\ndata: last\n\ndata: never finished\n',
);
const EXPECTED = [
  { event: 'push', data: '{"a":"ü"}' },
  { event: 'withdrawn', data: 'one\ntwo' },
  { event: 'message', data: 'last' },
];

describe('an event stream', () => {
  test('says the same wherever the network cuts it', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const reader = eventReader();
      expect([...reader.push(STREAM.slice(0, cut)), ...reader.push(STREAM.slice(cut))]).toEqual(EXPECTED);
    }
  });

  test('says the same one byte at a time', () => {
    const reader = eventReader();
    expect([...STREAM].flatMap((byte) => reader.push(Uint8Array.of(byte)))).toEqual(EXPECTED);
  });

  test('with a line that never ends is given up', () => {
    const reader = eventReader();
    const piece = new Uint8Array(1_024).fill(0x78);
    expect(() => {
      for (let i = 0; i < 400; i += 1) reader.push(piece);
    }).toThrow(RangeError);
  });
});
