import { passwordCallback } from '@assent/engine';
import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { passwordCollector } from './password-collector.node.ts';

test('asks again when nothing was typed', async () => {
  const first = await runNode(passwordCollector, {});
  expect((await first.again([''])).callbacks).toEqual(first.callbacks);
});

test('asks for the password and never sends one back', async () => {
  const { callbacks } = await runNode(passwordCollector, {});
  expect(callbacks).toEqual([passwordCallback({ prompt: 'Password' })]);
  expect(callbacks[0]?.input).toEqual({ '': '' });
});

test('keeps the password in transient state alone', async () => {
  const { action, shared, transient } = await (await runNode(passwordCollector, {})).again(['secret']);
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
  expect(shared).toEqual({});
  expect(transient).toEqual({ password: 'secret' });
});
