import { confirmationCallback, textOutputCallback } from '@assent/engine';
import { TextCatalogue } from '@assent/engine/host';
import { fakeRequest, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { message } from './message.node.ts';

test.each(['message', 'messageYes', 'messageNo'])(
  'settings refuse a locale that does not exist in %s',
  async (name) => {
    await expect(runNode(message, { config: { [name]: { qq_QQ: 'x' } } })).rejects.toThrow('Invalid locale provided');
  },
);

test('asks with bundled texts where the author gave none', async () => {
  const { callbacks, shared } = await runNode(message, {});
  expect(callbacks).toEqual([
    textOutputCallback({ message: 'Default message', messageType: 0 }),
    confirmationCallback({ options: ['Yes', 'No'], defaultOption: 1 }),
  ]);
  expect(shared).toEqual({});
});

test('asks in the reader’s language: the author’s, the realm’s, the first, ours', async () => {
  const config = { message: { fr: 'Bonjour', de: 'Hallo' }, messageYes: { de: 'Ja' }, messageNo: { de: 'Nein' } };
  const texts = new TextCatalogue(new Map([['ja', { 'MessageNode.yes': 'はい' }]]));
  const shown = async (locale: string, more = {}) => {
    const { callbacks } = await runNode(message, {
      config,
      texts,
      request: fakeRequest({ locales: [locale] }),
      ...more,
    });
    return [callbacks[0]?.output.message, ...((callbacks[1]?.output.options ?? []) as string[])];
  };
  expect(await shown('de')).toEqual(['Hallo', 'Ja', 'Nein']);
  expect(await shown('es', { realm: { locale: 'de' } })).toEqual(['Hallo', 'Ja', 'Nein']);
  expect(await shown('es')).toEqual(['Bonjour', 'Ja', 'Nein']);
  expect(await shown('ja', { config: {} })).toEqual(['Default message', 'はい', 'No']);
});

test.each([
  [0, 'true'],
  [1, 'false'],
])('button %i leads to %s', async (button, outcome) => {
  const { action, shared } = await (await runNode(message, {})).again([undefined, button]);
  expect(action).toMatchObject({ kind: 'goTo', outcome });
  expect(shared).toEqual({});
});

test('keeps the button in shared state where the author wants it', async () => {
  const first = await runNode(message, { config: { stateField: 'consent' } });
  expect(first.shared).toEqual({ consent: null });
  expect((await first.again([undefined, 1])).shared).toEqual({ consent: 1 });
});
