import { SUCCESS } from '@assent/engine';
import { journeyHarness, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { setSuccessUrl } from './set-success-url.node.ts';

test('settings refuse no address', async () => {
  await expect(runNode(setSuccessUrl, { config: { successUrl: '' } })).rejects.toThrow('successUrl');
});

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
