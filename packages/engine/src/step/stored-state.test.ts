import { describe, expect, test, vi } from 'vitest';
import { nameCallback } from '../callbacks/catalogue.ts';
import { changeAll } from '../testing/change-all.ts';
import type { ShownStep } from './shown-steps.ts';
import { readStored, type StoredState, writeStored } from './stored-state.ts';

const step = { sent: [nameCallback({ prompt: 'Name\nor mail' })], presentation: { header: 'Sign in' } };
const state: StoredState = {
  shared: { realm: '/', note: 'two\nlines' },
  secure: {},
  node: 'ask',
  parameters: {},
  sessionOptions: { properties: {} },
  visited: [],
};
const row = { id: '1', realm: '/', tree: 'Login', treeVersion: 1, nonce: 'n', expiresAt: 0, ended: false };

const write = (shown: ShownStep, stored: StoredState) => writeStored(row, shown, stored).row.state;
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
    const text = write(step, state);
    const read = { state: text };
    expect(readStored(read)).toBe(readStored(read));
    expect(readState(text)).not.toBe(readStored(read).state);
  });

  test('has its session options also where it was stored when they had another name', () => {
    const text = write(step, { ...state, sessionOptions: { properties: { colour: 'green' } } });
    const former = text.replace('"sessionOptions":', '"wishes":');
    expect(former).not.toBe(text);
    expect(readState(former)).toEqual(readState(text));
  });

  test('is not parsed again after it was written', () => {
    const { row: written, step: shown } = writeStored(row, step, state);
    const parse = vi.spyOn(JSON, 'parse');
    const stored = readStored(written);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    expect(stored).toEqual({ state: readState(written.state), step: shown });
  });

  test.each(['shared', 'secure', 'hidden', 'settings', 'sessionOptions', 'factors'] as const)(
    'stays as it was written, whatever becomes of the objects in its %s',
    (member) => {
      const object = { list: ['a'] } as never;
      const whole = {
        shared: { object },
        secure: { object },
        hidden: [{ object }],
        settings: { object },
        sessionOptions: { properties: {}, successDetails: object },
        factors: [object],
      };
      const { row: written } = writeStored(row, step, { ...state, [member]: whole[member] });
      const before = structuredClone(readStored(written).state);
      changeAll(whole);
      expect(readStored(written).state).toEqual(before);
    },
  );

  const holes = [1];
  holes[2] = 3;
  test.each([undefined, Number.NaN, new Date(0), holes, () => 1, { inner: [new Map([[1, 2]])] }])(
    'comes back as its text says, not as it was, with %s, wherever that is',
    (value) => {
      const there = { value };
      for (const some of [
        { shared: there },
        { secure: there },
        { hidden: [there] },
        { settings: { node: there } },
        { sessionOptions: { properties: { value: value as unknown as string } } },
      ]) {
        const { row: written } = writeStored(row, step, { ...state, ...some });
        expect(readStored(written).state).toStrictEqual(readState(written.state));
      }
    },
  );

  test('gives the same objects for the same step, whoever is shown it', () => {
    const text = write(step, state);
    const another = write(structuredClone(step), { ...state, node: 'other' });
    expect(readStep(another).sent).toBe(readStep(text).sent);
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
