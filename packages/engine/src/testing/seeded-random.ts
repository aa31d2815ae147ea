import type { Random } from '../model/random.ts';

/** The same bytes for the same seed: for tests alone, since anybody can foretell them. */
export const seededRandom = (seed = 1): Random => {
  let state = seed >>> 0;
  // A Weyl sequence through an integer mixer: short, and spread well enough for tests.
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => next() & 0xff);
  return {
    bytes,
    int: (maxExclusive) => Math.floor((next() / 2 ** 32) * maxExclusive),
    uuid() {
      const hex = [...bytes(16)].map((byte, at) =>
        (at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte).toString(16).padStart(2, '0'),
      );
      return [hex.slice(0, 4), hex.slice(4, 6), hex.slice(6, 8), hex.slice(8, 10), hex.slice(10)]
        .map((part) => part.join(''))
        .join('-');
    },
  };
};
