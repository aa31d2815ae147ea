import { nameCallback } from '@assent/engine';
import { runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { platformUsername } from './platform-username.node.ts';

test('refuses settings without the attribute', async () => {
  await expect(runNode(platformUsername, { config: { usernameAttribute: '' } })).rejects.toThrow('usernameAttribute');
});

describe('without checks', () => {
  test('asks for the name', async () => {
    expect((await runNode(platformUsername, {})).callbacks).toEqual([nameCallback({ prompt: 'User Name' })]);
  });

  test('goes on without a name and stores nothing', async () => {
    const { action, state } = await (await runNode(platformUsername, {})).again(['']);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
    expect(state).toEqual({});
  });

  test('stores the name, also as an attribute beside those that are there', async () => {
    const given = { config: { usernameAttribute: 'uid' }, state: { objectAttributes: { mail: 'a@example.org' } } };
    const { shared } = await (await runNode(platformUsername, given)).again(['demo']);
    expect(shared).toEqual({ username: 'demo', objectAttributes: { mail: 'a@example.org', uid: 'demo' } });
  });
});

describe('with checks', () => {
  const config = { validateInput: true };
  const failedIn = (callbacks: readonly { output: Readonly<Record<string, unknown>> }[]) =>
    ((callbacks[0]?.output.failedPolicies ?? ['none sent']) as string[]).map(
      (text) => (JSON.parse(text) as { policyRequirement: string }).policyRequirement,
    );

  test.each([
    ['', ['REQUIRED']],
    ['   ', ['REQUIRED']],
    ['x'.repeat(257), ['MAX_LENGTH']],
    ['ad\u200bmin', ['CANNOT_CONTAIN_CHARACTERS']],
    ['a\u202eb', ['CANNOT_CONTAIN_CHARACTERS']],
    ['a/b', ['CANNOT_CONTAIN_CHARACTERS']],
    ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', ['CANNOT_BE_AN_ID']],
    ['（usr!ada）', ['CANNOT_BE_AN_ID']],
  ])('asks again for %j and says which rules it breaks', async (name, failed) => {
    const { callbacks, state } = await (await runNode(platformUsername, { config })).again([name]);
    expect(failedIn(callbacks)).toEqual(failed);
    expect(callbacks[0]?.input).toEqual({ '': name, validateOnly: false });
    expect(state).toEqual({});
  });

  test('says what a rule allows', async () => {
    const { callbacks } = await (await runNode(platformUsername, { config })).again(['x'.repeat(300)]);
    expect(callbacks[0]?.output.failedPolicies).toEqual([
      '{"params":{"maxLength":256},"policyRequirement":"MAX_LENGTH"}',
    ]);
  });

  test('only checks where that is all that was asked', async () => {
    const checked = await (await runNode(platformUsername, { config })).again([{ '': 'demo', validateOnly: true }]);
    expect(failedIn(checked.callbacks)).toEqual([]);
    expect(checked.state).toEqual({});
    expect((await checked.again(['demo'])).action).toMatchObject({ outcome: 'outcome' });
  });

  test('names the rules of the attribute at first', async () => {
    const { callbacks } = await runNode(platformUsername, { config });
    expect(callbacks).toMatchObject([
      {
        type: 'ValidatedCreateUsernameCallback',
        output: {
          policies: {
            name: 'userName',
            policyRequirements: ['REQUIRED', 'MAX_LENGTH', 'CANNOT_CONTAIN_CHARACTERS', 'CANNOT_BE_AN_ID'],
          },
          failedPolicies: [],
          validateOnly: false,
          prompt: 'Username',
        },
        input: { '': '', validateOnly: false },
      },
    ]);
  });

  test('stores a name that keeps the rules', async () => {
    const { action, shared } = await (await runNode(platformUsername, { config })).again(['demo']);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
    expect(shared).toEqual({ username: 'demo', objectAttributes: { userName: 'demo' } });
  });
});

test.each([false, true])('from version 2.0 on it shows the name that is known (checked: %s)', async (validateInput) => {
  const given = { config: { prepopulate: true, validateInput }, state: { username: 'demo' } };
  expect((await runNode(platformUsername, given)).callbacks[0]?.input).toMatchObject({ '': 'demo' });
  const before = await runNode(platformUsername, { ...given, version: '1.0' });
  expect(before.callbacks[0]?.input).toMatchObject({ '': '' });
});

test('tells what browsers may fill in', async () => {
  const { callbacks } = await runNode(platformUsername, { config: { autocompleteValues: ['email'] } });
  expect(callbacks[0]?.output).toEqual({ prompt: 'User Name', autocompleteValues: ['email'] });
});
