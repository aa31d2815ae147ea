import { describe, expect, test, vi } from 'vitest';
import { nameCallback } from '../callbacks/catalogue.ts';
import type { ShownStep } from './shown-steps.ts';
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

const write = (shown: ShownStep, stored: StoredState) => writeState(shown, stored).text;
/** Out of the text alone, as another process does. */
const readState = (text: string) => readStored({ state: text }).state;
const readStep = (text: string) => readStored({ state: text }).step;

describe('the state of a journey', () => {
  test('comes back as it was written, and so does the step beside it', () => {
    const text = write(step, state);
    expect(readState(text)).toEqual(state);
    expect(readStep(text)).toEqual(step);
  });

  test('from before step and state were two texts is read all the same', () => {
    const text = JSON.stringify({ ...state, ...step });
    expect(readState(text)).toMatchObject(state);
    expect(readStep(text)).toMatchObject(step);
  });

  test('is parsed once for a row, so that a poll parses nothing', () => {
    const row = { state: write(step, state) };
    const stored = readStored(row);
    const parse = vi.spyOn(JSON, 'parse');
    expect(readStored(row)).toBe(stored);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  test('has its session options also where it was stored when they had another name', () => {
    const text = write(step, { ...state, sessionOptions: { properties: { colour: 'green' } } });
    const former = text.replace('"sessionOptions":', '"wishes":');
    expect(former).not.toBe(text);
    expect(readState(former)).toEqual(readState(text));
  });

  test.each([undefined, Number.NaN, new Date(0)])('comes back as its text says, not as it was, with %s', (value) => {
    const text = write(step, { ...state, shared: { value } });
    expect(readState(text)).toStrictEqual({ ...state, shared: JSON.parse(JSON.stringify({ value })) });
  });

  test('gives the same objects for the same step, whoever is shown it', () => {
    const text = write(step, state);
    const another = write(structuredClone(step), { ...state, node: 'other' });
    expect(readStep(another).sent).toBe(readStep(text).sent);
  });

  test('keeps no step in mind that is of one visit alone, and reads what is in it for our own pages', () => {
    const own = { ...nameCallback({ prompt: 'Key' }), forPages: { webauthn: { challenge: 'x' } } };
    const text = write({ sent: [own], presentation: {} }, state);
    expect(readStep(text)).toEqual({ sent: [own], presentation: {} });
    expect(readStep(text)).not.toBe(readStep(text));
  });

  test('forgets steps under a flood of others, by their bytes, and reads them again (A4, REL-14)', () => {
    const text = write(step, state);
    const { sent } = readStep(text);
    for (let at = 0; at < 400; at += 1) {
      const prompt = String(at).padEnd(32_000);
      readStep(write({ sent: [nameCallback({ prompt })], presentation: {} }, state));
    }
    expect(readStep(text).sent).toEqual(sent);
    expect(readStep(text).sent).not.toBe(sent);
  });
});
