import type { PublishedTree } from '@assent/engine/host';
import { expect, test } from 'vitest';
import { SharedUsers } from './shared-users.ts';

const treeOf = (realm: string, name: string, nodes: Readonly<Record<string, object>>): PublishedTree =>
  ({
    realm,
    name,
    version: 1,
    tree: { entryNodeId: 'a', enabled: true, nodes: {} },
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, config]) => [id, { id, type: id.replace(/\d/g, ''), config }]),
    ),
  }) as unknown as PublishedTree;

const values: Readonly<Record<string, string>> = { 'esv.visitor': 'Kiosk' };
const usersOf = (trees: PublishedTree[]) => {
  const configuration = { version: 1, trees: (realm: string) => trees.filter((tree) => tree.realm === realm) };
  const shared = new SharedUsers(configuration, () => (name) => {
    const text = values[name];
    return text === undefined ? undefined : { kind: 'plain', text };
  });
  return {
    publish: (tree: PublishedTree) => {
      trees.push(tree);
      configuration.version += 1;
    },
    withdraw: () => {
      trees.length = 0;
      configuration.version += 1;
    },
    isShared: (username: string, { realm = '/shop', NodeType = '' } = {}) =>
      shared.isUserOf({ realm, username, properties: { NodeType } }),
  };
};

test('a user is shared where a tree of the realm maps visitors to the name, in any case', () => {
  const { isShared } = usersOf([
    treeOf('/shop', 'Guest', { AnonymousUserNode: {} }),
    treeOf('/shop', 'Kiosk', {
      AnonymousUserNode1: { anonymousUserName: 'Visitor' },
      AnonymousUserNode2: { anonymousUserName: '&{esv.visitor}' },
      UsernameCollectorNode: { anonymousUserName: 'jane' },
    }),
    treeOf('/other', 'Guest', { AnonymousUserNode: { anonymousUserName: 'jane' } }),
  ]);
  expect(['anonymous', 'ANONYMOUS', 'visitor', 'kiosk', 'jane'].map((name) => isShared(name))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
  expect(isShared('jane', { realm: '/other' })).toBe(true);
  expect(isShared('anonymous', { realm: '/other' })).toBe(false);
});

test('settings that cannot be read share no user, and hide no other node', () => {
  const { isShared } = usersOf([
    treeOf('/shop', 'Guest', {
      AnonymousUserNode1: { anonymousUserName: 7 },
      AnonymousUserNode2: { anonymousUserName: '' },
      AnonymousUserNode3: { anonymousUserName: 'visitor' },
    }),
  ]);
  expect([isShared('visitor'), isShared('7'), isShared('')]).toEqual([true, false, false]);
});

test('a new version of the configuration counts at once', () => {
  const { isShared, publish, withdraw } = usersOf([]);
  expect(isShared('anonymous')).toBe(false);
  publish(treeOf('/shop', 'Guest', { AnonymousUserNode: {} }));
  expect(isShared('anonymous')).toBe(true);
  withdraw();
  expect(isShared('anonymous')).toBe(false);
});

test('a session whose visitor was mapped is of a shared user also where no tree names the user any more', () => {
  const { isShared } = usersOf([]);
  expect(isShared('kiosk', { NodeType: 'Anonymous|' })).toBe(true);
  expect(isShared('kiosk', { NodeType: 'AuthenticatorPush|Anonymous|' })).toBe(true);
  expect(isShared('kiosk', { NodeType: 'AuthenticatorPush|' })).toBe(false);
});
