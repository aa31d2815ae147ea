import { describe, expect, test } from 'vitest';
import { scriptCaveat, scriptObstacle } from '../model/script-obstacle.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import type { PlaceholderValues } from '../node/placeholders.ts';
import { checkTrees } from './check-trees.ts';
import { foundIn } from './testing/found.ts';
import { type WiredNodes as Nodes, wiredTree as tree, type WiredNode, wiredNodes } from './testing/wired-nodes.ts';

const END = { yes: SUCCESS, no: FAILURE };

test('nothing is said of a tree that is right', () => {
  const nodes: Nodes = {
    ask: { type: 'Ask', to: { outcome: 'ring' } },
    ring: { type: 'Ring', config: { mandatory: true }, to: { sent: 'wait' } },
    wait: { type: 'Wait', to: { outcome: 'verify' } },
    verify: { type: 'Verify', to: { right: SUCCESS, wrong: 'limit' } },
    limit: { type: 'Limit', to: { again: 'ring', enough: FAILURE } },
  };
  expect(foundIn('ask', nodes)).toEqual([]);
});

test('a finding names the node, the outcome, and what to do', () => {
  const nodes: Nodes = {
    ask: { type: 'Ask', to: { outcome: 'decide' } },
    decide: { type: 'Decide', to: { yes: SUCCESS } },
  };
  const published = tree('Sign in', 'ask', nodes);
  const decide = published.tree.nodes.decide;
  const named = {
    ...published.tree.nodes,
    decide: { ...decide, nodeType: 'Decide', displayName: 'Known?', connections: decide?.connections ?? {} },
  };
  const checked = { ...published, tree: { ...published.tree, nodes: named } };
  expect(checkTrees({ trees: [checked], catalogue: wiredNodes })).toEqual([
    {
      code: 'J01',
      severity: 'error',
      tree: 'Sign in',
      nodeId: 'decide',
      nodeType: 'Decide',
      displayName: 'Known?',
      outcome: 'no',
      message: 'The outcome No (no) of "Known?" is not connected, so the journey breaks off there.',
      fix: 'Connect no to a node, to Success or to Failure.',
    },
  ]);
});

describe('connections', () => {
  test('an outcome without one, one to a node that is missing, and one for an outcome that is not given', () => {
    const nodes: Nodes = {
      ask: { type: 'Ask', to: { outcome: 'ring' } },
      ring: { type: 'Ring', config: { mandatory: true }, to: { skipped: 'gone' } },
    };
    expect(foundIn('ask', nodes)).toEqual(['J01 error ring sent', 'J17 warning ring skipped']);
    const others: Nodes = {
      ask: { type: 'Ask', to: { outcome: 'decide' } },
      decide: { type: 'Decide', to: { ...END, no: 'gone' } },
    };
    expect(foundIn('ask', others)).toEqual(['J18 error decide no']);
  });

  test('of a node that cannot be reached, nothing else is said', () => {
    const nodes: Nodes = {
      ask: { type: 'Ask', to: { outcome: SUCCESS } },
      away: { type: 'Decide', to: { yes: 'gone', other: 'ask' } },
      behind: { type: 'Verify', to: { right: SUCCESS } },
    };
    expect(foundIn('ask', nodes)).toEqual(['J02 warning away', 'J02 warning behind']);
  });

  test('an outcome that is called like a member of every object is an outcome like any other', () => {
    expect(foundIn('ask', { ask: { type: 'Ask', to: { outcome: SUCCESS, constructor: SUCCESS } } })).toEqual([
      'J17 warning ask constructor',
    ]);
  });
});

test.each([
  ['nowhere', 'J19 error'],
  [SUCCESS, 'J19 error'],
  [FAILURE, 'J19 warning'],
])('a start that leads to %s', (entry, expected) => {
  expect(foundIn(entry, { ask: { type: 'Ask', to: { outcome: SUCCESS } } })).toEqual([expected]);
});

