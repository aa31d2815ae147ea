import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { identitiesAdapter } from '../adapters/identities-adapter.ts';
import { identities } from '../model/identities.ts';
import { defineNode } from '../node/node-definition.ts';
import { journeyHarness, simulatedClock } from '../testing/index.ts';
import { memoryDirectory } from '../testing/memory-ports.ts';
import { treeInLine } from '../testing/tree-in-line.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';

// A journey that has looked a user up is bound to this user (docs/adr/0138).

type Act = readonly ['identify' | 'bindTo' | 'identifyByName' | 'prove' | 'earn' | 'name', string];

const acts = defineNode({
  type: 'Acts',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({ acts: z.array(z.tuple([z.string(), z.string()])) }),
  outcomes: { outcome: 'Outcome' },
  proves: ['push'],
  uses: [identities],
  async process({ config, journey, state, ports, goTo }) {
    for (const [act, name] of config.acts as unknown as readonly Act[]) {
      const identity = await ports.identities.find(name);
      if (act === 'name') state.write('username', name);
      else if (act === 'earn') {
        state.write('authLevel', 20);
        journey.setSessionProperty('earned', name);
        journey.addSuccessDetails({ earned: name });
        journey.setMaxIdleMinutes(7);
      } else if (act === 'prove' && identity !== undefined) journey.prove(identity, 'push');
      else if (act === 'identifyByName') journey.identifyByName(name);
      else if (identity !== undefined && act !== 'prove') journey[act](identity);
    }
    return goTo('outcome');
  },
});

/** A journey with a node for each list of acts, one after the other. */
const journeyOfNodes = (...lists: readonly (readonly Act[])[]) => {
  const directory = memoryDirectory({ demo: {}, other: {} });
  return journeyHarness({
    nodes: [acts],
    trees: { Login: treeInLine(lists.map((list) => ['Acts', { acts: list }])) },
    directory,
    bindings: new Bindings().bind(identities, identitiesAdapter(directory, simulatedClock())),
  });
};

const journeyOf = (...done: readonly Act[]) => journeyOfNodes(done);

test.each<[string, readonly Act[]]>([
  [
    'the state names another',
    [
      ['bindTo', 'demo'],
      ['name', 'other'],
    ],
  ],
  [
    'a script identifies another by name',
    [
      ['bindTo', 'demo'],
      ['identifyByName', 'other'],
    ],
  ],
  [
    'another look-up finds another',
    [
      ['bindTo', 'demo'],
      ['bindTo', 'other'],
      ['name', 'other'],
    ],
  ],
  ['a user is only looked up', [['bindTo', 'demo']]],
  [
    'a user who has signed in names the one who was looked up',
    [
      ['identify', 'other'],
      ['bindTo', 'demo'],
      ['name', 'demo'],
    ],
  ],
  [
    'one user has proven a factor and another is named',
    [
      ['prove', 'demo'],
      ['name', 'other'],
    ],
  ],
  [
    'a second user has proven a factor as well',
    [
      ['prove', 'demo'],
      ['prove', 'other'],
      ['name', 'other'],
    ],
  ],
  [
    'another is named after one was identified',
    [
      ['identify', 'demo'],
      ['identifyByName', 'other'],
      ['name', 'other'],
    ],
  ],
])('a bound journey signs in nobody where %s', async (_what, done) => {
  const it = journeyOf(...done);
  await expect(it.start()).rejects.toMatchObject({ code: 'ACCOUNT_UNUSABLE' });
  expect(it.store.sessions.size).toBe(0);
});

test.each<[string, string, readonly Act[]]>([
  [
    'the bound user whom the state names',
    'demo',
    [
      ['bindTo', 'demo'],
      ['name', 'DEMO'],
    ],
  ],
  [
    'a user who is identified later',
    'other',
    [
      ['bindTo', 'demo'],
      ['identify', 'other'],
      ['name', 'other'],
    ],
  ],
  [
    'a user who was identified before',
    'other',
    [
      ['identify', 'other'],
      ['bindTo', 'demo'],
      ['name', 'other'],
    ],
  ],
])('it signs in %s', async (_what, username, done) => {
  expect(await journeyOf(...done).start()).toMatchObject({ kind: 'success', created: { session: { username } } });
});

