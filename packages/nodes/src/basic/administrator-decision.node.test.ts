import { memoryPasswords, runNode, testUserId } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { administratorDecision } from './administrator-decision.node.ts';

const roles = { ann: { assentRoles: ['helpdesk'] }, bob: {}, eve: { assentRoles: ['superuser', 'constructor'] } };
const ports = { passwords: memoryPasswords({ ann: 'right', bob: 'right', eve: 'right', nil: '' }, '/', roles) };
const run = (username: string, given: string) =>
  runNode(administratorDecision, { ports, state: { username, password: given } });

test.each([
  ['ann', 'right', 'true'],
  ['ann', 'wrong', 'false'],
  ['bob', 'right', 'false'],
  ['eve', 'right', 'false'],
  ['nil', '', 'false'],
  ['nobody', 'right', 'false'],
])('%s with the password %j takes %s: only users with a role pass (SEC-72)', async (username, given, outcome) => {
  const { action, journey } = await run(username, given);
  expect(action).toMatchObject({ kind: 'goTo', outcome });
  expect(journey.identified).toEqual(outcome === 'true' ? testUserId(username) : undefined);
});

test('fails without a password, as Data Store Decision does', async () => {
  const running = runNode(administratorDecision, { ports, state: { username: 'ann' } });
  await expect(running).rejects.toThrow('Unable to authenticate');
});
