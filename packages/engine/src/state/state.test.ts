import { describe, expect, test } from 'vitest';
import { JourneyState } from './state.ts';

describe('reading', () => {
  test('a name that nobody set is absent, also one that every object inherits', () => {
    const state = new JourneyState();
    expect(state.get('username')).toBeUndefined();
    expect(state.get('constructor')).toBeUndefined();
    expect(state.get('__proto__')).toBeUndefined();
  });

  test('looks in transient, then in secure, then in shared state', () => {
    const state = new JourneyState({ key: 'shared' }, { key: 'secure' });
    expect(state.get('key')).toBe('secure');
    state.setTransient('key', 'transient');
    expect(state.get('key')).toBe('transient');
    expect(new JourneyState({ key: 'shared' }).get('key')).toBe('shared');
  });
});

describe('writing', () => {
  test('removes a name from all compartments, so that nothing older shows through', () => {
    const state = new JourneyState({ key: 1 }, { key: 2 });
    state.setTransient('key', 3);
    state.remove('key');
    expect(state.get('key')).toBeUndefined();
  });

  test('merges into shared state without copying what transient state holds under the same name', () => {
    const state = new JourneyState({ objectAttributes: { mail: 'a@example.org' } });
    state.setTransient('objectAttributes', { password: 'secret' });
    state.merge('objectAttributes', { userName: 'demo' }, 'shared');
    expect(state.shared.objectAttributes).toEqual({ mail: 'a@example.org', userName: 'demo' });
  });

  test('merges into transient state what a round trip had made secure', () => {
    const state = new JourneyState({}, { objectAttributes: { password: 'secret' } });
    state.merge('objectAttributes', { pin: '1' }, 'transient');
    expect(state.transient.objectAttributes).toEqual({ password: 'secret', pin: '1' });
  });

  test('merging over something that is no object replaces it', () => {
    const state = new JourneyState({ objectAttributes: 'text' });
    state.merge('objectAttributes', { a: 1 }, 'shared');
    expect(state.shared.objectAttributes).toEqual({ a: 1 });
  });
});

test('a value that is changed where it is leaves what the state was made from as it was', () => {
  const stored = () => ({ one: { list: [1] }, none: null });
  const [shared, secure, hidden] = [stored(), stored(), stored()];
  const state = new JourneyState({ shared }, { secure }, [{ hidden }]);
  state.unhide();
  for (const name of ['shared', 'secure', 'hidden']) (state.get(name) as typeof shared).one.list.push(2);
  expect([shared, secure, hidden]).toEqual([stored(), stored(), stored()]);
});

test('a value keeps members of any name', () => {
  const value = JSON.parse('{"__proto__":{"constructor":[{"__proto__":1}]},"toString":null}') as unknown;
  expect(JSON.stringify(new JourneyState({ value }).get('value'))).toBe(JSON.stringify(value));
});

describe('what was changed', () => {
  test('a value that was set to what it was is no change', () => {
    const state = new JourneyState({ a: { b: 1 }, c: 1 });
    state.setShared('a', { b: 1 });
    state.setShared('c', 2);
    state.setShared('c', 1);
    expect(state.changedNames()).toEqual([]);
  });

  test('a removed, a new and a different value are changes', () => {
    const state = new JourneyState({ gone: 1, other: 1 });
    state.remove('gone');
    state.setShared('other', 2);
    state.setTransient('fresh', 1);
    expect(state.changedNames()).toEqual(['gone', 'other', 'fresh']);
  });

  test('a shared value that a secret one hides is still a change', () => {
    const state = new JourneyState({ key: 1 }, { key: 'secret' });
    state.setShared('key', 2);
    expect(state.changedNames()).toEqual(['key']);
  });
});

describe('at the end of a request', () => {
  test('keeps of transient and secure state only what a node ahead names', () => {
    const state = new JourneyState({ username: 'demo' }, { older: 'secret', unused: 'secret' });
    state.setTransient('password', 'secret');
    state.setTransient('recoveryCodes', ['A']);
    state.promote((name) => name === 'password' || name === 'older');
    expect({ ...state.secure }).toEqual({ older: 'secret', password: 'secret' });
    expect({ ...state.transient }).toEqual({});
    expect({ ...state.shared }).toEqual({ username: 'demo' });
  });
});
