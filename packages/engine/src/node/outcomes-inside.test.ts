import { describe, expect, test } from 'vitest';
import { connectionsByOutcome } from './outcomes-inside.ts';

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'an outcome inside that is named %s is connected only where the tree connects it',
  (outcome) => {
    const children = [{ id: 'choice', outcomes: Object.fromEntries([[outcome, outcome]]) }];
    const holder = { holdsStandalone: true };
    expect(Object.entries(connectionsByOutcome({ other: 'end' }, holder, children))).toEqual([['other', 'end']]);
    const connected = Object.fromEntries([[outcome, 'end']]);
    expect(Object.entries(connectionsByOutcome(connected, holder, children))).toEqual([[`choice-${outcome}`, 'end']]);
  },
);

describe('a connection that was stored without the id of a node inside', () => {
  const holder = { holdsStandalone: true };
  const children = [
    { id: 'name', outcomes: { outcome: 'Outcome' } },
    { id: 'password', outcomes: { outcome: 'Outcome' } },
  ];
  const own = { 'password-outcome': 'Outcome' };

  test('stands for the outcomes that the holder has, and for no other node inside', () => {
    expect(connectionsByOutcome({ outcome: 'end' }, holder, children, own)).toEqual({ 'password-outcome': 'end' });
  });

  test('keeps its stored name where it stands for no outcome of the holder', () => {
    const stored = { gone: 'end', 'name-outcome': 'end' };
    expect(connectionsByOutcome(stored, holder, children, own)).toEqual(stored);
    expect(connectionsByOutcome({ outcome: 'end' }, holder, children, {})).toEqual({ outcome: 'end' });
  });

  test('stands for the outcome of every node inside while the settings of the holder cannot be read', () => {
    const named = { 'name-outcome': 'end', 'password-outcome': 'end' };
    expect(connectionsByOutcome({ outcome: 'end' }, holder, children)).toEqual(named);
  });
});
