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
