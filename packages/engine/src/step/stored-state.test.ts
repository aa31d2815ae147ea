import { describe, expect, test } from 'vitest';
import { nameCallback } from '../callbacks/catalogue.ts';
import { readStored, type StoredState, writeState } from './stored-state.ts';

const step = { sent: [nameCallback({ prompt: 'Name\nor mail' })], presentation: { header: 'Sign in' } };
const state: StoredState = {
  shared: { realm: '/', note: 'two\nlines' },
  secure: {},
  node: 'ask',
  parameters: {},
  sessionOptions: { properties: {} },
  visited: [],
};
const readStep = (text: string) => readStored({ state: text }).step;
const readState = (text: string) => readStored({ state: text }).state;

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

  test('is read anew each time, so that a node may change it where it is', () => {
    const { text } = writeState(step, { ...state, shared: { values: { a: 1 } } });
    const first = readState(text);
    (first.shared.values as Record<string, unknown>).a = 2;
    expect(readState(text).shared).toEqual({ values: { a: 1 } });
  });

  test('has its session options also where it was stored when they had another name', () => {
    const { text } = writeState(step, { ...state, sessionOptions: { properties: { colour: 'green' } } });
    const former = text.replace('"sessionOptions":', '"wishes":');
    expect(former).not.toBe(text);
    expect(readState(former)).toEqual(readState(text));
  });

  test.each([undefined, Number.NaN, new Date(0)])('comes back as its text says, not as it was, with %s', (value) => {
    const { text } = writeState(step, { ...state, shared: { value } });
    expect(readState(text)).toStrictEqual({ ...state, shared: JSON.parse(JSON.stringify({ value })) });
  });

  test('gives the same objects for the same step, so that a poll parses nothing', () => {
    const { text } = writeState(step, state);
    const { text: another } = writeState(structuredClone(step), { ...state, node: 'other' });
    expect(readStep(another).sent).toBe(readStep(text).sent);
  });

  test('forgets steps under a flood of others, by their bytes, and reads them again (A4, REL-14)', () => {
    const { text } = writeState(step, state);
    const { sent } = readStep(text);
    for (let at = 0; at < 400; at += 1) {
      const prompt = String(at).padEnd(32_000);
      readStep(writeState({ sent: [nameCallback({ prompt })], presentation: {} }, state).text);
    }
    expect(readStep(text).sent).toEqual(sent);
    expect(readStep(text).sent).not.toBe(sent);
  });
});