describe('values in state', () => {
  const ringing = (before: Nodes, entry: string) =>
    foundIn(entry, {
      ...before,
      ring: { type: 'Ring', config: { mandatory: true }, to: { sent: FAILURE } },
    });

  test('no path supplies it', () => {
    expect(ringing({}, 'ring')).toEqual(['J03 error ring']);
    expect(ringing({ decide: { type: 'Decide', to: { yes: 'ring', no: 'ring' } } }, 'decide')).toEqual([
      'J03 error ring',
    ]);
  });

  test('not every path supplies it', () => {
    const before: Nodes = {
      decide: { type: 'Decide', to: { yes: 'ask', no: 'ring' } },
      ask: { type: 'Ask', to: { outcome: 'ring' } },
    };
    expect(ringing(before, 'decide')).toEqual(['J03 warning ring']);
  });

  test('the way back of a loop supplies it too late for the first round', () => {
    const nodes: Nodes = {
      ring: { type: 'Ring', config: { mandatory: true }, to: { sent: 'ask' } },
      ask: { type: 'Ask', to: { outcome: 'limit' } },
      limit: { type: 'Limit', to: { again: 'ring', enough: FAILURE } },
    };
    expect(foundIn('ring', nodes)).toEqual(['J03 warning ring']);
  });

  test('an outcome that sets less supplies less', () => {
    const nodes: Nodes = {
      ask: { type: 'Ask', to: { outcome: 'ring' } },
      ring: { type: 'Ring', to: { sent: FAILURE, skipped: 'verify' } },
      verify: { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } },
    };
    expect(foundIn('ask', nodes)).toEqual(['J03 error verify']);
  });

  test('a script supplies what it names, and anything where it may set anything', () => {
    const scripted = (sets: readonly string[]) =>
      ringing({ script: { type: 'Script', config: { script: 's', sets }, to: { outcome: 'ring' } } }, 'script');
    expect(scripted(['*'])).toEqual([]);
    expect(scripted(['username'])).toEqual([]);
    expect(scripted(['mail'])).toEqual(['J03 error ring']);
  });

  test('a node of an unknown type may supply anything', () => {
    expect(ringing({ own: { type: 'Vendor', to: { done: 'ring' } } }, 'own')).toEqual(['J13 warning own']);
  });

  test('a page supplies what the nodes inside it do, from top to bottom', () => {
    const pageOf = (...types: readonly string[]): Nodes => ({
      page: {
        type: 'Page',
        inside: types.map((type, at) => ({
          id: `${at}`,
          type,
          ...(type === 'Ring' && { config: { mandatory: true } }),
        })),
        to: types.at(-1) === 'Ring' ? { sent: FAILURE } : { outcome: 'ring' },
      },
      ring: { type: 'Ring', config: { mandatory: true }, to: { sent: FAILURE } },
    });
    expect(foundIn('page', pageOf('Wait', 'Ask'))).toEqual([]);
    expect(foundIn('page', pageOf('Wait'))).toEqual(['J03 error ring']);
    expect(foundIn('page', pageOf('Ask', 'Ring'))).toEqual(['J02 warning ring']);
    expect(foundIn('page', pageOf('Wait', 'Ring'))).toEqual(['J02 warning ring', 'J03 error page']);
  });
});

