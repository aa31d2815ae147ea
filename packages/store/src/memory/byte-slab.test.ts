import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteSlab } from './byte-slab.ts';

const record = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill);

test('an address that nothing was put at is a mistake of the caller', () => {
  expect(() => new ByteSlab().get(-1)).toThrow(RangeError);
  expect(() => new ByteSlab().get(0)).toThrow(RangeError);
});

test('whatever is put and deleted in whatever order, each record keeps its own bytes', () => {
  const lengthOf = fc.oneof(fc.nat(40), fc.nat(5_000), fc.integer({ min: 1_048_570, max: 1_048_580 }));
  const stepOf = fc.record({ length: lengthOf, fill: fc.nat(255), deletes: fc.option(fc.nat()) });
  fc.assert(
    fc.property(fc.array(stepOf, { maxLength: 40 }), (steps) => {
      const slab = new ByteSlab();
      const kept = new Map<number, Uint8Array>();
      for (const { length, fill, deletes } of steps) {
        const bytes = record(length, fill);
        kept.set(slab.put(bytes), bytes);
        const [victim] = [...kept.keys()].slice((deletes ?? 0) % kept.size);
        if (deletes !== null && victim !== undefined) {
          slab.delete(victim);
          kept.delete(victim);
        }
        for (const [address, expected] of kept) expect(Buffer.compare(slab.get(address), expected)).toBe(0);
      }
    }),
    { numRuns: 60 },
  );
});

test('the room of a deleted record is taken by the next of about its length', () => {
  const slab = new ByteSlab();
  slab.put(record(10));
  const deleted = slab.put(record(300));
  slab.delete(deleted);
  expect(slab.put(record(310))).toBe(deleted);
});

test('nothing is held for records that are all deleted', () => {
  const slab = new ByteSlab();
  const addresses = Array.from({ length: 3_000 }, () => slab.put(record(1_000)));
  for (const address of addresses) slab.delete(address);
  expect(() => slab.get(0)).toThrow(RangeError);
  expect(slab.put(record(1_000))).toBe(0);
});
