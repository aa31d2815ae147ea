import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import { NodeFailure } from '../model/errors.ts';
import { port } from '../model/port.ts';
import { FAILURE } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { journeyHarness } from '../testing/journey-harness.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';

const phones = port<{ ask(): void }>()('phones', 'stages');

const askPhone = defineNode({
  title: 'x',
  help: 'x',
  tags: [],
  type: 'AskPhone',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  uses: [phones],
  process({ answered, ports, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined) return send(nameCallback({ prompt: 'User Name' }));
    if (name !== 'nobody asks') ports.phones.ask();
    if (name === 'broken') throw new NodeFailure('The key is lost.');
    return goTo('outcome');
  },
});

test.each([
  ['somebody', ['begun', 'begun', 'answered at an even time']],
  ['broken', ['begun', 'begun', 'answered at an even time']],
  ['nobody asks', ['begun', 'begun']],
])(
  'a request of %s is answered at an even time where it has to be, an error too (I7, SEC-59)',
  async (name, wanted) => {
    const told: string[] = [];
    const evenTimes = () => {
      told.push('begun');
      return async () => void told.push('answered at an even time');
    };
    const bindings = new Bindings().bind(phones, (unit) => ({ ask: () => unit.answerEvenly() }));
    const trees = { Login: { entry: 'ask', nodes: { ask: { type: 'AskPhone', to: { outcome: FAILURE } } } } };
    const it = journeyHarness({ nodes: [askPhone], trees, bindings, faults: { evenTimes } });
    await it.answer(await it.begin(), name).catch(() => undefined);
    expect(told).toEqual(wanted);
  },
);