describe('loops', () => {
  const asked: Nodes = { ask: { type: 'Ask', to: { outcome: 'ring' } } };
  const ring = (to: string): WiredNode => ({ type: 'Ring', config: { mandatory: true }, to: { sent: to } });

  test('one that rings a phone again and again', () => {
    const nodes: Nodes = { ...asked, ring: ring('wait'), wait: { type: 'Wait', to: { outcome: 'ring' } } };
    expect(foundIn('ask', nodes)).toEqual(['J04 warning ring sent']);
  });

  test('one that rings, with a limit: on the way back, but not round it', () => {
    const limited = (again: string, enough: string): Nodes => ({
      ...asked,
      ring: ring('wait'),
      wait: { type: 'Wait', to: { outcome: 'limit' } },
      limit: { type: 'Limit', to: { again, enough } },
    });
    expect(foundIn('ask', limited('ring', FAILURE))).toEqual([]);
    expect(foundIn('ask', limited(FAILURE, 'ring'))).toEqual(['J04 warning ring sent']);
  });

  test('one that goes back by an outcome that rings nobody', () => {
    const nodes: Nodes = {
      ...asked,
      ring: { type: 'Ring', to: { sent: FAILURE, skipped: 'wait' } },
      wait: { type: 'Wait', to: { outcome: 'ring' } },
    };
    expect(foundIn('ask', nodes)).toEqual([]);
  });

  test('one that nobody is asked in', () => {
    const nodes: Nodes = {
      ask: { type: 'Ask', to: { outcome: 'one' } },
      one: { type: 'Decide', to: { yes: SUCCESS, no: 'two' } },
      two: { type: 'Decide', to: { yes: 'one', no: FAILURE } },
      self: { type: 'Decide', to: END },
    };
    expect(foundIn('ask', nodes)).toEqual(['J02 warning self', 'J05 error one']);
    const alone: Nodes = { one: { type: 'Decide', to: { yes: SUCCESS, no: 'one' } } };
    expect(foundIn('one', alone)).toEqual(['J05 error one']);
    const ring: Nodes = Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [
        `n${at}`,
        { type: 'Decide', to: { yes: SUCCESS, no: `n${(at + 1) % 6}` } },
      ]),
    );
    expect(checkTrees({ trees: [tree('T', 'n0', ring)], catalogue: wiredNodes })).toMatchObject([
      { message: expect.stringContaining('in the loop of Decide, Decide, Decide, Decide and 2 more,') },
    ]);
  });

  test('one that waits, and one that comes to an end, spin on nothing', () => {
    const nodes: Nodes = {
      wait: { type: 'Wait', to: { outcome: 'decide' } },
      decide: { type: 'Decide', to: { yes: 'limit', no: 'wait' } },
      limit: { type: 'Limit', to: { again: 'decide', enough: FAILURE } },
    };
    expect(foundIn('wait', nodes)).toEqual([]);
  });

  test('a page asks if a node inside it does', () => {
    const looping = (type: string): Nodes => ({
      page: { type: 'Page', inside: [{ id: 'inside', type }], to: { outcome: 'page', yes: 'page', no: 'page' } },
    });
    expect(foundIn('page', looping('Wait')).filter((it) => it.startsWith('J05'))).toEqual([]);
    expect(foundIn('page', looping('Decide')).filter((it) => it.startsWith('J05'))).toEqual(['J05 error page']);
  });
});

