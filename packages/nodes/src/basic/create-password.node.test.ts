import { memoryPasswordPolicy, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { createPassword } from './create-password.node.ts';

const ports = { passwordPolicy: memoryPasswordPolicy() };
const answer = async (first: string, second: string, config = {}, state = {}) =>
  (await runNode(createPassword, { config, ports, state })).again([first, second]);

const complaintOf = (result: Awaited<ReturnType<typeof answer>>) => result.callbacks[2]?.output;

test('asks for the password twice, and says nothing yet', async () => {
  const { callbacks } = await runNode(createPassword, { ports });
  expect(callbacks.map(({ type, output }) => [type, output.prompt])).toEqual([
    ['PasswordCallback', 'Create a password'],
    ['PasswordCallback', 'Confirm password'],
  ]);
});

test.each(['', '   '])('asks again for %j, without a complaint', async (given) => {
  const again = await answer(given, given);
  expect(again.callbacks).toHaveLength(2);
  expect(again.transient).toEqual({});
});

test.each([
  ['seven77', {}, 'The password needs at least 8 characters.'],
  ['ab', { minPasswordLength: 3 }, 'The password needs at least 8 characters.'],
  ['🔑🔒🔓🔏🔐🗝️🔨🔩', { minPasswordLength: 12 }, 'The password needs at least 12 characters.'],
  ['PASSWORD1', {}, 'Many people use this password, so it is easily guessed. Choose another one.'],
  ['abcabcabc', {}, 'The password repeats itself or follows the keyboard. Choose another one.'],
  [
    'Barbara-77',
    {},
    'The password is little more than your name or the name of this service. Choose another one.',
    { username: 'barbara' },
  ],
])('complains of %s with %j (SEC-55)', async (given, config, message, state: Record<string, unknown> = {}) => {
  expect(complaintOf(await answer(given, given, config, state))).toEqual({ message, messageType: 2 });
});

test('complains of two that differ, and keeps neither', async () => {
  const again = await answer('Ch4ng31t!', 'Ch4ng31t?');
  expect(complaintOf(again)).toEqual({ message: 'The two passwords are not the same.', messageType: 2 });
  expect(again.transient).toEqual({});
});

test('takes two that are the same, after a complaint too, and keeps them secret', async () => {
  const again = await answer('short', 'short');
  const done = await again.again(['Ch4ng31t!', 'Ch4ng31t!', undefined]);
  expect(done.action).toMatchObject({ outcome: 'outcome' });
  expect(done.transient).toEqual({ password: 'Ch4ng31t!' });
  expect(done.shared).toEqual({});
});
