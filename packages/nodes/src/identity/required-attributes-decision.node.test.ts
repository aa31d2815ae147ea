import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { requiredAttributesDecision } from './required-attributes-decision.node.ts';

const whole = { userName: 'new', givenName: 'New', sn: 'User', mail: 'new@example.org' };

test('fails for another resource, and says what it has to be', async () => {
  const config = { identityResource: 'managed/alpha_organization' };
  await expect(runNode(requiredAttributesDecision, { config, state: {} })).rejects.toThrow(
    'identityResource has to be managed/user, and is managed/alpha_organization.',
  );
});

test.each([
  ['nothing', undefined, 'false'],
  ['all but one', { ...whole, mail: undefined }, 'false'],
  ['one that is empty', { ...whole, sn: '' }, 'false'],
  ['one that is null', { ...whole, sn: null }, 'false'],
  ['all of them', whole, 'true'],
])('with %s collected is %3$s', async (_what, objectAttributes, outcome) => {
  const { action } = await runNode(requiredAttributesDecision, { state: { objectAttributes } });
  expect(action).toMatchObject({ outcome });
});
