import type { SentCallback, Session } from '@assent/engine';
import { fakeRequest, memoryIdentities, runNode, testUserId } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { attributeCollector } from './attribute-collector.node.ts';

const users = { demo: { mail: ['demo@example.org'], frIndexedInteger1: ['7'], 'preferences/updates': ['true'] } };
const ports = { identities: memoryIdentities(users) };
const run = (
  attributesToCollect: string[],
  {
    config = {},
    ...more
  }: { config?: object; state?: Record<string, unknown>; request?: ReturnType<typeof fakeRequest> } = {},
) => runNode(attributeCollector, { ports, config: { attributesToCollect, ...config }, ...more });

const requirementsIn = (callback: SentCallback | undefined): string[] =>
  ((callback?.output.failedPolicies ?? []) as string[]).map(
    (text) => (JSON.parse(text) as { policyRequirement: string }).policyRequirement,
  );

test('settings refuse an empty list', async () => {
  await expect(run([])).rejects.toThrow('attributesToCollect');
});

test.each(['password', 'userPassword', 'kbaInfo', '_id', 'assentRoles', 'inetUserStatus', 'bad name', '__proto__'])(
  'fails where %s is to be collected: it is a proof, decides over rights, or is no attribute',
  async (name) => {
    await expect(run(['mail', name])).rejects.toThrow(`Configuration contains an invalid attribute: ${name}`);
  },
);

test('asks in order, each by its type', async () => {
  const { callbacks } = await run(['mail', 'frIndexedInteger1', 'preferences/updates', 'shoeSize']);
  const common = { required: false, policies: {}, failedPolicies: [], validateOnly: false };
  expect(callbacks).toEqual([
    {
      type: 'StringAttributeInputCallback',
      output: { name: 'mail', prompt: 'Email Address', ...common, value: '' },
      input: { '': '', validateOnly: false },
    },
    {
      type: 'NumberAttributeInputCallback',
      output: { name: 'frIndexedInteger1', prompt: 'frIndexedInteger1', ...common, value: null },
      input: { '': null, validateOnly: false },
    },
    {
      type: 'BooleanAttributeInputCallback',
      output: { name: 'preferences/updates', prompt: 'Send me news and updates', ...common, value: false },
      input: { '': false, validateOnly: false },
    },
    {
      type: 'StringAttributeInputCallback',
      output: { name: 'shoeSize', prompt: 'shoeSize', ...common, value: '' },
      input: { '': '', validateOnly: false },
    },
  ]);
});

test('keeps what came back, beside what was there', async () => {
  const first = await run(['givenName', 'frIndexedInteger1', 'preferences/updates'], {
    state: { objectAttributes: { userName: 'demo', givenName: 'Old' } },
  });
  expect(first.callbacks[0]?.output.value).toBe('Old');
  const { action, shared } = await first.again(['New', '41', 'true']);
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared.objectAttributes).toEqual({
    userName: 'demo',
    givenName: 'New',
    frIndexedInteger1: 41,
    'preferences/updates': true,
  });
});

test('goes on without an answer where none is required', async () => {
  const { action, shared } = await (await run(['givenName', 'frIndexedInteger1'])).again([{ '': null }, '']);
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared.objectAttributes).toEqual({ givenName: '', frIndexedInteger1: null });
});

describe('with all required', () => {
  const config = { required: true };

  test.each([
    ['blank', ['  ', 3]],
    ['no number', ['x', '']],
  ])('asks again for what is %s, and keeps the rest', async (_what, answers) => {
    const { callbacks, state } = await (await run(['givenName', 'frIndexedInteger1'], { config })).again(answers);
    expect(callbacks.map(({ output }) => [output.required, output.value])).toEqual([
      [true, answers[0]],
      [true, answers[1] === '' ? null : answers[1]],
    ]);
    expect(state).toEqual({});
  });

  test('a box that is not ticked is an answer', async () => {
    const { action } = await (await run(['preferences/updates'], { config })).again([false]);
    expect(action).toMatchObject({ outcome: 'outcome' });
  });
});

describe('with checks', () => {
  const config = { validateInputs: true };

  test('says which rules there are', async () => {
    const { callbacks } = await run(['mail'], { config: { ...config, required: true } });
    expect(callbacks[0]?.output.policies).toMatchObject({
      name: 'mail',
      policyRequirements: ['REQUIRED', 'MAX_LENGTH', 'VALID_EMAIL_ADDRESS_FORMAT'],
    });
  });

  test.each([
    ['mail', 'demo', ['VALID_EMAIL_ADDRESS_FORMAT']],
    ['mail', 'a@b', ['VALID_EMAIL_ADDRESS_FORMAT']],
    ['mail', 'a b@example.org', ['VALID_EMAIL_ADDRESS_FORMAT']],
    ['mail', 'Name <a@example.org>', ['VALID_EMAIL_ADDRESS_FORMAT']],
    ['sn', 'x'.repeat(4_097), ['MAX_LENGTH']],
  ])('asks again for %s %.20s and says which rule it breaks', async (name, value, rules) => {
    const { callbacks, state } = await (await run([name, 'cn'], { config })).again([value, 'Full Name']);
    expect(callbacks.map(requirementsIn)).toEqual([rules, []]);
    expect(callbacks.map(({ output }) => output.value)).toEqual([value, 'Full Name']);
    expect(state).toEqual({});
  });

  test('names the rule that an empty answer breaks', async () => {
    const required = { ...config, required: true };
    const { callbacks } = await (await run(['mail', 'cn'], { config: required })).again(['', 'x']);
    expect(callbacks.map(requirementsIn)).toEqual([['REQUIRED'], []]);
  });

  test('only checks where that is all that was asked', async () => {
    const answer = { '': 'a@example.org', validateOnly: 'true' };
    const checked = await (await run(['mail'], { config })).again([answer]);
    expect(checked.callbacks[0]?.output).toMatchObject({
      value: 'a@example.org',
      failedPolicies: [],
      validateOnly: true,
    });
    const again = await checked.again([{ ...answer, validateOnly: false }]);
    expect(again.action).toMatchObject({ outcome: 'outcome' });
  });

  test.each(['', 'a@example.org', 'ä.ö+tag@bücher.example'])('takes %j as a mail address', async (value) => {
    expect((await (await run(['mail'], { config })).again([value])).action).toMatchObject({ outcome: 'outcome' });
  });
});

describe('what is stored', () => {
  const state = { objectAttributes: { mail: 'demo@example.org' } };
  const config = { identityAttribute: 'mail' };
  const names = ['frIndexedInteger1', 'preferences/updates'];
  const shown = async (session?: Session) => {
    const request = fakeRequest(session && { session });
    return (await run(names, { config, state, request })).callbacks.map(({ output }) => output.value);
  };

  test('is shown to the one whose it is', async () => {
    expect(await shown({ userId: testUserId('demo'), properties: {} } as unknown as Session)).toEqual([7, true]);
  });

  test.each([
    ['nobody has signed in', undefined],
    ['somebody else has', { userId: testUserId('eve') } as Session],
  ])('is not shown where %s, who may have typed the name of another', async (_what, session) => {
    expect(await shown(session)).toEqual([null, false]);
  });
});
