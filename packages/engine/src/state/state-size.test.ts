import { expect, test } from 'vitest';
import { NodeFailure } from '../model/errors.ts';
import { JourneyState } from './state.ts';
import { MAX_STATE_SIZE, sizeOfValue } from './state-size.ts';

const half = 'x'.repeat(MAX_STATE_SIZE / 2);

test('a node that makes the state too large fails, in each compartment and by merging (SEC-93)', () => {
  for (const write of [
    (state: JourneyState) => state.setShared('b', half),
    (state: JourneyState) => state.setTransient('b', half),
    (state: JourneyState) => state.merge('objectAttributes', { b: half }, 'shared'),
    (state: JourneyState) => state.merge('objectAttributes', { b: [half] }, 'transient'),
  ]) {
    const state = new JourneyState();
    state.setShared('a', half.slice(10));
    expect(() => write(state)).toThrow(NodeFailure);
  }
});

test('what was written in earlier steps counts, also what is hidden, and so does what a step writes over', () => {
  const state = new JourneyState({ a: half }, {}, [{ b: half.slice(100) }]);
  expect(() => state.setShared('c', 'x'.repeat(200))).toThrow(NodeFailure);
  const again = new JourneyState();
  again.setShared('a', half.slice(10));
  expect(() => again.setShared('a', half)).toThrow(NodeFailure);
});

test('numbers, lists and members count as well', () => {
  expect(sizeOfValue([1, true, null])).toBe(32);
  expect(sizeOfValue({ name: 'abc' })).toBe(15);
});
