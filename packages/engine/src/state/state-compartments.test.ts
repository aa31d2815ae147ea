import { expect, test } from 'vitest';
import { JourneyState } from './state.ts';

test('what is dropped from one compartment comes to light from another, and counts as a change', () => {
  const state = new JourneyState({ name: 'shared' }, { name: 'secure' });
  state.setTransient('name', 'transient');
  state.drop('name', 'transient');
  expect(state.get('name')).toBe('secure');
  expect(state.changedNames()).toEqual([]);
  state.drop('name', 'secure');
  expect(state.get('name')).toBe('shared');
  expect(state.changedNames()).toEqual(['name']);
  state.drop('name', 'shared');
  expect(state.get('name')).toBeUndefined();
});