test.each<[string, readonly Act[], object]>([
  ['of the user who was identified before', [['identify', 'other']], { AuthLevel: '0' }],
  ['of the user who was bound before', [['bindTo', 'other']], { AuthLevel: '0' }],
  ['of this user', [['identify', 'demo']], { AuthLevel: '20', earned: 'x' }],
  ['before any user was known', [], { AuthLevel: '20', earned: 'x' }],
])(
  'the level and properties %s are those of the session of the identified user or go (SEC-85)',
  async (_, first, properties) => {
    const it = journeyOf(...first, ['earn', 'x'], ['identify', 'demo'], ['name', 'demo']);
    const answer = await it.start();
    expect(answer).toMatchObject({ kind: 'success', created: { session: { username: 'demo', properties } } });
    const isKept = 'earned' in properties;
    expect('earned' in (answer as { created: { session: { properties: object } } }).created.session.properties).toBe(
      isKept,
    );
    expect(JSON.stringify((answer as { details?: object }).details ?? {}).includes('earned')).toBe(isKept);
    // How long a session may last is a bound, and no proof.
    expect(answer).toMatchObject({ created: { session: { maxIdleMillis: 420_000 } } });
  },
);

describe('the level and properties that a journey has earned under a name', () => {
  const earnedIn = async (...done: readonly (readonly Act[])[]) => {
    const answer = await journeyOfNodes(...done).start();
    if (answer.kind !== 'success' || answer.created === undefined) throw new Error('There is no session.');
    const { username, properties } = answer.created.session;
    return { username, level: properties.AuthLevel, earned: properties.earned, details: answer.details !== undefined };
  };
  const kept = { username: 'demo', level: '20', earned: 'x', details: true };
  const dropped = { username: 'demo', level: '0', earned: undefined, details: false };
  const other: readonly Act[] = [['name', 'other']];
  const demo: readonly Act[] = [['name', 'demo']];
  const earn: readonly Act[] = [['earn', 'x']];

  test.each<[string, readonly (readonly Act[])[]]>([
    ['another is named and identified', [other, earn, demo, [['identify', 'demo']]]],
    ['another is named and bound', [other, earn, demo, [['bindTo', 'demo']]]],
    ['another is named and proves a factor', [other, earn, demo, [['prove', 'demo']]]],
    ['another is named only', [other, earn, demo]],
    ['another is identified who is not named', [other, earn, [['identify', 'demo']], demo]],
    ['another proves a factor who is not named', [other, earn, [['prove', 'demo']], demo]],
    ['another is named and one more time the first', [demo, earn, other, demo]],
    ['it was earned under the name of another in the node that named him', [[...other, ...earn], demo]],
    ['another is identified by name', [other, earn, [['identifyByName', 'demo']]]],
  ])('goes where %s (SEC-85)', async (_what, done) => {
    expect(await earnedIn(...done)).toMatchObject(dropped);
  });

  test.each<[string, readonly (readonly Act[])[]]>([
    ['the user of that name is identified', [demo, earn, [['identify', 'demo']]]],
    ['the name is written otherwise', [[['name', 'DEMO']], earn, demo, [['identify', 'demo']]]],
    ['the user of that name proves a factor', [demo, earn, [['prove', 'demo']]]],
    ['it was earned before any name', [earn, other, demo, [['identify', 'demo']]]],
    ['it was earned once the user was known', [other, demo, [['identify', 'demo']], earn]],
  ])('stays where %s', async (_what, done) => {
    expect(await earnedIn(...done)).toMatchObject(kept);
  });
});
