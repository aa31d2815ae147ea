import { expect, test } from 'vitest';
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
