import { createHash } from 'node:crypto';
import type { Clock, Random } from '@assent/engine';

/** A clock that a test moves. */
export interface MovableClock extends Clock {
  advance(millis: number): void;
}

export function movableClock(start = 1_760_000_300_000): MovableClock {
  let now = start;
  return {
    now: () => now,
    advance(millis) {
      now += millis;
    },
  };
}

/** Repeatable, and so never for anything but tests. */
export function repeatableRandom(seed = 'seed'): Random {
  let count = 0;
  const block = () => createHash('sha256').update(`${seed}:${count++}`).digest();
  const bytes = (length: number): Uint8Array => {
    const blocks: Buffer[] = [];
    while (blocks.length * 32 < length) blocks.push(block());
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  };
  return {
    bytes,
    int: (maxExclusive) => block().readUInt32BE(0) % maxExclusive,
    uuid() {
      const hex = Buffer.from(bytes(16)).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
