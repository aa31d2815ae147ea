import type { ProofMethod } from '@assent/engine';
import { expect, test } from 'vitest';
import { acrVerdict } from './acr.ts';

const treeOfAcr = new Map([
  ['push', 'PushLogin'],
  ['password', 'Login'],
  ['phr', 'PasskeyLogin'],
]);
const nobody = { required: undefined, essential: [], voluntary: [] };
const walked = (...trees: readonly string[]) => ({ journeys: trees.map((tree) => ({ tree, at: 1 })), factors: [] });
const verdict = (demands: Partial<Parameters<typeof acrVerdict>[0]>, ...trees: readonly string[]) =>
  acrVerdict({ ...nobody, ...demands }, walked(...trees), treeOfAcr);

test('what a client requires is wanted whatever the request wishes for (OIDC-11)', () => {
  const demands = { required: 'push', essential: ['password'], voluntary: ['password'] };
  expect(verdict(demands, 'Login')).toEqual({ kind: 'lacking', isEssential: true, tree: 'PushLogin', acr: '0' });
});

test('an essential class is lacking until one of them was walked', () => {
  expect(verdict({ essential: ['push'] }, 'Login')).toEqual({
    kind: 'lacking',
    isEssential: true,
    tree: 'PushLogin',
    acr: '0',
  });
  expect(verdict({ essential: ['unknown'] }, 'Login')).toEqual({ kind: 'lacking', isEssential: true, acr: '0' });
  expect(verdict({ essential: ['unknown', 'push'] }, 'PushLogin')).toEqual({ kind: 'met', acr: 'push' });
});

test('a class that no journey stands for is not met by a session without journeys', () => {
  expect(verdict({ essential: ['unknown'] })).toEqual({ kind: 'lacking', isEssential: true, acr: '0' });
});

test('a class that is only wished for is lacking, and not essential', () => {
  expect(verdict({ voluntary: ['push'] }, 'Login')).toEqual({
    kind: 'lacking',
    isEssential: false,
    tree: 'PushLogin',
    acr: '0',
  });
  expect(verdict({ voluntary: ['unknown'] }, 'Login')).toEqual({ kind: 'lacking', isEssential: false, acr: '0' });
});

test('of several that are met, the best liked is told', () => {
  expect(verdict({ voluntary: ['push', 'password'] }, 'Login', 'PushLogin')).toEqual({ kind: 'met', acr: 'push' });
  expect(verdict({ voluntary: ['password', 'push'] }, 'Login', 'PushLogin')).toEqual({ kind: 'met', acr: 'password' });
});

test('what is required is told where nothing else was asked for', () => {
  expect(verdict({ required: 'push' }, 'PushLogin')).toEqual({ kind: 'met', acr: 'push' });
});

test('what is required is told where it is met and what was wished for is not', () => {
  const lacking = { kind: 'lacking', isEssential: false, tree: 'Login', acr: 'push' };
  expect(verdict({ required: 'push', voluntary: ['password'] }, 'PushLogin')).toEqual(lacking);
});

test('nobody asks: nothing is said', () => {
  expect(verdict({}, 'Login')).toEqual({ kind: 'met' });
});

test.each([
  ['phr', 'hardwarePasskey', 'met'],
  ['phr', 'passkey', 'met'],
  ['phr', 'syncedPasskey', 'met'],
  ['phr', 'touchedPasskey', 'lacking'],
  ['phr', 'pushNumber', 'lacking'],
  ['phr', 'boundDevice', 'lacking'],
  ['phr', 'recoveryCode', 'lacking'],
  ['phrh', 'hardwarePasskey', 'met'],
  ['phrh', 'passkey', 'lacking'],
  ['phrh', 'syncedPasskey', 'lacking'],
] satisfies [string, ProofMethod, string][])(
  '%s is met by what was proven: by %s it is %s, whatever was walked (WA-33)',
  (acr, method, kind) => {
    const session = { ...walked('PasskeyLogin'), factors: [{ method, at: 1 }] };
    expect(acrVerdict({ ...nobody, essential: [acr] }, session, treeOfAcr)).toMatchObject({ kind });
  },
);

test('who lacks phr is sent to the journey that the realm names as the way to it', () => {
  const lacking = { kind: 'lacking', isEssential: true, tree: 'PasskeyLogin', acr: '0' };
  expect(verdict({ essential: ['phr'] }, 'PasskeyLogin')).toEqual(lacking);
});
