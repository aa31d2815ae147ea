import { PROOF_METHODS, type ProofMethod } from '@assent/engine';
import { expect, test } from 'vitest';
import { acrVerdict } from './acr.ts';

const treeOfAcr = new Map([
  ['push', 'PushLogin'],
  ['password', 'Login'],
  ['phr', 'PasskeyLogin'],
]);
const nobody = { required: undefined, essential: [], voluntary: [] };
const waysOfAcr = () => [];
const provider = { treeOfAcr, waysOfAcr };
const shown = (...methods: readonly ProofMethod[]) => ({ factors: methods.map((method) => ({ method, at: 1 })) });
const verdict = (demands: Partial<Parameters<typeof acrVerdict>[0]>, ...methods: readonly ProofMethod[]) =>
  acrVerdict({ ...nobody, ...demands }, shown(...methods), provider);

test('what a client requires is wanted whatever the request wishes for (OIDC-11)', () => {
  const demands = { required: 'push', essential: ['password'], voluntary: ['password'] };
  expect(verdict(demands, 'password')).toEqual({ kind: 'lacking', isEssential: true, tree: 'PushLogin', acr: '0' });
});

test('an essential class is lacking until one of them was proven', () => {
  expect(verdict({ essential: ['push'] }, 'password')).toEqual({
    kind: 'lacking',
    isEssential: true,
    tree: 'PushLogin',
    acr: '0',
  });
  expect(verdict({ essential: ['unknown'] }, 'password')).toEqual({ kind: 'lacking', isEssential: true, acr: '0' });
  expect(verdict({ essential: ['unknown', 'push'] }, 'push')).toEqual({ kind: 'met', acr: 'push' });
});

test('a class that no journey stands for is not met by a session without factors', () => {
  expect(verdict({ essential: ['unknown'] })).toEqual({ kind: 'lacking', isEssential: true, acr: '0' });
});

test('a class that is only wished for is lacking, and not essential', () => {
  expect(verdict({ voluntary: ['push'] }, 'password')).toEqual({
    kind: 'lacking',
    isEssential: false,
    tree: 'PushLogin',
    acr: '0',
  });
  expect(verdict({ voluntary: ['unknown'] }, 'password')).toEqual({ kind: 'lacking', isEssential: false, acr: '0' });
});

test('of several that are met, the best liked is told', () => {
  expect(verdict({ voluntary: ['push', 'password'] }, 'password', 'push')).toEqual({ kind: 'met', acr: 'push' });
  expect(verdict({ voluntary: ['password', 'push'] }, 'password', 'push')).toEqual({ kind: 'met', acr: 'password' });
});

test('what is required is told where nothing else was asked for', () => {
  expect(verdict({ required: 'push' }, 'push')).toEqual({ kind: 'met', acr: 'push' });
});

test('what is required is told where it is met and what was wished for is not', () => {
  const lacking = { kind: 'lacking', isEssential: false, tree: 'Login', acr: 'push' };
  expect(verdict({ required: 'push', voluntary: ['password'] }, 'push')).toEqual(lacking);
});

test('nobody asks: nothing is said', () => {
  expect(verdict({}, 'password')).toEqual({ kind: 'met' });
});

test('each class with a meaning of its own is met by these methods alone (SEC-85)', () => {
  const met = (acr: string) =>
    PROOF_METHODS.filter(
      (method) => acrVerdict({ ...nobody, essential: [acr] }, shown(method), provider).kind === 'met',
    );
  expect(Object.fromEntries(['password', 'push', 'mfa', 'phr', 'phrh', 'gold'].map((acr) => [acr, met(acr)]))).toEqual({
    password: ['password'],
    push: ['push', 'pushNumber'],
    mfa: ['hardwarePasskey', 'passkey', 'syncedPasskey'],
    phr: ['hardwarePasskey', 'passkey', 'syncedPasskey'],
    phrh: ['hardwarePasskey'],
    gold: [],
  });
});

test.each<[readonly ProofMethod[], string]>([
  [['password', 'oath'], 'met'],
  [['password', 'recoveryCode'], 'met'],
  [['password', 'push'], 'lacking'],
  [['password', 'mailCode'], 'lacking'],
  [['oath', 'pushNumber'], 'lacking'],
])('mfa takes something known and something held: %s (SEC-85)', (methods, kind) => {
  expect(verdict({ essential: ['mfa'] }, ...methods).kind).toBe(kind);
});

test('no mapping of a realm weakens a class with a meaning of its own (SEC-85)', () => {
  const weak = { treeOfAcr, waysOfAcr: () => [new Set<ProofMethod>(['password'])] };
  expect(acrVerdict({ ...nobody, essential: ['push'] }, shown('password'), weak).kind).toBe('lacking');
});

test('an empty set of methods proves no class (SEC-85)', () => {
  const empty = { treeOfAcr, waysOfAcr: () => [new Set<ProofMethod>()] };
  expect(acrVerdict({ ...nobody, essential: ['gold'] }, shown('hardwarePasskey'), empty).kind).toBe('lacking');
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
  '%s is met by what was proven: by %s it is %s (WA-33)',
  (acr, method, kind) => {
    expect(verdict({ essential: [acr] }, method)).toMatchObject({ kind });
  },
);

test('who lacks phr is sent to the journey that the realm names as the way to it', () => {
  const lacking = { kind: 'lacking', isEssential: true, tree: 'PasskeyLogin', acr: '0' };
  expect(verdict({ essential: ['phr'] }, 'password')).toEqual(lacking);
});
