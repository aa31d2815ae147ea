import { z } from 'zod';
import { clock } from '../model/clock.ts';
import { random } from '../model/random.ts';
import { defineNode } from '../node/node-definition.ts';
import { optional, stateKey } from '../state/state-key.ts';
import { runNode } from './run-node.ts';
import { seededRandom } from './seeded-random.ts';
import { simulatedClock } from './simulated-clock.ts';

// What must not compile: it is half of what a node author relies on (style.md §2.3).

const username = stateKey.shared('username', z.string());
const counter = stateKey.ownedByNode('counter', z.int());
const undeclared = stateKey.transient('recoveryCodes', z.array(z.string()));

const node = defineNode({
  type: 'TypedNode',
  title: 'Typed',
  help: 'Shows what the compiler refuses.',
  tags: [],
  config: z.object({ limit: z.int(), label: z.string().default('x') }),
  outcomes: { Retry: 'Retry', Reject: { title: 'Reject', when: (config) => config.limit > 0 } },
  inputs: [optional(username)],
  outputs: [counter],
  uses: [clock],
  texts: { ask: 'Name' },
  errors: { lost: 'It is lost.' },
  async process({ state, ports, text, fail, goTo, config }) {
    // @ts-expect-error a setting that is not declared
    config.other;
    // @ts-expect-error a key that is not declared
    state.get(undeclared);
    // @ts-expect-error an input is not written
    state.set(username, 'demo');
    // @ts-expect-error the key holds a number
    state.set(counter, 'one');
    // @ts-expect-error an optional input may be absent
    state.get(username).length;
    // @ts-expect-error a port that is not under `uses`
    ports.random;
    // @ts-expect-error a text that is not declared
    text('asks');
    // @ts-expect-error an error that is not declared
    if (config.limit === 1) fail('losts');
    // @ts-expect-error an outcome that does not exist
    if (config.limit === 2) return goTo('Retri');
    ports.clock.now();
    return goTo('Retry');
  },
});

defineNode({
  type: 'ForgetfulNode',
  title: 'Forgetful',
  help: 'Returns nothing on one path.',
  tags: [],
  config: z.object({ on: z.boolean().default(true) }),
  outcomes: { outcome: 'Outcome' },
  // @ts-expect-error a path that returns nothing
  async process({ config, goTo }) {
    if (config.on) return goTo('outcome');
  },
});

const ports = { clock: simulatedClock() };
void runNode(node, { config: { limit: 1 }, ports });
// @ts-expect-error a port that the node uses is missing
void runNode(node, { config: { limit: 1 } });
// @ts-expect-error another port than the node uses
void runNode(node, { config: { limit: 1 }, ports: { random: seededRandom() } });
// @ts-expect-error a setting without a default is missing
void runNode(node, { config: {}, ports });
// @ts-expect-error no settings although one has no default
void runNode(node, { ports });
// @ts-expect-error a setting of the wrong type
void runNode(node, { config: { limit: 'one' }, ports });
// @ts-expect-error a setting that does not exist
void runNode(node, { config: { limit: 1, limits: 2 }, ports });

const free = defineNode({
  type: 'FreeNode',
  title: 'Free',
  help: 'Needs nothing.',
  tags: [],
  config: z.object({ on: z.boolean().default(true) }),
  outcomes: { outcome: 'Outcome' },
  uses: [],
  process: async ({ goTo }) => goTo('outcome'),
});
void runNode(free, {});
void random;
