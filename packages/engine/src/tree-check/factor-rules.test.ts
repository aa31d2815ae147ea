import { describe, expect, test } from 'vitest';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { checkTrees, treeStrengths } from './check-trees.ts';
import { found, foundIn } from './testing/found.ts';
import { type WiredNodes as Nodes, wiredNodes, wiredTree } from './testing/wired-nodes.ts';

describe('ways past the second factor (SEC-36)', () => {
  const withRing = (config: object, to: Record<string, string>, more: Nodes = {}): Nodes => ({
    ask: { type: 'Ask', to: { outcome: 'ring' } },
    ring: { type: 'Ring', config: { ...config }, to },
    verify: { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } },
    ...more,
  });

  test('a skip, unless the settings take it away', () => {
    const to = { sent: 'verify', skipped: SUCCESS };
    expect(foundIn('ask', withRing({}, to))).toEqual(['J06 warning ring skipped']);
    expect(foundIn('ask', withRing({ mandatory: true }, to))).toEqual(['J17 warning ring skipped']);
  });

  test('a failure that passes', () => {
    const nodes = withRing(
      { mandatory: true },
      { sent: 'verify' },
      { verify: { type: 'Verify', to: { right: SUCCESS, wrong: SUCCESS } } },
    );
    expect(foundIn('ask', nodes)).toEqual(['J06 warning verify wrong']);
  });

  test('a path that never gets to it is named where it turns away', () => {
    const nodes: Nodes = {
      ...withRing({ mandatory: true }, { sent: 'verify' }),
      ask: { type: 'Ask', to: { outcome: 'trusted' } },
      trusted: { type: 'Decide', to: { yes: 'hello', no: 'ring' } },
      hello: { type: 'Wait', to: { outcome: SUCCESS } },
    };
    expect(foundIn('ask', nodes)).toEqual(['J06 warning trusted yes']);
  });

  test('what comes after the proof is nobody’s business', () => {
    const nodes = withRing(
      { mandatory: true },
      { sent: 'verify' },
      {
        verify: { type: 'Verify', to: { right: 'decide', wrong: FAILURE } },
        decide: { type: 'Decide', to: { yes: SUCCESS, no: SUCCESS } },
      },
    );
    expect(foundIn('ask', nodes)).toEqual([]);
  });

  test('a journey that has none is no finding', () => {
    expect(foundIn('ask', { ask: { type: 'Ask', to: { outcome: SUCCESS } } })).toEqual([]);
  });

  test('a page hands out what its last node proves', () => {
    const nodes: Nodes = {
      ask: { type: 'Ask', to: { outcome: 'ring' } },
      ring: { type: 'Ring', config: { mandatory: true }, to: { sent: 'page' } },
      page: {
        type: 'Page',
        inside: [
          { id: 'w', type: 'Wait' },
          { id: 'v', type: 'Verify' },
        ],
        to: { right: SUCCESS, wrong: SUCCESS },
      },
    };
    expect(foundIn('ask', nodes)).toEqual(['J06 warning page wrong']);
  });
});

describe('pages with a node that stands by itself (spec: webauthn §10.7)', () => {
  const second = { _type: { version: '2.0' } };
  const besideForm = (to: Record<string, string>, last: string): Nodes => ({
    page: {
      type: 'Page',
      config: second,
      inside: [
        { id: 'name', type: 'Ask' },
        { id: 'last', type: last },
        { id: 'key', type: 'Sign', config: second },
      ],
      to,
    },
    ring: { type: 'Ring', config: { mandatory: true }, to: { sent: 'verify' } },
    verify: { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } },
  });

  test('a node that stands by itself on a page proves its own outcomes, and none of the form', () => {
    const to = { 'last-outcome': 'ring', 'key-signed': SUCCESS, 'key-wrong': 'ring' };
    // The name is what the form gives, which has not been filled in where the other node was answered.
    expect(foundIn('page', besideForm(to, 'Wait'))).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^J(01|06|17)/)]),
    );
    const passed = (outcome: string) => foundIn('page', besideForm({ ...to, [outcome]: SUCCESS }, 'Wait'));
    expect(passed('last-outcome')).toContain('J06 warning page last-outcome');
    expect(passed('key-wrong')).toContain('J06 warning page key-wrong');
  });

  test('outcomes of one name are told apart by the node inside', () => {
    const to = { 'last-right': SUCCESS, 'last-wrong': FAILURE, 'key-signed': SUCCESS, 'key-wrong': SUCCESS };
    const found = foundIn('page', besideForm(to, 'Verify'));
    expect(found).toContain('J06 warning page key-wrong');
    expect(found).not.toContain('J06 warning page last-right');
    expect(found).not.toContain('J06 warning page key-signed');
  });

  test('connections that were saved without the ids of the nodes inside stand for that outcome of each of them', () => {
    const to = { right: SUCCESS, wrong: SUCCESS, signed: SUCCESS };
    const found = foundIn('page', besideForm(to, 'Verify'));
    expect(found).toEqual(expect.not.arrayContaining([expect.stringMatching(/^J(01|17)/)]));
    expect(found).toContain('J06 warning page last-wrong');
    expect(found).toContain('J06 warning page key-wrong');
  });

  test('what a form sets is not there where the other node was answered, nor the other way round', () => {
    const needs = (outcome: string) => {
      const to = { 'last-outcome': FAILURE, 'key-wrong': FAILURE, 'key-signed': FAILURE, [outcome]: 'ring' };
      return foundIn('page', besideForm(to, 'Wait')).filter((it) => it.includes('ring') && !it.includes('sent'));
    };
    expect(needs('last-outcome')).toEqual([]);
    expect(needs('key-signed')).toEqual([]);
    expect(needs('key-wrong')).not.toEqual([]);
  });
});

