import { describe, expect, test } from 'vitest';
import { FAILURE, SUCCESS, type TreeDocument } from '../model/tree.ts';
import { checkTrees } from './check-trees.ts';
import { type WiredNodes as Nodes, wiredTree as tree, type WiredNode, wiredNodes } from './testing/wired-nodes.ts';

type Settings = Partial<TreeDocument>;

/** What is found, as `code severity node outcome`. */
const found = (...trees: readonly ReturnType<typeof tree>[]) =>
  checkTrees({ trees, catalogue: wiredNodes }).map(({ code, severity, tree: name, nodeId, outcome }) =>
    [code, severity, ...(trees.length > 1 ? [name] : []), nodeId, outcome].filter(Boolean).join(' '),
  );
const foundIn = (entry: string, nodes: Nodes, settings: Settings = {}) => found(tree('T', entry, nodes, settings));

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

describe('journeys in journeys', () => {
  const outer = (name: string, to: Record<string, string> = { true: SUCCESS, false: FAILURE }) =>
    tree('Outer', 'ask', {
      ask: { type: 'Ask', to: { outcome: 'run' } },
      run: { type: 'Inner', config: { tree: name }, to },
    });
  const proving = (mandatory: boolean, settings: Settings = {}) =>
    tree(
      'Factor',
      'ring',
      {
        ring: { type: 'Ring', config: { mandatory }, to: { sent: 'wait', ...(mandatory ? {} : { skipped: SUCCESS }) } },
        wait: { type: 'Wait', to: { outcome: 'verify' } },
        verify: { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } },
      },
      settings,
    );

  test('one that is asked for by a back channel, and is missing, switched off, or runs inside others alone', () => {
    const asking = tree('Ask', 'ask', {
      ask: { type: 'AsksElsewhere', config: { tree: 'Factor' }, to: { outcome: SUCCESS } },
    });
    expect(found(asking)).toEqual(['J13 error ask']);
    expect(found(asking, proving(true, { enabled: false }))).toContain('J13 error Ask ask');
    expect(found(asking, proving(true, { innerTreeOnly: true }))).toContain('J13 error Ask ask');
    // Who asks also supplies what the journey needs.
    expect(found(asking, proving(true, { transactionalOnly: true }))).toEqual([]);
  });

  test('one that is missing, switched off, or that runs the other in turn', () => {
    expect(found(outer('Gone'))).toEqual(['J13 error run']);
    expect(found(outer('Factor'), proving(true, { enabled: false }))).toEqual(['J13 error Outer run']);
    const back = tree('Back', 'run', {
      run: { type: 'Inner', config: { tree: 'Outer' }, to: { true: SUCCESS, false: FAILURE } },
    });
    expect(found(outer('Back'), back)).toEqual(['J13 error Outer run', 'J13 error Back run']);
    expect(found(outer('Outer'))).toEqual(['J13 error run']);
  });

  test('what it needs comes from the journey around it', () => {
    expect(found(outer('Factor'), proving(true))).toEqual([]);
    expect(found(proving(true))).toEqual(['J03 error ring']);
    expect(found(proving(true, { innerTreeOnly: true }))).toEqual([]);
    const nameless = tree('Outer', 'run', {
      run: { type: 'Inner', config: { tree: 'Factor' }, to: { true: SUCCESS, false: FAILURE } },
    });
    expect(found(nameless, proving(true))).toEqual(['J03 error Outer run']);
  });

  test('what it supplies hangs on how it ends', () => {
    const asks = tree('Asks', 'decide', {
      decide: { type: 'Decide', to: { yes: 'ask', no: FAILURE } },
      ask: { type: 'Ask', to: { outcome: SUCCESS } },
    });
    const then = (end: string) =>
      tree('Outer', 'run', {
        run: { type: 'Inner', config: { tree: 'Asks' }, to: { true: FAILURE, false: FAILURE, [end]: 'ring' } },
        ring: { type: 'Ring', config: { mandatory: true }, to: { sent: FAILURE } },
      });
    expect(found(then('true'), asks)).toEqual([]);
    expect(found(then('false'), asks)).toEqual(['J03 error Outer ring']);
  });

  test('its Success counts as a second factor only if every way there proves one', () => {
    expect(found(outer('Factor'), proving(true))).toEqual([]);
    expect(found(outer('Factor'), proving(false))).toEqual([
      'J06 warning Outer run true',
      'J06 warning Factor ring skipped',
    ]);
    expect(found(outer('Factor', { true: SUCCESS, false: SUCCESS }), proving(true))).toEqual([
      'J06 warning Outer run false',
    ]);
  });

  test('a loop around one that rings, rings', () => {
    expect(found(outer('Factor', { true: SUCCESS, false: 'run' }), proving(true))).toEqual([
      'J04 warning Outer run false',
    ]);
  });

  test('a loop around one that asks nobody spins', () => {
    const silent = tree('Silent', 'decide', { decide: { type: 'Decide', to: END } });
    expect(found(outer('Silent', { true: SUCCESS, false: 'run' }), silent)).toEqual(['J05 error Outer run']);
  });

  test('only those that are asked for are told of, with a look into what they run', () => {
    const trees = [outer('Factor'), proving(false)];
    const told = checkTrees({ trees, catalogue: wiredNodes, only: ['Outer', 'Nothing'] });
    expect(told.map(({ code, tree: name }) => [code, name])).toEqual([['J06', 'Outer']]);
    expect(checkTrees({ trees, catalogue: wiredNodes, only: ['Factor'] }).map(({ code }) => code)).toEqual(['J06']);
  });

  test('a thousand journeys in one another are no trouble', () => {
    const chain = Array.from({ length: 1_000 }, (_, at) =>
      tree(`T${at}`, 'run', {
        run: { type: 'Inner', config: { tree: `T${at + 1}` }, to: { true: SUCCESS, false: FAILURE } },
      }),
    );
    expect(found(...chain)).toEqual(['J13 error T999 run']);
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
    const told = (placeholderValue?: (name: string) => string | undefined) =>
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
    expect(told(() => 'true')).toEqual(['J02 wait', 'J17 ring']);
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
