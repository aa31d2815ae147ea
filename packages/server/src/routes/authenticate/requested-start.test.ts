import { expect, test } from 'vitest';
import { requestedStart } from './requested-start.ts';

const authLevelJourneys = { '10': 'Push', '20': 'Passkey', '5': 'Code' };
const asked = (query: Readonly<Record<string, string>>) =>
  requestedStart({ query, realm: { realm: '/alpha', authLevelJourneys } });
const advice = (name: string, value: string) =>
  asked({
    authIndexType: 'composite_advice',
    authIndexValue: `<Advices><AttributeValuePair><Attribute name="${name}"/><Value>${value}</Value></AttributeValuePair></Advices>`,
  });

test.each([
  ['nothing', {}, { kind: 'tree' }],
  ['a journey', { authIndexType: 'service', authIndexValue: 'PushLogin' }, { kind: 'tree', tree: 'PushLogin' }],
  ['a service without a name', { authIndexType: 'service' }, { kind: 'tree' }],
  ['a transaction', { authIndexType: 'transaction', authIndexValue: 't1' }, { kind: 'backChannel', id: 't1' }],
])('%s in the query asks for the journey that it names', (_what, query, start) => {
  expect(asked(query)).toEqual(start);
});

test.each([
  ['AuthenticateToServiceConditionAdvice', 'PushLogin', { kind: 'tree', tree: 'PushLogin' }],
  ['AuthenticateToServiceConditionAdvice', '/alpha:PushLogin', { kind: 'tree', tree: 'PushLogin' }],
  ['AuthenticateToTreeConditionAdvice', ' Sign &amp; go ', { kind: 'tree', tree: 'Sign & go' }],
  ['AuthLevelConditionAdvice', '10', { kind: 'tree', tree: 'Push', authLevel: 10 }],
  ['AuthLevelConditionAdvice', '/alpha:6', { kind: 'tree', tree: 'Push', authLevel: 6 }],
  ['AuthLevelConditionAdvice', '0', { kind: 'tree', tree: 'Code', authLevel: 0 }],
  ['AuthLevelConditionAdvice', '1', { kind: 'tree', tree: 'Code', authLevel: 1 }],
  ['AuthLevelConditionAdvice', '11', { kind: 'tree', tree: 'Passkey', authLevel: 11 }],
  ['TransactionConditionAdvice', '7b8bfd4c-60fe', { kind: 'backChannel', id: '7b8bfd4c-60fe' }],
])('the advice %s with %j starts the journey that it names', (name, value, start) => {
  expect(advice(name, value)).toEqual(start);
});

test.each([
  ['another realm', () => advice('AuthenticateToServiceConditionAdvice', '/beta:PushLogin'), 'REQUEST_INVALID'],
  ['an advice that names no journey', () => advice('AuthSchemeConditionAdvice', '10'), 'REQUEST_INVALID'],
  ['a level of another realm', () => advice('AuthLevelConditionAdvice', '/beta:10'), 'REQUEST_INVALID'],
  ['a level that no journey reaches', () => advice('AuthLevelConditionAdvice', '21'), 'AUTH_LEVEL_UNKNOWN'],
  ['a level below zero', () => advice('AuthLevelConditionAdvice', '-1'), 'REQUEST_INVALID'],
  ['a level that is no number', () => advice('AuthLevelConditionAdvice', 'high'), 'REQUEST_INVALID'],
  ['no XML', () => asked({ authIndexType: 'composite_advice', authIndexValue: 'PushLogin' }), 'REQUEST_INVALID'],
  ['no value', () => asked({ authIndexType: 'composite_advice' }), 'REQUEST_INVALID'],
  [
    'an advice of 64 KiB',
    () => asked({ authIndexType: 'composite_advice', authIndexValue: '<Advices>'.repeat(7_000) }),
    'REQUEST_INVALID',
  ],
  ['an index of another type', () => asked({ authIndexType: 'module', authIndexValue: 'x' }), 'INDEX_TYPE_UNKNOWN'],
])('refuses %s', (_what, ask, code) => {
  expect(ask).toThrow(expect.objectContaining({ code }));
});
