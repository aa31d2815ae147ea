import { testRealm } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { keyLives } from './key-lives.ts';

const treeOf = (treeTimeout: number | undefined, nodes: object) =>
  ({ realm: '/', name: 't', version: 1, tree: { ...(treeTimeout && { treeTimeout }) }, nodes }) as never;
const cookie = (config: object) => ({ type: 'SetPersistentCookieNode', config });

test('what a key has signed is good for as long as the longest-lived of it (SEC-76)', () => {
  const usual = keyLives({ realms: [testRealm({ journeyMinutes: 5 })], trees: [] });
  expect(usual).toMatchObject({ 'auth-id': 300_000, 'submit-code': 300_000, 'persistent-cookie': 5 * 3_600_000 });
  const realms = [testRealm({ journeyMinutes: 5 }), testRealm({ realm: '/a', journeyMinutes: 20 })];
  const trees = [
    treeOf(15, { a: cookie({ maxLife: 720 }), b: cookie({}) }),
    treeOf(60, { c: { type: 'X', config: {} } }),
  ];
  expect(keyLives({ realms, trees })).toMatchObject({ 'auth-id': 3_600_000, 'persistent-cookie': 720 * 3_600_000 });
});
