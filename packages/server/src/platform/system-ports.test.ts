import { expect, test } from 'vitest';
import { systemRandom } from './system-ports.ts';

test('random bytes that were generated ahead are handed out once, whatever lengths are asked for', () => {
  const seen = new Set<string>();
  for (let round = 0; round < 2_000; round += 1) {
    const bytes = systemRandom.bytes(16 + (round % 3));
    expect(bytes.length).toBe(16 + (round % 3));
    expect(bytes.some((byte) => byte !== 0)).toBe(true);
    seen.add(Buffer.from(bytes).toString('hex').slice(0, 32));
  }
  expect(seen.size).toBe(2_000);
});

test('what was handed out stays as it is when more bytes are generated', () => {
  const first = systemRandom.bytes(24);
  const before = Buffer.from(first).toString('hex');
  for (let round = 0; round < 500; round += 1) systemRandom.bytes(24);
  expect(Buffer.from(first).toString('hex')).toBe(before);
});

test('long requests are served whole', () => {
  expect(systemRandom.bytes(10_000).length).toBe(10_000);
});

test('a UUID is one of version 4, and no other has been the same', () => {
  const seen = new Set(Array.from({ length: 2_000 }, () => systemRandom.uuid()));
  expect(seen.size).toBe(2_000);
  for (const uuid of seen)
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const everyDigit = new Set([...seen].flatMap((uuid) => [...uuid]));
  expect(everyDigit.size).toBe(17);
});

/** How many standard deviations off chance may be: beyond it is one of a thousand million runs. */
const MAX_DEVIATIONS = 7;

test('of 100,000 secrets no two are alike, and every bit and every byte is as frequent as any other (SEC-01)', () => {
  const secrets = 100_000;
  const ofByte = new Uint32Array(256);
  const ofBit = new Uint32Array(256);
  const seen = new Set<string>();
  for (let round = 0; round < secrets; round += 1) {
    const bytes = systemRandom.bytes(32);
    seen.add(Buffer.from(bytes).toString('latin1'));
    for (let at = 0; at < 32; at += 1) {
      const byte = bytes[at] ?? 0;
      ofByte[byte] = (ofByte[byte] ?? 0) + 1;
      for (let bit = 0; bit < 8; bit += 1) ofBit[at * 8 + bit] = (ofBit[at * 8 + bit] ?? 0) + ((byte >> bit) & 1);
    }
  }
  expect(seen.size).toBe(secrets);
  const fair = (secrets * 32) / 256;
  const chiSquare = ofByte.reduce((sum, count) => sum + (count - fair) ** 2 / fair, 0);
  expect(Math.abs(chiSquare - 255) / Math.sqrt(2 * 255)).toBeLessThan(MAX_DEVIATIONS);
  const furthest = Math.max(...[...ofBit].map((count) => Math.abs(count - secrets / 2) / Math.sqrt(secrets / 4)));
  expect(furthest).toBeLessThan(MAX_DEVIATIONS);
});
