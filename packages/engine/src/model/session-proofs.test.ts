import { expect, test } from 'vitest';
import { authFactorsText, journeysText, provenIn, STRENGTH, strengthOf, walkedIn } from './session-proofs.ts';
import { isSystemSessionProperty } from './sessions.ts';

test.each(['AuthFactors', 'authfactors', 'Journeys', 'JOURNEYS'])('no node sets %s', (name) => {
  expect(isSystemSessionProperty(name)).toBe(true);
});

test.each([
  [undefined],
  [''],
  ['password'],
  ['password@'],
  ['password@soon'],
  ['@5'],
  ['password@1e999'],
  ['telepathy@5'],
  ['|||'],
])('%j says of nothing that it was proven', (AuthFactors) => {
  expect(provenIn(AuthFactors === undefined ? {} : { AuthFactors })).toEqual([]);
});

test('what can be read counts, whatever stands beside it', () => {
  expect(provenIn({ AuthFactors: 'telepathy@5|password@7|push' })).toEqual([{ method: 'password', at: 7 }]);
});

test('each method is there once, by its newest time, the oldest first', () => {
  const before = { AuthFactors: 'password@10|push@20' };
  const text = authFactorsText(before, [
    { method: 'password', at: 30 },
    { method: 'push', at: 5 },
    { method: 'oath', at: 25 },
  ]);
  expect(text).toBe('push@20|oath@25|password@30');
  expect(provenIn({ AuthFactors: text }).map(({ at }) => at)).toEqual([20, 25, 30]);
});

test('a tree may have any name', () => {
  const names = ['Log in', 'a@5', 'b|c@9', 'ü%|', '%7C', '%257C', '€', '\ud800'];
  let properties = {};
  for (const [at, tree] of names.entries()) properties = { Journeys: journeysText(properties, { tree, at }) };
  expect(walkedIn(properties)).toEqual(names.map((tree, at) => ({ tree, at })));
});

test('a journey that was walked again is there once, and the newest twenty are kept', () => {
  let properties = { Journeys: journeysText({}, { tree: 'First', at: 0 }) };
  const walk = (tree: string, at: number) => {
    properties = { Journeys: journeysText(properties, { tree, at }) };
  };
  walk('Second', 1);
  walk('First', 2);
  expect(walkedIn(properties)).toEqual([
    { tree: 'Second', at: 1 },
    { tree: 'First', at: 2 },
  ]);
  for (let at = 3; at < 40; at += 1) walk(`Tree ${at}`, at);
  expect(walkedIn(properties)).toHaveLength(20);
  expect(walkedIn(properties).at(-1)).toEqual({ tree: 'Tree 39', at: 39 });
});

test.each([
  [{}, 'nothing'],
  [{ AuthFactors: '' }, 'nothing'],
  [{ AuthFactors: 'telepathy@5' }, 'nothing'],
  [{ AuthFactors: 'password@5' }, 'password'],
  [{ AuthFactors: 'telepathy@5|password@7' }, 'password'],
  [{ AuthFactors: 'push@5' }, 'more'],
  [{ AuthFactors: 'mailCode@5|password@7' }, 'more'],
  [{ other: '"AuthFactors":"push@5"', 'x"AuthFactors': 'push@5' }, 'nothing'],
] as const)('%j proves %s', (properties, strength) => {
  expect(strengthOf(properties)).toBe(STRENGTH[strength]);
});
