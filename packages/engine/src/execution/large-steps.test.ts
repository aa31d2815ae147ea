import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback, textOutputCallback } from '../callbacks/catalogue.ts';
import { JourneyError } from '../model/errors.ts';
import { FAILURE } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { journeyHarness } from '../testing/journey-harness.ts';

const base = { title: 'x', help: 'x', tags: [] } as const;

/** Shows a text of that length, and then asks for a name. */
const shows = (length: number) =>
  defineNode({
    ...base,
    type: 'Shows',
    config: z.object({}),
    outcomes: { outcome: 'Outcome' },
    process: ({ answered, goTo, send }) =>
      answered(nameCallback) === undefined
        ? send(textOutputCallback({ message: 'x'.repeat(length), messageType: 0 }), nameCallback({ prompt: 'Name' }))
        : goTo('outcome'),
  });
const trees = { Login: { entry: 'a', nodes: { a: { type: 'Shows', to: { outcome: FAILURE } } } } };

test('a step of 512 Ki characters is shown, and a larger one ends the journey in error (REL-14)', async () => {
  const it = journeyHarness({ nodes: [shows(500 * 1_024)], trees });
  await expect(it.begin()).resolves.toMatchObject({ kind: 'step' });
  const larger = journeyHarness({ nodes: [shows(512 * 1_024)], trees });
  const error = await larger.begin().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(JourneyError);
  expect(error).toMatchObject({ code: 'NODE_FAILED', detail: { nodeType: 'Shows' } });
});

/** Holds another node, as a page does. */
const page = defineNode({
  ...base,
  type: 'Page',
  config: z.object({ nodes: z.array(z.string()), text: z.string() }),
  children: ({ nodes }) => nodes,
  outcomes: { outcome: 'Outcome' },
  process: ({ answered, goTo, send }) =>
    answered(nameCallback) === undefined ? send(nameCallback({ prompt: 'Name' })) : goTo('outcome'),
});

test.each([
  ['large', 40_000, true],
  ['small', 400, false],
])('a %s page is made in a turn of its realm, each time that it runs (SEC-93)', async (_name, characters, wanted) => {
  const turns: string[] = [];
  const it = journeyHarness({
    nodes: [page, shows(1)],
    trees: {
      Login: {
        entry: 'a',
        nodes: {
          a: { type: 'Page', config: { nodes: ['b'], text: 'x'.repeat(characters) }, to: { outcome: FAILURE } },
        },
        inside: { b: { type: 'Shows' } },
      },
    },
    faults: {
      walkTurns: async (lane) => {
        turns.push(`${lane.realm} ${lane.caller}`);
      },
    },
  });
  await it.answer(await it.begin(), 'name').catch(() => undefined);
  expect(turns.length > 1).toBe(wanted);
  for (const turn of turns) expect(turn).toBe('/ 192.0.2.7');
});
