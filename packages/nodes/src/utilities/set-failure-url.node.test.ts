import { FAILURE } from '@assent/engine/host';
import { journeyHarness, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { setFailureUrl } from './set-failure-url.node.ts';

test('settings refuse no address', async () => {
  await expect(runNode(setFailureUrl, { config: { failureUrl: '' } })).rejects.toThrow('failureUrl');
});

test.each(['/welcome', 'https://elsewhere.example/'])(
  'leaves the address %s for the end of the journey',
  async (failureUrl) => {
    const state = { failureUrl: '/before' };
    const { action, shared } = await runNode(setFailureUrl, { config: { failureUrl }, state });
    expect(action).toEqual({ kind: 'goTo', outcome: 'outcome' });
    expect(shared).toEqual({ failureUrl });
  },
);

test('comes before what the caller and the realm say (spec: journeys-rest §1.11)', async () => {
  const it = journeyHarness({
    nodes: [usernameCollector, setFailureUrl],
    trees: {
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'UsernameCollectorNode', to: { outcome: 'set' } },
          set: {
            type: 'SetFailureUrlNode',
            config: { failureUrl: 'https://elsewhere.example/' },
            to: { outcome: FAILURE },
          },
        },
      },
    },
    users: { demo: {} },
  });
  const step = await it.begin('Login', { goto: '/a', gotoOnFail: '/b' });
  await expect(it.answer(step, 'demo')).rejects.toMatchObject({ detail: { failureUrl: 'https://elsewhere.example/' } });
});
