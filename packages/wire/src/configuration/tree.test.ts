import { SUCCESS } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { formatTree, parseTree, unknownInTree } from './tree.ts';

const wired = (given: object = {}) => ({ nodeType: 'PageNode', displayName: 'Page', connections: {}, ...given });

describe('a tree from outside (spec: journeys-rest §6.1, node-census §2)', () => {
  test("has the defaults of what it leaves out, and nothing of what is null or the server's own", () => {
    const body = {
      _id: 'x',
      _rev: '1',
      _type: {},
      entryNodeId: SUCCESS,
      nodes: {},
      description: null,
      treeTimeout: null,
    };
    expect(parseTree(body)).toEqual({
      tree: {
        enabled: true,
        entryNodeId: SUCCESS,
        innerTreeOnly: false,
        mustRun: false,
        noSession: false,
        nodes: {},
        transactionalOnly: false,
      },
    });
  });

  test('keeps what nobody here knows of a wired node', () => {
    const node = wired({ version: '1.0', stray: { a: [1] }, x: 1.25, _outcomes: [{ id: 'outcome' }] });
    const parsed = parseTree({ entryNodeId: 'a', nodes: { a: { ...node, y: null } } });
    expect(parsed).toMatchObject({ tree: { nodes: { a: node } } });
    expect('tree' in parsed && Object.keys(parsed.tree.nodes.a ?? {})).not.toContain('y');
  });

  test('keeps what nobody here knows of the tree, nulls too, and names it (B5)', () => {
    const known = { entryNodeId: 'a', nodes: { a: wired({ version: 2, theme: null }) } };
    const parsed = parseTree({ ...known, stages: [{ a: null }], owner: null, _links: 1 });
    if (!('tree' in parsed)) throw new TypeError(parsed.reason);
    expect(formatTree('T', '7', parsed.tree)).toMatchObject({ ...known, stages: [{ a: null }], owner: null });
    expect(parsed.tree).not.toHaveProperty('_links');
    expect(unknownInTree(parsed.tree)).toEqual(['owner', 'stages', 'nodes.*.theme']);
  });

  test.each<[string, unknown, string, object]>([
    ['a text', 'x', 'The body must be a JSON object.', {}],
    ['nodes in a list', { nodes: [] }, 'Data validation failed for the attribute, Nodes', { attribute: 'Nodes' }],
    ['a node that is a text', { nodes: { a: 'x' } }, 'Data validation failed for the attribute, Nodes', {}],
    ['a node without a type', { entryNodeId: 'a', nodes: { a: {} } }, 'nodes.a.nodeType: ', {}],
    [
      'a connection to no id',
      { entryNodeId: 'a', nodes: { a: wired({ connections: { outcome: 7 } }) } },
      'nodes.a.connections.outcome: ',
      { attribute: 'nodes.a.connections.outcome' },
    ],
    ['half a minute', { entryNodeId: 'a', nodes: {}, treeTimeout: 0.5 }, 'treeTimeout: ', { attribute: 'treeTimeout' }],
  ])('%s is refused by name', (_, body, reason, detail) => {
    expect(parseTree(body)).toMatchObject({ reason: expect.stringContaining(reason), detail });
  });

  test('comes back as it went in', () => {
    const body = { description: 'd', enabled: false, entryNodeId: 'a', nodes: { a: wired({ x: 1, y: 2 }) } };
    const parsed = parseTree(body);
    if (!('tree' in parsed)) throw new TypeError(parsed.reason);
    expect(formatTree('My Tree', '7', parsed.tree)).toMatchObject({ _id: 'My Tree', _rev: '7', ...body });
  });
});
