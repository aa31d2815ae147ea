import { fakeRequest, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { setFailureDetails } from './set-failure-details.node.ts';

const optionsOf = async (config: Record<string, unknown>, locales = ['en'], locale = 'en') =>
  (await runNode(setFailureDetails, { config, request: fakeRequest({ locales }), realm: { locale } })).journey
    .sessionOptions;

test('refuses a language that does not exist', () => {
  expect(setFailureDetails.config.safeParse({ failureMessage: { qq_QQ: 'x' } }).success).toBe(false);
});

test.each([{}, { failureMessage: {} }, { failureMessage: { en: ' ' } }])(
  '%j leaves the usual message',
  async (config) => {
    expect(await optionsOf(config)).not.toHaveProperty('errorMessage');
  },
);

test.each([
  [['de'], 'Heute nicht.'],
  [['ja'], 'Pas aujourd’hui.'],
])('speaks %s: %s', async (locales, text) => {
  const failureMessage = { de: 'Heute nicht.', fr: 'Pas aujourd’hui.' };
  expect((await optionsOf({ failureMessage }, locales, 'fr')).errorMessage).toBe(text);
});

test('adds its members to those of others', async () => {
  const { action, journey } = await runNode(setFailureDetails, { config: { failureDetails: { code: '42' } } });
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(journey.sessionOptions.failureDetails).toEqual({ code: '42' });
});
