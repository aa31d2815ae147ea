import { FAILURE, SUCCESS } from '@assent/engine/host';
import { expect, test } from 'vitest';
import { parseTreeExport } from './tree-export.ts';

const PAGE = '8A7B0C52-93CF-4C1E-9DF0-5B1E6C4D2A11';
const CHILD = '0f6a1c52-7f0e-4b0b-9f2d-000000000001';

const single = (more: object = {}) => ({
  meta: { originAmVersion: '8.0.1' },
  tree: {
    _id: 'Login',
    description: null,
    treeTimeout: null,
    identityResource: 'null',
    enabled: true,
    entryNodeId: PAGE,
    nodes: {
      [PAGE]: { nodeType: 'PageNode', displayName: 'Page', version: '1.0', x: 1.5, connections: { outcome: SUCCESS } },
    },
    staticNodes: { startNode: { x: 1, y: 2 } },
    uiConfig: { categories: '["Authentication"]' },
  },
  nodes: {
    [PAGE]: {
      _id: PAGE,
      _type: { _id: 'PageNode' },
      _outcomes: [],
      nodes: [{ _id: CHILD, nodeType: 'UsernameCollectorNode' }],
      stage: null,
    },
  },
  innerNodes: { [CHILD]: { _id: CHILD, _type: { _id: 'UsernameCollectorNode' } } },
  scripts: { s1: {} },
  ...more,
});

test('a file with one journey, as frodo writes it', () => {
  expect(parseTreeExport(single())).toEqual([
    {
      name: 'Login',
      tree: expect.objectContaining({ entryNodeId: PAGE, enabled: true, innerTreeOnly: false }),
      nodes: {
        [PAGE]: { id: PAGE, type: 'PageNode', config: { nodes: [{ _id: CHILD, nodeType: 'UsernameCollectorNode' }] } },
        [CHILD]: { id: CHILD, type: 'UsernameCollectorNode', config: {} },
      },
      scripts: [{ id: 's1', obstacle: undefined, caveat: undefined }],
    },
  ]);
});

test('a script that this server cannot run is told of as such (B5)', () => {
  const file = single({ scripts: { s1: { language: 'GROOVY' }, s2: { language: 'JAVASCRIPT' }, s3: null } });
  expect(parseTreeExport(file)).toMatchObject([
    { scripts: [{ obstacle: expect.stringContaining('is written in GROOVY') }, { id: 's2' }, { id: 's3' }] },
  ]);
});

const ESV_SOURCE = "outcome = systemEnv.getProperty('esv.url');";

test.each([
  ['base64', btoa(ESV_SOURCE)],
  ['clear text as JSON', JSON.stringify(ESV_SOURCE)],
  ['a list of lines', ['// first', ESV_SOURCE]],
])('a script that asks for values of esv has a caveat where its text is %s', (_form, script) => {
  const file = single({ scripts: { s1: { script }, s2: { script: btoa("outcome = 'true';") } } });
  expect(parseTreeExport(file)).toMatchObject([
    { scripts: [{ caveat: expect.stringContaining('asks systemEnv for values of esv') }, { caveat: undefined }] },
  ]);
});

test('old files spell the nodes inside pages without a capital', () => {
  const { innerNodes, ...rest } = single();
  expect(parseTreeExport({ ...rest, innernodes: innerNodes })).toEqual(parseTreeExport(single()));
});

test('a file with several journeys; one without a name goes by its key', () => {
  const stub = { tree: { entryNodeId: FAILURE, nodes: {} } };
  const { meta: _, ...login } = single();
  expect(parseTreeExport({ meta: {}, trees: { Stub: stub, Login: login } })).toMatchObject([
    { name: 'Stub' },
    { name: 'Login' },
  ]);
});

test.each([
  [[], 'It has to hold one JSON object.'],
  [{ script: {} }, 'It has neither "tree" nor "trees", as an export has.'],
  [{ trees: [] }, 'trees has to be an object of journeys by name.'],
  [{ trees: { A: 1 } }, 'trees.A: it has to be an object.'],
  [{ trees: { A: { tree: 1 } } }, 'trees.A: tree has to be an object.'],
  [{ tree: { entryNodeId: 'x', nodes: {} } }, 'tree._id has to be the name of the journey.'],
  [{ tree: { _id: 'A', nodes: {} } }, expect.stringMatching(/^tree\.entryNodeId: /)],
  [{ tree: { _id: 'A', entryNodeId: 'x', nodes: { n: {} } } }, expect.stringMatching(/^tree\.nodes\.n\.nodeType: /)],
  [single({ nodes: 7 }), 'nodes has to be an object of nodes by id.'],
  [single({ nodes: { a: null } }), 'nodes.a: it has to be an object.'],
  [single({ innerNodes: { a: {} } }), 'innerNodes.a: _type._id has to name the type of the node.'],
])('%j is refused by the member that is wrong', (file, reason) => {
  expect(parseTreeExport(file)).toEqual({ reason });
});

test('a node keeps the version that its file says, and one that is none is told (spec: webauthn §10.7)', () => {
  const versioned = (version: unknown) => ({
    [PAGE]: { _id: PAGE, _type: { _id: 'PageNode', name: 'Page Node', version }, nodes: [] },
  });
  const configOf = (version: unknown) => {
    const trees = parseTreeExport(single({ nodes: versioned(version) }));
    return 'reason' in trees ? trees.reason : trees[0]?.nodes[PAGE]?.config;
  };
  expect(configOf('2.0')).toEqual({ nodes: [], _type: { _id: 'PageNode', version: '2.0' } });
  for (const first of ['1.0', null, undefined]) expect(configOf(first)).toEqual({ nodes: [] });
  expect(configOf(2)).toBe(`nodes.${PAGE}: _type.version has to be a version, such as 2.0.`);
});

test('nodes keep their ids, also names that every object inherits', () => {
  const inner = JSON.parse(`{ "__proto__": { "_type": { "_id": "A" } }, "constructor": { "_type": { "_id": "B" } } }`);
  const [found] = parseTreeExport(single({ innerNodes: inner })) as readonly { readonly nodes: object }[];
  expect(Object.keys(found?.nodes ?? {})).toEqual([PAGE, '__proto__', 'constructor']);
});