describe('what is missing', () => {
  test('a node type, once per type, with the number of nodes', () => {
    const nodes: Nodes = {
      a: { type: 'Vendor', to: { one: 'b' } },
      b: { type: 'Vendor', to: { any: 'page' } },
      page: {
        type: 'Page',
        inside: [
          { id: 'c', type: 'Vendor' },
          { id: 'd', type: 'Other' },
        ],
        to: { x: SUCCESS },
      },
    };
    const told = checkTrees({ trees: [tree('T', 'a', nodes)], catalogue: wiredNodes });
    expect(told.map(({ nodeId, severity, message }) => [nodeId, severity, message])).toEqual([
      ['a', 'warning', expect.stringContaining('no node type Vendor; 3 nodes have it')],
      ['page', 'warning', expect.stringContaining('no node type Other; 1 node has it')],
    ]);
  });

  test('a script', () => {
    const nodes: Nodes = { script: { type: 'Script', config: { script: 'known' }, to: { outcome: SUCCESS } } };
    const told = (hasScript?: (id: string) => boolean) =>
      checkTrees({ trees: [tree('T', 'script', nodes)], catalogue: wiredNodes, ...(hasScript && { hasScript }) });
    expect(told()).toEqual([]);
    expect(told((id) => id === 'known')).toEqual([]);
    expect(told(() => false)).toMatchObject([{ code: 'J13', severity: 'error', nodeId: 'script' }]);
  });

  test('the means to run a script, which is a warning since the journey runs until there (B5)', () => {
    const nodes: Nodes = { script: { type: 'Script', config: { script: 's' }, to: { outcome: SUCCESS } } };
    const scriptObstacle = (id: string) => (id === 's' ? 'is written in GROOVY' : undefined);
    expect(checkTrees({ trees: [tree('T', 'script', nodes)], catalogue: wiredNodes, scriptObstacle })).toMatchObject([
      { code: 'J13', severity: 'warning', nodeId: 'script', message: expect.stringContaining('is written in GROOVY.') },
    ]);
  });

  test('the values of its environment, of which a script gets its own defaults, as a warning', () => {
    const nodes: Nodes = { script: { type: 'Script', config: { script: 's' }, to: { outcome: SUCCESS } } };
    const found = (source: string, language = 'JAVASCRIPT') =>
      checkTrees({
        trees: [tree('T', 'script', nodes)],
        catalogue: wiredNodes,
        scriptObstacle: () => scriptObstacle({ language }),
        scriptCaveat: () => scriptCaveat({ language, source }),
      });
    expect(found("var url = systemEnv.getProperty('esv.url');")).toMatchObject([
      {
        code: 'J13',
        severity: 'warning',
        nodeId: 'script',
        message: expect.stringContaining('asks systemEnv for values of esv, and gets its own defaults or null.'),
        fix: expect.stringContaining('&{esv.…}'),
      },
    ]);
    expect(found("outcome = 'true';")).toEqual([]);
    expect(found("systemEnv.getProperty('user.dir')")).toEqual([]);
    expect(found("systemEnv.getProperty('esv.url')", 'GROOVY')).toMatchObject([
      { message: expect.stringContaining('is written in GROOVY') },
    ]);
  });

  test('a value that another system fills in is nobody’s fault here, and one that nobody does is', () => {
    const nodes: Nodes = {
      ask: { type: 'Ask', to: { outcome: 'ring' } },
      ring: {
        type: 'Ring',
        config: { mandatory: { $bool: '&{esv.mandatory}' } },
        to: { sent: FAILURE, skipped: 'wait' },
      },
      wait: { type: 'Wait', to: {} },
    };
    const told = (placeholderValue?: PlaceholderValues) =>
      checkTrees({
        trees: [tree('T', 'ask', nodes)],
        catalogue: wiredNodes,
        ...(placeholderValue && { placeholderValue }),
      }).map(({ code, nodeId, message }) => (code === 'J20' ? message : `${code} ${nodeId}`));
    expect(told()).toEqual(['J01 wait']);
    expect(told(() => undefined)).toEqual([
      'J01 wait',
      'The settings of Ring cannot be used: mandatory: there is no value for &{esv.mandatory}.',
    ]);
    expect(told(() => ({ kind: 'secret', text: 'true' }))).toEqual([
      'J01 wait',
      expect.stringContaining('mandatory: &{esv.mandatory} is a secret'),
    ]);
    expect(told(() => ({ kind: 'plain', text: 'true' }))).toEqual(['J02 wait', 'J17 ring']);
  });

  test('settings that cannot be used, also of a node inside a page', () => {
    const at = (config: object): Nodes => ({
      ask: { type: 'Ask', to: { outcome: 'ring' } },
      ring: { type: 'Ring', config: { ...config }, to: { sent: FAILURE } },
    });
    expect(foundIn('ask', at({ mandatory: 'yes' }))).toEqual(['J20 error ring']);
    const inside = (child: string): Nodes => ({
      page: { type: 'Page', config: { nodes: [{ _id: child }] }, to: { sent: SUCCESS } },
    });
    expect(foundIn('page', inside('gone'))).toEqual(['J20 error page']);
    expect(foundIn('page', inside('page'))).toEqual(['J20 error page']);
    const faulty: Nodes = {
      page: { type: 'Page', inside: [{ id: 'r', type: 'Ring', config: { mandatory: 1 } }], to: {} },
    };
    expect(foundIn('page', faulty)).toEqual(['J20 error page']);
  });
});