describe('ways round the factor that resists phishing (J-P1, WA-29)', () => {
  const verify: Nodes = { code: { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } } };
  const keyTo = (to: Record<string, string>): Nodes => ({ key: { type: 'Key', to }, ...verify });
  const messages = (nodes: Nodes, entry = 'key') =>
    checkTrees({ trees: [wiredTree('T', entry, nodes)], catalogue: wiredNodes }).flatMap(({ code, message }) =>
      code === 'J-P1' ? [message] : [],
    );

  test('are told once, with where they begin and what is asked for instead', () => {
    expect(messages(keyTo({ right: SUCCESS, wrong: 'code', absent: 'code' }))).toEqual([
      'Success is also reached by what a false page can relay: by Verify, from Key (wrong, absent) on.',
    ]);
    const earlier: Nodes = {
      ...keyTo({ right: SUCCESS, wrong: FAILURE, absent: FAILURE }),
      decide: { type: 'Decide', to: { yes: 'key', no: 'code' } },
    };
    expect(messages(earlier, 'decide')).toEqual([
      'Success is also reached by what a false page can relay: by Verify, from Decide (no) on.',
    ]);
  });

  test('where nothing is asked for instead, the way past the second factor is told, and nothing else', () => {
    const to = { right: SUCCESS, wrong: FAILURE, absent: SUCCESS };
    expect(foundIn('key', { key: { type: 'Key', to } })).toEqual(['J06 warning key absent']);
  });

  test('there are none where all others fail', () => {
    const to = { right: SUCCESS, wrong: FAILURE, absent: FAILURE };
    expect(foundIn('key', { key: { type: 'Key', to } })).toEqual([]);
  });

  test('a journey is as strong as its weakest way, also where another runs it', () => {
    const inner = (name: string, tree: string) =>
      wiredTree(name, 'run', { run: { type: 'Inner', config: { tree }, to: { true: SUCCESS, false: FAILURE } } });
    const key = (name: string, absent: string) =>
      wiredTree(name, 'key', keyTo({ right: SUCCESS, wrong: FAILURE, absent }));
    const trees = [
      key('Strict', FAILURE),
      key('Lenient', 'code'),
      key('Open', SUCCESS),
      wiredTree('Plain', 'ask', { ask: { type: 'Ask', to: { outcome: SUCCESS } } }),
      inner('AroundStrict', 'Strict'),
      inner('AroundLenient', 'Lenient'),
      inner('AroundNothing', 'Gone'),
    ];
    expect(Object.fromEntries(treeStrengths({ trees, catalogue: wiredNodes }))).toEqual({
      Strict: 'phishingResistant',
      Lenient: 'secondFactor',
      Open: 'none',
      Plain: 'none',
      AroundStrict: 'phishingResistant',
      AroundLenient: 'secondFactor',
      AroundNothing: 'none',
    });
  });
});

describe('a touch that signs in alone (J-P2)', () => {
  const to = { right: SUCCESS, wrong: FAILURE, absent: FAILURE };
  const touch = (right: string) => ({ type: 'Key', config: { touch: true }, to: { ...to, right } });
  const password = (right: string) => ({ type: 'Password', to: { right, wrong: FAILURE } });

  test.each([
    ['alone', 'key', { key: touch(SUCCESS) }],
    [
      'past a password that some give',
      'way',
      {
        way: { type: 'Decide', to: { yes: 'password', no: 'key' } },
        password: password('key'),
        key: touch(SUCCESS),
      },
    ],
    ['in a page', 'page', { page: { type: 'Page', inside: [{ id: 'k', type: 'Key', config: { touch: true } }], to } }],
  ] satisfies [string, string, Nodes][])('is found: %s', (_what, entry, nodes) => {
    expect(foundIn(entry, nodes).filter((it) => it.startsWith('J-P2'))).toEqual([
      `J-P2 warning ${entry === 'page' ? 'page' : 'key'}`,
    ]);
  });

  test.each([
    ['a password before it', 'password', { password: password('key'), key: touch(SUCCESS) }],
    ['a password behind it', 'key', { key: touch('password'), password: password(SUCCESS) }],
    ['a device that makes sure of its user', 'key', { key: { type: 'Key', to } }],
  ] satisfies [string, string, Nodes][])('is not: %s', (_what, entry, nodes) => {
    expect(foundIn(entry, nodes)).toEqual([]);
  });

  test('a journey that runs inside others is told of where they run it alone', () => {
    const tree = wiredTree('Inner', 'key', { key: touch(SUCCESS) }, { innerTreeOnly: true });
    const run = (to: string) => ({ type: 'Inner', config: { tree: 'Inner' }, to: { true: to, false: FAILURE } });
    const alone = wiredTree('Alone', 'run', { run: run(SUCCESS) });
    const both = wiredTree('Both', 'run', { run: run('password'), password: password(SUCCESS) });
    expect(found(tree, alone, both)).toEqual(['J-P2 warning Alone run']);
  });
});

test('what a node remarks of its settings is told with its name, also in a page', () => {
  const to = { right: SUCCESS, wrong: FAILURE, absent: FAILURE };
  const nodes: Nodes = { page: { type: 'Page', inside: [{ id: 'k', type: 'Key', config: { foreign: true } }], to } };
  expect(checkTrees({ trees: [wiredTree('T', 'page', nodes)], catalogue: wiredNodes })).toMatchObject([
    { code: 'J-P3', severity: 'warning', nodeId: 'page', message: 'Page (Key) is foreign.', fix: 'Take it home.' },
  ]);
});
