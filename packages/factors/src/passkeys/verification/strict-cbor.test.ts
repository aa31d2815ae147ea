import { describe, expect, test } from 'vitest';
import { SoftwareAuthenticator } from '../../testing/authenticator/software-authenticator.ts';
import { readAttestationObject } from './attestation.ts';
import { readAuthenticatorData } from './authenticator-data.ts';
import { encodeCbor, readCbor } from './strict-cbor.ts';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

// Hex of RFC 8949 appendix A.
test.each([
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['1903e8', 1_000],
  ['1a000f4240', 1_000_000],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['20', -1],
  ['3903e7', -1_000],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['4401020304', bytes('01020304')],
  ['64f0908591', '\u{10151}'],
  ['83010203', [1, 2, 3]],
  [
    'a201020304',
    new Map([
      [1, 2],
      [3, 4],
    ]),
  ],
  [
    'a26161016162820203',
    new Map<string, unknown>([
      ['a', 1],
      ['b', [2, 3]],
    ]),
  ],
  ['80', []],
  ['a0', new Map()],
])('reads %s', (hex, value) => {
  expect(readCbor(bytes(hex))).toEqual({ ok: true, value });
});

test.each([
  ['nothing', '', 'truncated'],
  ['bytes behind the value (WA-20)', '0000', 'trailing'],
  ['a text that ends too early', '6261', 'truncated'],
  ['a length of four gigabytes', '5affffffff00', 'truncated'],
  ['a list of four billion', '9affffffff00', 'truncated'],
  ['a map of four billion', 'baffffffff0000', 'truncated'],
  ['a list of no stated length (WA-20)', '9f01ff', 'form'],
  ['a map of no stated length (WA-20)', 'bf0101ff', 'form'],
  ['a text in parts (WA-20)', '7f6161ff', 'form'],
  ['a key that occurs twice (WA-20)', 'a201010102', 'key'],
  ['a text as key that occurs twice (WA-20)', 'a2616101616102', 'key'],
  ['a list as a key', 'a18001', 'depth'],
  ['bytes as a key', 'a1410001', 'key'],
  ['a number that is longer than it has to be', '1817', 'form'],
  ['a length that is longer than it has to be', '580100', 'form'],
  ['a number that JavaScript cannot hold', '1bffffffffffffffff', 'form'],
  ['a negative one', '3bffffffffffffffff', 'form'],
  ['a tag', 'c000', 'form'],
  ['half a float', 'f93c00', 'form'],
  ['a float', 'fb3ff199999999999a', 'form'],
  ['undefined', 'f7', 'form'],
  ['a simple value of nobody', 'f8ff', 'form'],
  ['a reserved length', '1c', 'form'],
  ['a text that is no UTF-8', '62c328', 'text'],
  ['seven lists in each other (WA-20)', '8181818181818100', 'depth'],
  ['ten thousand lists in each other (WA-20)', '81'.repeat(10_000), 'depth'],
])('refuses %s', (_what, hex, reason) => {
  expect(readCbor(bytes(hex))).toEqual({ ok: false, reason });
});

test('reads six lists in each other', () => {
  expect(readCbor(bytes('81818181818100')).ok).toBe(true);
});

/** Repeatable numbers below a bound (xorshift32). */
const numbers = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

describe('10,000 texts of bytes that nobody has written (WA-20)', () => {
  const { attestationObject } = new SoftwareAuthenticator().create({
    challenge: 'AAAA',
    origin: 'https://login.example.com',
    rpId: 'login.example.com',
  }).answer;
  const next = numbers(20_261_129);

  /** Noise, or a true object with a few bytes changed, lost or added. */
  const hostile = (): Uint8Array => {
    if (next(4) === 0) return Uint8Array.from({ length: next(64) }, () => next(256));
    const mutated = [...attestationObject];
    for (let changes = 1 + next(4); changes > 0; changes -= 1) {
      const at = next(mutated.length);
      mutated.splice(at, next(3), ...Array.from({ length: next(3) }, () => next(256)));
    }
    return Uint8Array.from(mutated);
  };

  test('throw nothing, and what is read has one spelling', () => {
    let read = 0;
    for (let count = 0; count < 10_000; count += 1) {
      const input = hostile();
      const value = readCbor(input);
      const object = readAttestationObject(input);
      if (object.ok) readAuthenticatorData(object.value.authData);
      readAuthenticatorData(input);
      if (!value.ok) continue;
      read += 1;
      // All numbers of more than 32 bits are beyond what our own encoder writes.
      if (!Buffer.from(input).includes(0x1b) && !Buffer.from(input).includes(0x3b))
        expect(Buffer.from(encodeCbor(value.value)).equals(input)).toBe(true);
    }
    expect(read).toBeGreaterThan(300);
  });
});
