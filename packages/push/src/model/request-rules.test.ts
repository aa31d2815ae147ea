import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageState } from './messages.ts';
import {
  afterAnswer,
  afterBadProof,
  afterClose,
  afterConsumption,
  afterDelivery,
  afterNewRequest,
  afterRemovalOfDevice,
  type MessageTransition,
} from './request-rules.ts';

const TIME_IS_UP = 100;

/** A request to as many phones, in short: `pending approved closed:withdrawn`. */
const requestOf = (states: string) =>
  states.split(' ').map((text, at) => {
    const [state, reason] = text.split(':') as [MessageState, string | undefined];
    return {
      id: `${at}`,
      request: '0',
      kind: 'AUTHENTICATE' as const,
      state,
      reason,
      expiresAt: TIME_IS_UP,
      attempts: 0,
      journeyId: 'journey-1',
      askedFrom: { place: 'browser-1', source: '192.0.2.1' },
    };
  });

/** The request as the rule leaves it, written in the same way. */
const told = (states: string, transitions: readonly MessageTransition[] | undefined): string | undefined =>
  transitions &&
  requestOf(states)
    .map((row) => transitions.find(({ id }) => id === row.id) ?? row)
    .map(({ state, reason }) => (reason === undefined ? state : `${state}:${reason}`))
    .join(' ');

describe('an answer of the first phone', () => {
  test.each([
    ['approved', 'pending', 'approved'],
    ['denied', 'pending', 'denied:not_me'],
    ['approved', 'pending pending', 'approved closed:withdrawn'],
    ['denied', 'approved', 'denied:not_me'],
    ['denied', 'pending approved', 'denied:not_me denied:not_me'],
    ['denied', 'closed:withdrawn approved', 'denied:not_me denied:not_me'],
    ['denied', 'closed:withdrawn consumed', undefined],
    ['denied', 'closed:superseded approved', undefined],
    ['approved', 'approved', undefined],
    ['approved', 'denied', undefined],
    ['denied', 'denied', undefined],
    ['denied', 'consumed', undefined],
    ['approved', 'closed:withdrawn approved', undefined],
  ] as const)('%s of "%s" makes "%s"', (state, before, after) => {
    const reason = state === 'denied' ? 'not_me' : undefined;
    expect(told(before, afterAnswer(requestOf(before), { id: '0', state, at: 1, reason }))).toBe(after);
  });

  test('is too late when the time is up, and a change of mind is not', () => {
    const at = TIME_IS_UP;
    expect(afterAnswer(requestOf('pending'), { id: '0', state: 'approved', at })).toBeUndefined();
    expect(told('approved', afterAnswer(requestOf('approved'), { id: '0', state: 'denied', at }))).toBe('denied');
  });

  test('to a registration concerns no other message, and to none is no answer', () => {
    const [first, second] = requestOf('pending pending');
    const rows = [{ ...first, kind: 'REGISTER' as const }, second] as ReturnType<typeof requestOf>;
    expect(afterAnswer(rows, { id: '0', state: 'approved', at: 1 })).toHaveLength(1);
    expect(afterAnswer([], { id: '0', state: 'approved', at: 1 })).toBeUndefined();
  });
});

test.each([
  ['approved', 'approved pending', 'consumed closed:withdrawn'],
  ['approved', 'approved denied', undefined],
  ['denied', 'approved denied:number', 'consumed consumed:number'],
  ['approved', 'pending', undefined],
  ['approved', 'consumed', undefined],
  ['denied', 'closed:exit', undefined],
] as const)('a journey that takes %s of "%s" leaves "%s"', (wanted, before, after) => {
  expect(told(before, afterConsumption(requestOf(before), wanted))).toBe(after);
});

test('what is over stays as it ended, whatever closes the rest', () => {
  const before = 'pending approved denied:number consumed closed:exit';
  const rows = requestOf(before);
  expect(told(before, afterClose(rows, 'ended'))).toBe('closed:ended closed:ended closed:ended consumed closed:exit');
  expect(told(before, afterRemovalOfDevice(rows))).toBe(
    'closed:removed closed:removed denied:number consumed closed:exit',
  );
});

