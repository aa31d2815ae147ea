import { SUCCESS } from '@assent/engine/host';
import { journeyHarness, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { setSuccessUrl } from './set-success-url.node.ts';

test('settings refuse no address', async () => {
  await expect(runNode(setSuccessUrl, { config: { successUrl: '' } })).rejects.toThrow('successUrl');
});

test.each(['/welcome', 'https://elsewhere.example/'])(
  'leaves the address %s for the end of the journey',
  async (successUrl) => {
    const state = { successUrl: '/before' };
    const { action, shared } = await runNode(setSuccessUrl, { config: { successUrl }, state });
    expect(action).toEqual({ kind: 'goTo', outcome: 'outcome' });
    expect(shared).toEqual({ successUrl });
  },
);

test('comes before what the caller and the realm say (spec: journeys-rest §1.11)', async () => {
  const it = journeyHarness({
    nodes: [usernameCollector, setSuccessUrl],
    trees: {
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'UsernameCollectorNode', to: { outcome: 'set' } },
          set: {
            type: 'SetSuccessUrlNode',
            config: { successUrl: 'https://elsewhere.example/' },
            to: { outcome: SUCCESS },
          },
        },
      },
    },
    users: { demo: {} },
  });
  const step = await it.begin('Login', { goto: '/a', gotoOnFail: '/b' });
  expect(await it.answer(step, 'demo')).toMatchObject({ successUrl: 'https://elsewhere.example/' });
});
