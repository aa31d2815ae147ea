import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf, SlotIndex } from './slot-index.ts';

const slotsOf = (index: SlotIndex, hash: number): number[] => {
  const found: number[] = [];
  for (let slot = index.first(hash); slot >= 0; slot = index.after(slot)) found.push(slot);
  return found.sort((a, b) => a - b);
};

test('a hash is never 0, which stands for none, and differs where the texts do', () => {
  const texts = Array.from({ length: 10_000 }, (_, at) => `user-${at}`);
  const hashes = new Set(texts.map(hashOf));
  expect(hashes.size).toBeGreaterThan(9_990);
  fc.assert(fc.property(fc.string(), (text) => hashOf(text) !== 0 && Number.isInteger(hashOf(text))));
});

test('a hash that nothing has is found nowhere, nor is a slot that was removed twice', () => {
  const index = new SlotIndex();
  expect(slotsOf(index, 5)).toEqual([]);
  index.add(3, 5);
  index.remove(3);
  index.remove(3);
  expect(slotsOf(index, 5)).toEqual([]);
});

test('whatever is added and removed, each hash leads to its slots and to no other', () => {
  // Few hashes, many of which fall into the same bucket, and slots beyond what the index begins with.
  const hashOfStep = fc.constantFrom(1, -1, 65, 129, 0x4000_0001, -64);
  const stepOf = fc.record({ slot: fc.nat(400), hash: hashOfStep });
  fc.assert(
    fc.property(fc.array(stepOf, { maxLength: 300 }), (steps) => {
      const index = new SlotIndex();
      const model = new Map<number, number>();
      for (const { slot, hash } of steps) {
        if (model.delete(slot)) index.remove(slot);
        else index.add(slot, model.set(slot, hash).get(slot) ?? hash);
      }
      for (const hash of [1, -1, 65, 129, 0x4000_0001, -64, 7]) {
        const expected = [...model].filter(([, it]) => it === hash).map(([slot]) => slot);
        expect(slotsOf(index, hash)).toEqual(expected.sort((a, b) => a - b));
      }
    }),
  );
});

test('one of a hundred thousand slots with the same hash is removed without a walk through the others', () => {
  const index = new SlotIndex();
  const count = 100_000;
  for (let slot = 0; slot < count; slot += 1) index.add(slot, 9);
  // In the order they were added, which is the far end of the chain: quadratic work would take minutes.
  for (let slot = 0; slot < count - 1; slot += 1) index.remove(slot);
  expect(slotsOf(index, 9)).toEqual([count - 1]);
});
