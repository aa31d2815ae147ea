import { SUCCESS } from '@assent/engine/host';
import { journeyHarness, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { modifyAuthLevel } from './modify-auth-level.node.ts';

test('settings refuse a fraction', async () => {
  await expect(runNode(modifyAuthLevel, { config: { authLevelIncrement: 0.5 } })).rejects.toThrow('authLevelIncrement');
});

test.each([
  [undefined, 5, 5],
  [10, -4, 6],
  ['7', 1, 8],
  ['much', 1, 1],
  [3, undefined, 3],
])('%j and %j make %j', async (authLevel, authLevelIncrement, sum) => {
  const { action, shared } = await runNode(modifyAuthLevel, {
    config: authLevelIncrement === undefined ? {} : { authLevelIncrement },
    state: authLevel === undefined ? {} : { authLevel },
  });
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared.authLevel).toBe(sum);
});

test('the session has the level', async () => {
  const it = journeyHarness({
    nodes: [usernameCollector, modifyAuthLevel],
    trees: {
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'UsernameCollectorNode', to: { outcome: 'raise' } },
          raise: { type: 'ModifyAuthLevelNode', config: { authLevelIncrement: 20 }, to: { outcome: SUCCESS } },
        },
      },
    },
    users: { demo: {} },
  });
  expect(await it.answer(await it.begin(), 'demo')).toMatchObject({
    created: { session: { properties: { AuthLevel: '20' } } },
  });
});
