import { describe, expect, test } from 'vitest';
import { nameCallback } from '../callbacks/catalogue.ts';
import { readState, readStep, readStored, type StoredState, writeState } from './stored-state.ts';

const step = { sent: [nameCallback({ prompt: 'Name\nor mail' })], presentation: { header: 'Sign in' } };
const state: StoredState = {
  shared: { realm: '/', note: 'two\nlines' },
  secure: {},
  node: 'ask',
  parameters: {},
  sessionOptions: { properties: {} },
  visited: [],
};

describe('the state of a journey', () => {
  test('comes back as it was written, and so does the step beside it', () => {
    const { text } = writeState('n', step, state);
    expect(readState(text)).toEqual(state);
    expect(readStep(text)).toEqual(step);
  });

  test('from before step and state were two texts is read all the same', () => {
    const text = JSON.stringify({ ...state, ...step });
    expect(readState(text)).toMatchObject(state);
    expect(readStep(text)).toMatchObject(step);
  });

  test('is remembered as it is read again, by its nonce and its text', () => {
    const { text, state: written } = writeState('n1', step, { ...state, identity: undefined });
    expect(written).toEqual(readState(text));
    const stored = readStored({ nonce: 'n1', state: `${text}` });
    expect(stored.state).toBe(written);
    expect(readStored({ nonce: 'n1', state: text })).toBe(stored);
    const { text: other } = writeState('n2', step, { ...state, node: 'other' });
    expect(readStored({ nonce: 'n1', state: other }).state).toEqual({ ...state, node: 'other' });
  });

  test.each([
    ['secrets', { secure: { password: 'secret' } }],
    ['secrets that an inner tree may not see', { hidden: [{ password: 'secret' }] }],
    ['settings that a script has made', { settings: { node: {} } }],
  ])('is read anew each time where it has %s', (_what, members) => {
    const { text, state: written } = writeState('n3', step, { ...state, ...members });
    const { state: stored } = readStored({ nonce: 'n3', state: text });
    expect(stored).toEqual(written);
    expect(stored).not.toBe(written);
    expect(readStored({ nonce: 'n3', state: text }).state).not.toBe(stored);
  });

  test.each([undefined, Number.NaN, new Date(0)])('comes back as its text says, not as it was, with %s', (value) => {
    const { text } = writeState('n4', step, { ...state, shared: { value } });
    expect(readStored({ nonce: 'n4', state: text }).state).toStrictEqual(readState(text));
  });

  test('gives the same objects for the same step, so that a poll parses nothing', () => {
    const { text } = writeState('n', step, state);
    const { text: another } = writeState('n', structuredClone(step), { ...state, node: 'other' });
    expect(readStep(another).sent).toBe(readStep(text).sent);
  });

  test('forgets steps under a flood of others, by their bytes, and reads them again (A4, REL-14)', () => {
    const { text } = writeState('n', step, state);
    const { sent } = readStep(text);
    for (let at = 0; at < 200; at += 1) {
      const prompt = String(at).padEnd(32_000);
      readStep(writeState('n', { sent: [nameCallback({ prompt })], presentation: {} }, state).text);
    }
    expect(readStep(text).sent).toEqual(sent);
    expect(readStep(text).sent).not.toBe(sent);
  });
});
