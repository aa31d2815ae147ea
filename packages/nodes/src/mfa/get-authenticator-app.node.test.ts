import { fakeRequest, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { getAuthenticatorApp } from './get-authenticator-app.node.ts';

const messageOf = async (config: object, locales = ['en']) =>
  (await runNode(getAuthenticatorApp, { config, request: fakeRequest({ locales }) })).callbacks[0]?.output.message;

test.each(['message', 'continueLabel'])('settings refuse an unknown locale in %s', async (name) => {
  await expect(messageOf({ [name]: { nowhere_xx: 'x' } })).rejects.toThrow('Invalid locale provided');
});

test('a message that names a long link thousands of times is a failure of the node, and is not built (SEC-94)', async () => {
  const config = { message: { en: '{{appleLink}}'.repeat(2_000) }, appleLink: '&'.repeat(25_000) };
  await expect(messageOf(config)).rejects.toThrow('the text has more than 262144 characters');
});

test('shows a script with two links, and one button', async () => {
  const { callbacks } = await runNode(getAuthenticatorApp, {});
  expect(callbacks).toMatchObject([
    { type: 'TextOutputCallback', output: { messageType: 4 } },
    { type: 'ConfirmationCallback', output: { options: ['Continue'], messageType: 0, defaultOption: 0 } },
  ]);
  const script = String(callbacks[0]?.output.message);
  expect(script).toContain("document.getElementById('callback_0').innerHTML");
  expect(script.match(/Apple App Store|Google Play Store/g)).toEqual(['Apple App Store', 'Google Play Store']);
  expect(script).not.toMatch(/[Rr]ecovery [Cc]odes/);
});

test.each([
  [{ appleLink: ' ' }, /pingid\/id891247102/],
  [{ googleLink: '' }, /id\\x3Dprod|id=prod/],
  [{ appleLink: 'https://own.example/apple', googleLink: '' }, /own\.example\/apple/],
  [{ googleLink: 'https://own.example/google' }, /own\.example\/google/],
])('with links %j shows %s', async (config, address) => {
  expect(await messageOf(config)).toMatch(address);
});

test('a blank Apple link changes nothing of the other', async () => {
  expect(await messageOf({ appleLink: '', googleLink: 'https://own.example/google' })).toContain('own.example/google');
});

test('words are the author’s where there are any, the first of them where none is the reader’s', async () => {
  const config = { message: { fr: 'Ici: {{appleLink}}', de: 'Hier: {{appleLink}}' }, continueLabel: { fr: 'Suite' } };
  expect(await messageOf(config, ['de'])).toContain('Hier: ');
  expect(await messageOf(config, ['ja'])).toContain('Ici: ');
  const { callbacks } = await runNode(getAuthenticatorApp, { config });
  expect(callbacks[1]?.output.options).toEqual(['Suite']);
});

test('any answer goes on', async () => {
  const { action } = await (await runNode(getAuthenticatorApp, {})).again();
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
});
