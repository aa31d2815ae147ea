import { nameCallback } from '@assent/engine';
import { TextCatalogue } from '@assent/engine/host';
import { fakeRequest, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from './username-collector.node.ts';

test('asks again when nothing was typed, and stores nothing', async () => {
  const first = await runNode(usernameCollector, {});
  const again = await first.again(['']);
  expect(again.callbacks).toEqual(first.callbacks);
  expect(again.state).toEqual({});
});

test('asks for the name', async () => {
  const { callbacks } = await runNode(usernameCollector, {});
  expect(callbacks).toEqual([nameCallback({ prompt: 'User Name' })]);
});

test('asks in the language of the reader', async () => {
  const texts = new TextCatalogue(new Map([['de', { 'UsernameCollectorNode.prompt': 'Benutzername' }]]));
  const { callbacks } = await runNode(usernameCollector, { texts, request: fakeRequest({ locales: ['de-AT', 'en'] }) });
  expect(callbacks).toMatchObject([{ output: { prompt: 'Benutzername' } }]);
});

test('keeps the name in shared state and goes on', async () => {
  const { action, shared } = await (await runNode(usernameCollector, {})).again(['demo']);
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
  expect(shared).toEqual({ username: 'demo' });
});

test('tells what browsers may fill in, in any version', async () => {
  const config = { autocompleteValues: ['username', 'webauthn'] };
  for (const version of ['1.0', '2.0']) {
    const { callbacks } = await runNode(usernameCollector, { version, config });
    expect(callbacks[0]?.output).toEqual({ prompt: 'User Name', ...config });
  }
  const wrong = runNode(usernameCollector, { config: { autocompleteValues: ['user name'] } });
  await expect(wrong).rejects.toThrow(/Must be a word of the HTML standard/);
});

test('shows the name that is known, to be kept or changed, from version 2.0 on', async () => {
  const given = { config: { prepopulate: true }, state: { username: 'demo' } };
  const known = await runNode(usernameCollector, given);
  expect(known.callbacks[0]?.input).toEqual({ '': 'demo' });
  expect((await known.again([undefined])).shared.username).toBe('demo');
  expect((await known.again(['other'])).shared.username).toBe('other');
  for (const other of [
    { ...given, version: '1.0' },
    { ...given, config: {} },
    { ...given, state: {} },
  ]) {
    expect((await runNode(usernameCollector, other)).callbacks[0]?.input).toEqual({ '': '' });
  }
});
