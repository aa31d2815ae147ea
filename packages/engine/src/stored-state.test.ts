import { describe, expect, test } from 'vitest';
import { nameCallback } from './callbacks/catalogue.ts';
import { readState, readStep, type StoredState, stateOf, writeState } from './stored-state.ts';

const step = { sent: [nameCallback({ prompt: 'Name\nor mail' })], presentation: { header: 'Sign in' } };
const state: StoredState = {
  shared: { realm: '/', note: 'two\nlines' },
  secure: {},
  node: 'ask',
  parameters: {},
  wishes: { properties: {} },
  visited: [],
};

describe('the state of a journey', () => {
  test('comes back as it was written, and so does the step beside it', () => {
    const { text } = writeState(step, state);
    expect(readState(text)).toEqual(state);
    expect(readStep(text)).toEqual(step);
  });

  test('from before step and state were two texts is read all the same', () => {
    const text = JSON.stringify({ ...state, ...step });
    expect(readState(text)).toMatchObject(state);
    expect(readStep(text)).toMatchObject(step);
  });

  test('gives the same object for the same journey where it waits, and another for another text', () => {
    const { text } = writeState(step, state);
    const stored = stateOf({ nonce: 'n1', state: text });
    expect(stateOf({ nonce: 'n1', state: `${text}` })).toBe(stored);
    const { text: other } = writeState(step, { ...state, node: 'other' });
    expect(stateOf({ nonce: 'n1', state: other })).toEqual({ ...state, node: 'other' });
  });

  test.each([
    ['secrets', { secure: { password: 'secret' } }],
    ['secrets that an inner tree may not see', { hidden: [{ password: 'secret' }] }],
    ['a value that could be changed in place', { shared: { list: [1] } }],
  ])('is read anew each time where it has %s', (_what, members) => {
    const { text } = writeState(step, { ...state, ...members });
    const stored = stateOf({ nonce: 'n2', state: text });
    expect(stateOf({ nonce: 'n2', state: text })).toEqual(stored);
    expect(stateOf({ nonce: 'n2', state: text })).not.toBe(stored);
  });

  test('gives the same objects for the same step, so that a poll parses nothing', () => {
    const { text } = writeState(step, state);
    const { text: another } = writeState(structuredClone(step), { ...state, node: 'other' });
    expect(readStep(another).sent).toBe(readStep(text).sent);
  });

  test('forgets steps under a flood of others, and reads them again', () => {
    const { text } = writeState(step, state);
    const { sent } = readStep(text);
    for (let prompt = 0; prompt < 600; prompt += 1) {
      readStep(writeState({ sent: [nameCallback({ prompt: String(prompt) })], presentation: {} }, state).text);
    }
    expect(readStep(text).sent).toEqual(sent);
    expect(readStep(text).sent).not.toBe(sent);
  });
});
