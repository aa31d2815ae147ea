import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { authLevelDecision } from './auth-level-decision.node.ts';

test('settings refuse text', async () => {
  await expect(runNode(authLevelDecision, { config: { authLevelRequirement: 'x' as never } })).rejects.toThrow(
    'authLevelRequirement',
  );
});

test.each([
  [{}, 0, 'false'],
  [{ authLevel: 'much' }, 0, 'false'],
  [{ authLevel: 9 }, 10, 'false'],
  [{ authLevel: 10 }, 10, 'true'],
  [{ authLevel: '11' }, 10, 'true'],
  [{ authLevel: 0 }, undefined, 'true'],
  [{ authLevel: -1 }, undefined, 'false'],
])('%j against %j leads to %s', async (state, authLevelRequirement, outcome) => {
  const config = authLevelRequirement === undefined ? {} : { authLevelRequirement };
  expect((await runNode(authLevelDecision, { config, state })).action).toEqual({ kind: 'goTo', outcome });
});
