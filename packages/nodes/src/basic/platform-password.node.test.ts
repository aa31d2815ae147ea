import { passwordCallback } from '@assent/engine';
import { runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { platformPassword } from './platform-password.node.ts';

describe('without checks', () => {
  test('goes on without a password and stores nothing', async () => {
    const { action, state } = await (await runNode(platformPassword, {})).again(['']);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
    expect(state).toEqual({});
  });

  test('asks for it', async () => {
    expect((await runNode(platformPassword, {})).callbacks).toEqual([passwordCallback({ prompt: 'Password' })]);
  });

  test('stores it in transient state, never in the shared attributes', async () => {
    const given = { config: { passwordAttribute: 'userPassword' } };
    const { shared, transient } = await (await runNode(platformPassword, given)).again(['secret']);
    expect(shared).toEqual({});
    expect(transient).toEqual({ password: 'secret', objectAttributes: { userPassword: 'secret' } });
  });
});

describe('with checks', () => {
  const config = { validateInput: true };
  const ask = async (answer: Parameters<Awaited<ReturnType<typeof runNode>>['again']>[0]) =>
    (await runNode(platformPassword, { config })).again(answer);

  test.each([
    ['', ['{"policyRequirement":"REQUIRED"}', '{"params":{"minLength":8},"policyRequirement":"MIN_LENGTH"}']],
    ['seven77', ['{"params":{"minLength":8},"policyRequirement":"MIN_LENGTH"}']],
    ['x'.repeat(1025), ['{"params":{"maxLength":1024},"policyRequirement":"MAX_LENGTH"}']],
  ])('asks again for a password that breaks rules, without showing it', async (given, failed) => {
    const { callbacks, state } = await ask([given]);
    expect(callbacks[0]?.output.failedPolicies).toEqual(failed);
    expect(callbacks[0]?.input).toEqual({ '': '', validateOnly: false });
    expect(state).toEqual({});
  });

  test('only checks where that is all that was asked', async () => {
    const { callbacks, state } = await ask([{ '': 'long enough', validateOnly: true }]);
    expect(callbacks[0]?.output).toMatchObject({ failedPolicies: [], echoOn: false });
    expect(state).toEqual({});
  });

  test.each([['eight888'], ['x'.repeat(1024)], ['🔑🔑🔑🔑🔑🔑🔑🔑']])('stores %s', async (given) => {
    const { action, transient } = await ask([given]);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
    expect(transient.password).toBe(given);
  });
});
