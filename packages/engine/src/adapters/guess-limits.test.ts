import { expect, test } from 'vitest';
import { z } from 'zod';
import { isSignIn } from '../model/audit.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { fakeRequest, journeyHarness } from '../testing/index.ts';
import { knownSources } from './guess-limits.ts';

/** As one that says who came is: it proves nothing. */
const names = defineNode({
  type: 'Names',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  async process({ journey, goTo }) {
    journey.identifyByName('demo');
    return goTo('outcome');
  },
});

// A stranger who runs such a journey would lift the locks that keep strangers out (docs/adr/0039).
test.each([
  ['known', {}, false, true],
  ['not known where the caller wants no session', { noSession: true }, false, false],
  ['not known where the journey makes none', {}, true, false],
])('an address that a journey has ended at is %s (A6, SEC-57)', async (_what, parameters, noSession, known) => {
  const it = journeyHarness({
    nodes: [names],
    trees: {
      Login: { entry: 'names', nodes: { names: { type: 'Names', to: { outcome: SUCCESS } } }, settings: { noSession } },
    },
    users: { demo: {} },
  });
  await it.start(undefined, parameters, fakeRequest({ clientAddress: '192.0.2.9' }));
  const ends = it.store.audit.filter(({ event }) => event === 'JOURNEY_END');
  expect(ends).toHaveLength(1);
  const isKnown = knownSources({ page: async () => ends.filter(isSignIn) as never }, it.clock);
  expect(await isKnown(ends[0]?.userId ?? '', '192.0.2.9')).toBe(known);
});
