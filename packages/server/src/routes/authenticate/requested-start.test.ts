import { expect, test } from 'vitest';
import { requestedStart } from './requested-start.ts';

const asked = (query: Readonly<Record<string, string>>, realmPath = '/alpha') => requestedStart({ query, realmPath });
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
  ['TransactionConditionAdvice', '7b8bfd4c-60fe', { kind: 'backChannel', id: '7b8bfd4c-60fe' }],
])('the advice %s with %j starts the journey that it names', (name, value, start) => {
  expect(advice(name, value)).toEqual(start);
});

test.each([
  ['another realm', () => advice('AuthenticateToServiceConditionAdvice', '/beta:PushLogin'), 'REQUEST_INVALID'],
  ['an advice that names no journey', () => advice('AuthSchemeConditionAdvice', '10'), 'REQUEST_INVALID'],
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
