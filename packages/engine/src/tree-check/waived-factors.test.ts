import { expect, test } from 'vitest';
import { FACTOR_KINDS, type FactorKind } from '../model/proven-factors.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { checkTrees } from './check-trees.ts';
import { found, foundIn } from './testing/found.ts';
import { type WiredNode, type WiredNodes, wiredNodes, wiredTree } from './testing/wired-nodes.ts';

// Ways to Success on which a factor is left out that the user may have (SEC-88).

const skip = (to: string, ...lacks: readonly FactorKind[]): WiredNode => ({
  type: 'GoWithout',
  config: { lacks },
  to: { skip: to, add: FAILURE },
});
const found23 = (nodes: WiredNodes, settings = {}) =>
  foundIn('start', nodes, settings).filter((it) => it.startsWith('J23'));
const messagesOf = (nodes: WiredNodes) =>
  checkTrees({ trees: [wiredTree('T', 'start', nodes)], catalogue: wiredNodes }).flatMap(({ code, message }) =>
    code === 'J23' ? [message] : [],
  );

test('a skip that looks at one kind of factor is an error, which names the kinds that it leaves out', () => {
  const nodes = { start: skip(SUCCESS, 'oath', 'webauthn') };
  expect(found23(nodes)).toEqual(['J23 error start skip']);
  expect(messagesOf(nodes)).toEqual([
    expect.stringMatching(/^The outcome Skip .*, also for a user who has a phone or a bound device\.$/),
  ]);
});

test('a skip for a user without any factor is no error, and still a way past the second factor', () => {
  expect(foundIn('start', { start: skip(SUCCESS, ...FACTOR_KINDS) })).toEqual(['J06 warning start skip']);
});

test('an outcome that has the error has no warning of the same', () => {
  expect(foundIn('start', { start: skip(SUCCESS, 'push') })).toEqual(['J23 error start skip']);
});

test('questions for each kind in turn leave none out, and the last one is named where one is missing', () => {
  const chain = (...last: readonly FactorKind[]): WiredNodes => ({
    start: skip('app', 'push'),
    app: skip('passkey', 'oath'),
    passkey: skip(SUCCESS, ...last),
  });
  expect(found23(chain('webauthn', 'binding'))).toEqual([]);
  expect(found23(chain('webauthn'))).toEqual(['J23 error passkey skip']);
});

test('of 2 ways to a skip the one that asks for less decides', () => {
  const nodes: WiredNodes = {
    start: { type: 'Decide', to: { yes: 'app', no: 'last' } },
    app: skip('last', 'oath'),
    last: skip(SUCCESS, 'push', 'webauthn', 'binding'),
  };
  expect(found23(nodes)).toEqual(['J23 error last skip']);
  expect(messagesOf(nodes)).toEqual([expect.stringMatching(/ has a code app\.$/)]);
});

test.each<[string, WiredNodes]>([
  ['leads to Failure', { start: skip(FAILURE) }],
  [
    'leads to a second factor',
    {
      start: skip('ask'),
      ask: { type: 'Ask', to: { outcome: 'verify' } },
      verify: { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } },
    },
  ],
  [
    'comes after a second factor',
    { start: { type: 'Key', to: { right: 'skip', wrong: FAILURE, absent: FAILURE } }, skip: skip(SUCCESS) },
  ],
  ['is in a journey that asks for no factor', { start: { type: 'Ask', to: { outcome: SUCCESS } } }],
])('a skip is no error where it %s', (_what, nodes) => {
  expect(found23(nodes)).toEqual([]);
});

test('a node in a loop is looked at once for each set of kinds', () => {
  const nodes: WiredNodes = {
    start: { type: 'Decide', to: { yes: 'app', no: 'ask' } },
    app: skip('start', 'oath'),
    ask: { type: 'Ask', to: { outcome: 'last' } },
    last: { ...skip(SUCCESS, 'push', 'webauthn', 'binding'), to: { skip: SUCCESS, add: 'start' } },
  };
  expect(found23(nodes)).toEqual(['J23 error last skip']);
});

test.each([
  ['1.0', 'skip'],
  ['2.0', 'last-skip'],
])('a skip inside a page of version %s counts as that of the page', (version, outcome) => {
  const page: WiredNode = {
    type: 'Page',
    config: { _type: { version } },
    inside: [
      { id: 'name', type: 'Ask' },
      { id: 'last', type: 'GoWithout', config: { lacks: ['push'] } },
    ],
    to: { [outcome]: SUCCESS, [outcome.replace('skip', 'add')]: FAILURE },
  };
  expect(found23({ start: page })).toEqual([`J23 error start ${outcome}`]);
});

test('a skip inside an inner journey is judged by what the journey around it asks for', () => {
  const inside = wiredTree('Inside', 'start', { start: skip(SUCCESS, 'push') }, { innerTreeOnly: true });
  const outside = (then: string, more: WiredNodes = {}) =>
    wiredTree('Outside', 'start', {
      start: { type: 'Inner', config: { tree: 'Inside' }, to: { true: then, false: FAILURE } },
      ...more,
    });
  const findings = (...trees: readonly ReturnType<typeof wiredTree>[]) =>
    found(...trees).filter((it) => it.startsWith('J23'));
  expect(findings(inside, outside(SUCCESS))).toEqual(['J23 error Outside start true']);
  expect(findings(inside, outside('rest', { rest: skip(SUCCESS, 'oath', 'webauthn', 'binding') }))).toEqual([]);
  expect(findings(inside, outside('rest', { rest: skip(SUCCESS, 'oath', 'binding') }))).toEqual([
    'J23 error Outside rest skip',
  ]);
});