test('a request that rings supersedes the others that do, and one that does not supersedes none', () => {
  const rows = requestOf('pending approved');
  const askedFrom = { place: 'browser-1', source: '192.0.2.2' };
  const opened = { kind: 'AUTHENTICATE', state: 'pending', request: '9', journeyId: 'journey-2', askedFrom } as const;
  expect(told('pending approved', afterNewRequest(opened, rows))).toBe('closed:superseded approved');
  expect(afterNewRequest({ ...opened, request: '0' }, rows)).toEqual([]);
  expect(afterNewRequest({ ...opened, state: 'closed' }, rows)).toEqual([]);
  expect(afterNewRequest({ ...opened, kind: 'REGISTER' }, rows)).toEqual([]);
});

test.each([
  ['another known place', 'journey-2', { place: 'browser-2', source: '192.0.2.1' }, false],
  ['a stranger', 'journey-2', { source: '192.0.2.1' }, false],
  ['another known place for the same journey', 'journey-1', { place: 'browser-2', source: '192.0.2.9' }, true],
  ['the same place', 'journey-2', { place: 'browser-1', source: '192.0.2.9' }, true],
] as const)(
  'a request of a known place that waits, and a newer one from %s (SEC-24)',
  (_, journeyId, askedFrom, ends) => {
    const opened = { kind: 'AUTHENTICATE', state: 'pending', request: '9', journeyId, askedFrom } as const;
    const after = told('pending', afterNewRequest(opened, requestOf('pending')));
    expect(after).toBe(ends ? 'closed:superseded' : 'pending');
  },
);

test('of two strangers neither ends the request of the other, and a stranger the own one (SEC-24)', () => {
  const [row] = requestOf('pending').map((it) => ({ ...it, askedFrom: { source: '192.0.2.1' } }));
  if (row === undefined) throw new Error('one row was made');
  const from = (source: string) =>
    afterNewRequest({ ...row, request: '9', journeyId: 'journey-2', askedFrom: { source } }, [row]);
  expect(from('192.0.2.2')).toEqual([]);
  expect(from('192.0.2.1')).toHaveLength(1);
});

test('the fifth bad proof closes a message that nobody has answered', () => {
  const [pending, approved] = requestOf('pending approved').map((row) => ({ ...row, attempts: 4 }));
  if (pending === undefined || approved === undefined) throw new Error('two rows were made');
  expect(afterBadProof(pending)).toMatchObject({ attempts: 5, state: 'closed', reason: 'attempts' });
  expect(afterBadProof(approved)).toMatchObject({ attempts: 5, state: 'approved' });
  expect(afterBadProof({ ...pending, attempts: 3 })).toMatchObject({ attempts: 4, state: 'pending' });
});

test('a mark of the provider does not undo that the phone has shown a message', () => {
  expect([afterDelivery('queued', 'sent'), afterDelivery('sent', 'shown'), afterDelivery('shown', 'failed')]).toEqual([
    'sent',
    'shown',
    'shown',
  ]);
});

test('whatever happens to a request, it is taken once (I2), and a deny stays a deny (I8)', () => {
  const phone = fc.constantFrom('0', '1');
  const state = fc.constantFrom('approved' as const, 'denied' as const);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('answer' as const), id: phone, state, at: fc.integer({ min: 0, max: 120 }) }),
    fc.record({ kind: fc.constant('consume' as const), state }),
    fc.record({ kind: fc.constant('close' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let rows = requestOf('pending pending');
      let taken = 0;
      for (const next of steps) {
        const wasDenied = rows.some((row) => row.state === 'denied');
        const transitions =
          next.kind === 'answer'
            ? afterAnswer(rows, next)
            : next.kind === 'consume'
              ? afterConsumption(rows, next.state)
              : afterClose(rows, 'exit');
        if (next.kind === 'consume' && transitions !== undefined) {
          taken += 1;
          expect(next.state === 'approved' && wasDenied).toBe(false);
        }
        rows = rows.map((row) => ({ ...row, ...transitions?.find(({ id }) => id === row.id) }));
        if (wasDenied) expect(rows.every((row) => row.state !== 'approved')).toBe(true);
      }
      expect(taken).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});
