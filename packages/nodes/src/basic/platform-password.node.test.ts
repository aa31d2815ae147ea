import { passwordCallback } from '@assent/engine';
import { memoryPasswordPolicy, runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { platformPassword } from './platform-password.node.ts';

const ports = { passwordPolicy: memoryPasswordPolicy() };

describe('without checks', () => {
  test('goes on without a password and stores nothing', async () => {
    const { action, state } = await (await runNode(platformPassword, { ports })).again(['']);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
    expect(state).toEqual({});
  });

  test('asks for it', async () => {
    expect((await runNode(platformPassword, { ports })).callbacks).toEqual([passwordCallback({ prompt: 'Password' })]);
  });

  test('stores it in transient state, never in the shared attributes', async () => {
    const given = { ports, config: { passwordAttribute: 'userPassword' } };
    const { shared, transient } = await (await runNode(platformPassword, given)).again(['secret']);
    expect(shared).toEqual({});
    expect(transient).toEqual({ password: 'secret', objectAttributes: { userPassword: 'secret' } });
  });
});

describe('with checks', () => {
  const config = { validateInput: true };
  const known = { username: 'barbara', objectAttributes: { sn: 'Stanwyck' } };
  const ask = async (answer: Parameters<Awaited<ReturnType<typeof runNode>>['again']>[0]) =>
    (
      await runNode(platformPassword, {
        config,
        ports,
        state: { ...known },
      })
    ).again(answer);

  test.each([
    ['', ['{"policyRequirement":"REQUIRED"}', '{"params":{"minLength":8},"policyRequirement":"MIN_LENGTH"}']],
    ['seven77', ['{"params":{"minLength":8},"policyRequirement":"MIN_LENGTH"}']],
    ['x'.repeat(1025), ['{"params":{"maxLength":1024},"policyRequirement":"MAX_LENGTH"}']],
    ['Password1', ['{"policyRequirement":"DICTIONARY"}']],
    ['qwertyuiop', ['{"params":{"pattern":true},"policyRequirement":"DICTIONARY"}']],
    [
      'barbara1',
      [`{"params":{"disallowedFields":"userName,givenName,sn,mail"},"policyRequirement":"CANNOT_CONTAIN_OTHERS"}`],
    ],
    [
      'Stanwyck!',
      [`{"params":{"disallowedFields":"userName,givenName,sn,mail"},"policyRequirement":"CANNOT_CONTAIN_OTHERS"}`],
    ],
    [
      'seven\ud800even',
      ['{"params":{"forbiddenChars":["unpaired surrogates"]},"policyRequirement":"CANNOT_CONTAIN_CHARACTERS"}'],
    ],
  ])('asks again for %j, which breaks rules, without showing it (SEC-55, A136)', async (given, failed) => {
    const { callbacks, state } = await ask([given]);
    expect(callbacks[0]?.output.failedPolicies).toEqual(failed);
    expect(callbacks[0]?.input).toEqual({ '': '', validateOnly: false });
    expect(state).toEqual(known);
  });

  test('only checks where that is all that was asked', async () => {
    const { callbacks, state } = await ask([{ '': 'long enough', validateOnly: true }]);
    expect(callbacks[0]?.output).toMatchObject({ failedPolicies: [], echoOn: false });
    expect(state).toEqual(known);
  });

  const long = Array.from({ length: 128 }, (_, at) => `${1_000 + at}-xy.`).join('');
  test.each([['eight888'], [long], ['🔑🔒🔓🔏🔐🗝🔨🔩'], ['nul\0inside'], ['barbara likes cheese']])(
    'stores %j',
    async (given) => {
      const { action, transient } = await ask([given]);
      expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
      expect(transient.password).toBe(given);
    },
  );
});
