import { identities as identitiesPort } from '@assent/engine';
import { Bindings, SUCCESS } from '@assent/engine/host';
import { journeyHarness, memoryIdentities, runNode, testUserId } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { anonymousUser } from './anonymous-user.node.ts';
import { attributeCollector } from './attribute-collector.node.ts';
import { identifyExistingUser } from './identify-existing-user.node.ts';

const users = {
  demo: { mail: ['Demo@example.org', 'second@example.org'], employeeNumber: ['7'] },
  one: { mail: ['shared@example.org'] },
  two: { mail: ['shared@example.org'] },
};
const ports = { identities: memoryIdentities(users) };
const run = (state: Record<string, unknown>, config = {}) => runNode(identifyExistingUser, { ports, state, config });

test('settings refuse an empty attribute', async () => {
  await expect(run({}, { identityAttribute: '' })).rejects.toThrow('identityAttribute');
});

test.each([
  ['nothing was collected', {}],
  ['an empty value was collected', { objectAttributes: { mail: '' } }],
  ['something that is no text was collected', { objectAttributes: { mail: ['demo@example.org'] } }],
  ['nobody has the value', { objectAttributes: { mail: 'nobody@example.org' } }],
  ['two have the value, and neither is taken for the other', { objectAttributes: { mail: 'shared@example.org' } }],
])('is False where %s, and changes nothing', async (_what, state) => {
  const { action, journey, shared } = await run(state);
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'false' });
  expect([journey.identified, journey.sessionOptions.username]).toEqual([undefined, undefined]);
  expect(shared).toEqual(state);
});

test.each([
  ['the collected value', { objectAttributes: { mail: 'demo@EXAMPLE.org' } }],
  ['a second value', { objectAttributes: { mail: 'second@example.org' } }],
  ['the user name, typed as an address', { username: 'demo@example.org' }],
])('finds the user by %s', async (_what, state) => {
  const { action, journey, shared } = await run(state);
  expect(action).toMatchObject({ outcome: 'true' });
  // By name alone: nobody has shown to be that user.
  expect([journey.identified, journey.sessionOptions.username]).toEqual([undefined, 'demo']);
  expect(shared).toMatchObject({
    _id: testUserId('demo'),
    username: 'demo',
    objectAttributes: { ...('objectAttributes' in state ? state.objectAttributes : {}), userName: 'demo' },
    universalId: 'id=demo,ou=user,ou=services,ou=am-config',
  });
});

describe('the identity attribute', () => {
  test.each([
    ['userName', { username: 'DEMO' }],
    ['uid', { objectAttributes: { uid: 'demo' } }],
    ['_id', { _id: testUserId('demo') }],
    ['employeeNumber', { objectAttributes: { employeeNumber: '7' } }],
  ])('may be %s', async (identityAttribute, state) => {
    expect((await run(state, { identityAttribute })).action).toMatchObject({ outcome: 'true' });
  });
});

describe('the identifier', () => {
  const state = { username: 'demo@example.org' };

  test('may be another attribute', async () => {
    expect((await run(state, { identifier: 'employeeNumber' })).shared).toMatchObject({
      username: '7',
      objectAttributes: { employeeNumber: '7' },
    });
  });

  test.each([[''], ['unknownAttribute']])('that is %j leaves the user name as it is', async (identifier) => {
    expect((await run(state, { identifier })).shared).toMatchObject({ username: 'demo@example.org' });
  });
});

describe('a profile', () => {
  const shown = async (before: object) => {
    const it = journeyHarness({
      nodes: [usernameCollector, anonymousUser, identifyExistingUser, attributeCollector],
      bindings: new Bindings().bind(identitiesPort, () => memoryIdentities(users)),
      trees: {
        Login: {
          entry: 'name',
          nodes: {
            name: { type: 'UsernameCollectorNode', to: { outcome: 'proof' in before ? 'proof' : 'who' } },
            who: {
              type: 'IdentifyExistingUserNode',
              config: { identityAttribute: 'userName' },
              to: { true: 'ask', false: 'ask' },
            },
            ask: {
              type: 'AttributeCollectorNode',
              config: { attributesToCollect: ['employeeNumber'] },
              to: { outcome: SUCCESS },
            },
            ...before,
          },
        },
      },
    });
    const step = await it.step(await it.begin(), 'demo');
    return step.callbacks[0]?.output.value;
  };

  test('is not shown to whoever has typed its name', async () => {
    expect(await shown({})).toBe('');
  });

  test('is shown to the user whom a node before has let in', async () => {
    const config = { anonymousUserName: 'demo' };
    expect(await shown({ proof: { type: 'AnonymousUserNode', config, to: { outcome: 'who' } } })).toBe('7');
  });
});
