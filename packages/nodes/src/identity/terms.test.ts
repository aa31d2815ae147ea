import { fakeRequest, memoryIdentities, runNode, simulatedClock, TEST_START } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { realmServices } from '../testing/realm-services.ts';
import { acceptTermsAndConditions } from './accept-terms-and-conditions.node.ts';
import { termsAndConditionsDecision } from './terms-and-conditions-decision.node.ts';

const versions = [
  { version: '1', termsTranslations: { en: 'Old terms' }, createDate: '2025-01-01T00:00:00Z' },
  { version: '2', termsTranslations: { en: 'New terms', de: 'Neue Bedingungen' }, createDate: '2026-01-01T00:00:00Z' },
];
const terms = (active: string) => realmServices({ 'selfservice.terms': { active, versions } });

describe('accepting', () => {
  const run = (selfService = terms('2'), locales = ['en']) =>
    runNode(acceptTermsAndConditions, {
      ports: { clock: simulatedClock(TEST_START), selfService },
      request: fakeRequest({ locales }),
    });

  test.each([
    ['there are none', realmServices()],
    ['the active version is none of them', terms('3')],
  ])('fails where %s', async (_what, selfService) => {
    await expect(run(selfService)).rejects.toThrow('Terms configuration not found');
  });

  test.each([
    [['en'], 'New terms'],
    [['de-AT'], 'Neue Bedingungen'],
    [['ja'], 'New terms'],
  ])('shows those in force to a reader of %j', async (locales, text) => {
    expect((await run(terms('2'), locales)).callbacks).toEqual([
      {
        type: 'TermsAndConditionsCallback',
        output: { version: '2', terms: text, createDate: '2026-01-01T00:00:00Z' },
        input: { '': false },
      },
    ]);
  });

  test('asks again until they are accepted', async () => {
    const { callbacks, state } = await (await run()).again([false]);
    expect(callbacks).toMatchObject([{ output: { version: '2' } }]);
    expect(state).toEqual({});
  });

  test('keeps what was accepted, and when', async () => {
    const { action, shared } = await (await run()).again(['true']);
    expect(action).toMatchObject({ outcome: 'outcome' });
    expect(shared).toEqual({ termsAccepted: { termsVersion: '2', acceptDate: '2026-01-15T12:00:00.000Z' } });
  });

  test('is of the version that was shown, whatever has come into force since', async () => {
    const shown = (await run(terms('1'))).callbacks;
    const { shared } = await runNode(acceptTermsAndConditions, {
      ports: { clock: simulatedClock(), selfService: terms('2') },
      sent: shown,
      answers: [true],
    });
    expect(shared.termsAccepted).toMatchObject({ termsVersion: '1' });
  });
});

describe('deciding', () => {
  const users = {
    demo: { 'termsAccepted/termsVersion': ['1'], mail: ['demo@example.org'] },
    fresh: {},
  };
  const decide = (state: Record<string, unknown>, selfService = terms('2'), config = {}) =>
    runNode(termsAndConditionsDecision, { ports: { identities: memoryIdentities(users), selfService }, config, state });

  test('fails where nobody is named', async () => {
    await expect(decide({})).rejects.toThrow('userName not present in state');
  });

  test('fails for a user who does not exist', async () => {
    await expect(decide({ username: 'nobody' })).rejects.toThrow('Failed to retrieve existing object');
  });

  test.each([
    ['an older version', 'demo', terms('2'), 'false'],
    ['the version in force', 'demo', terms('1'), 'true'],
    ['none', 'fresh', terms('1'), 'false'],
    ['none, where there are no terms', 'fresh', realmServices(), 'true'],
  ])('%s was accepted: %4$s', async (_what, username, selfService, outcome) => {
    expect((await decide({ username }, selfService)).action).toMatchObject({ outcome });
  });

  test('finds the user by another attribute', async () => {
    const state = { objectAttributes: { mail: 'demo@example.org' } };
    const { action } = await decide(state, terms('1'), { identityAttribute: 'mail' });
    expect(action).toMatchObject({ outcome: 'true' });
  });
});
