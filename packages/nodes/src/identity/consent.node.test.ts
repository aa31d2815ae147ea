import { runNode, simulatedClock, TEST_START } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { realmServices } from '../testing/realm-services.ts';
import { consent } from './consent.node.ts';

const mappings = [
  { name: 'crm', displayName: 'CRM', accessLevel: 'Actual Profile', fields: [{ attribute: 'mail', title: 'Email' }] },
  { name: 'news', displayName: 'Newsletter', icon: 'mail' },
];
const run = (config = {}, given: readonly object[] | undefined = mappings) =>
  runNode(consent, {
    ports: {
      clock: simulatedClock(TEST_START),
      selfService: realmServices(given && { 'selfservice.consent': { mappings: given } }),
    },
    config,
    state: { objectAttributes: { userName: 'demo' } },
  });

test('fails where nobody has said what needs consent', async () => {
  const ports = { clock: simulatedClock(), selfService: realmServices() };
  await expect(runNode(consent, { ports })).rejects.toThrow('Unable to fetch resources that require consent');
});

test('goes on where nothing needs consent', async () => {
  const { action, shared } = await run({}, []);
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared).toEqual({ objectAttributes: { userName: 'demo' } });
});

test('asks for each recipient', async () => {
  const { callbacks } = await run({ message: { en: 'We share data.' } });
  expect(callbacks).toEqual([
    {
      type: 'ConsentMappingCallback',
      output: {
        name: 'crm',
        displayName: 'CRM',
        icon: null,
        accessLevel: 'Actual Profile',
        isRequired: false,
        message: 'We share data.',
        fields: [{ attribute: 'mail', title: 'Email' }],
      },
      input: { '': false },
    },
    expect.objectContaining({ output: expect.objectContaining({ name: 'news', icon: 'mail', fields: [] }) }),
  ]);
  expect((await run()).callbacks[0]?.output.message).toBe('Privacy & Consent.');
});

test('keeps what was agreed to, and when, beside what was collected', async () => {
  const { action, shared } = await (await run()).again([true, false]);
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared.objectAttributes).toEqual({
    userName: 'demo',
    consentedMappings: [{ consentDate: '2026-01-15T12:00:00.000Z', mapping: 'crm' }],
  });
});

test('takes no for an answer', async () => {
  const { action, shared } = await (await run()).again([false, false]);
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared).toEqual({ objectAttributes: { userName: 'demo' } });
});

test('asks again until all is agreed to, where all is required', async () => {
  const again = await (await run({ allRequired: true })).again([true, false]);
  expect(again.callbacks).toMatchObject([{ output: { isRequired: true } }, { output: { isRequired: true } }]);
  expect((await again.again([true, true])).action).toMatchObject({ outcome: 'outcome' });
});

test('asks again where the recipients are others by now', async () => {
  const shown = (await run()).callbacks;
  const selfService = realmServices({ 'selfservice.consent': { mappings: [...mappings].reverse() } });
  const { callbacks, state } = await runNode(consent, {
    ports: { clock: simulatedClock(), selfService },
    sent: shown,
    answers: [true, true],
  });
  expect(callbacks.map(({ output }) => output.name)).toEqual(['news', 'crm']);
  expect(state).toEqual({});
});
