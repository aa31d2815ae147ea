import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { checkTrees } from '@assent/engine/host';
import { nodeCatalogue } from '@assent/nodes';
import { type JsonObject, parseTreeExport } from '@assent/wire';
import { expect, test } from 'vitest';
import { treeOfAcrIn } from '../clients/acr-classes.ts';
import { acrProblems } from '../clients/acr-problems.ts';
import { equipmentOf } from './realm-equipment.ts';
import { toPublishedTree } from './shipped-journey.ts';
import { shippedJourneys } from './shipped-journeys.ts';

const trees = shippedJourneys.map((journey) => ({ ...toPublishedTree('/', journey), version: 1 }));

/** All that a check has to say of our own journeys: what the example leaves to the user is left there knowingly. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  PushLogin: [
    'J-P1',
    'J06 Push Sender SKIPPED',
    'J06 MFA Registration Options skipOutcome',
    'J06 Opt-out Multi-Factor Authentication outcome',
  ],
  PushLoginBasic: [
    'J04 Push Sender SENT',
    'J06 Push Sender SKIPPED',
    'J06 MFA Registration Options skipOutcome',
    'J06 Opt-out Multi-Factor Authentication outcome',
  ],
  Login: [],
  ldapService: [],
  AddPhone: ['J-P1', 'J06 Push Registration successOutcome'],
  AddPasskey: ['J-P1', 'J06 New passkey success'],
  PasskeyLogin: ['J-P1'],
  StepUp: ['J-P1'],
  PushStepUp: ['J-P1'],
  PasskeyStepUp: [],
  AdminLogin: [],
};

test.each(Object.entries(EXPECTED))('a check finds in %s what it is known for', (name, expected) => {
  const findings = checkTrees({ trees, catalogue: nodeCatalogue, only: [name] });
  expect(findings.map((it) => [it.code, it.displayName, it.outcome].filter(Boolean).join(' '))).toEqual(expected);
  expect(findings.every(({ code, severity }) => severity === (code === 'J-P1' ? 'info' : 'warning'))).toBe(true);
});

test('every journey that ships is looked at', () => {
  expect(shippedJourneys.map(({ name }) => name).sort()).toEqual(Object.keys(EXPECTED).sort());
});

// Realms that were made before it shipped are not given a door that somebody may have closed; this file is how they get it.
test('the example of the guide is the ldapService of every new realm (B7)', () => {
  const file = new URL('../../../../docs/guides/examples/ldapService.journey.json', import.meta.url);
  const parsed = parseTreeExport(JSON.parse(readFileSync(file, 'utf8')));
  const shipped = trees.find(({ name }) => name === 'ldapService');
  expect(parsed).toMatchObject([{ name: 'ldapService', tree: shipped?.tree, nodes: shipped?.nodes }]);
});

test.each(trees)('$name has a place of its own for each node', ({ tree }) => {
  const places = Object.values(tree.nodes).map(({ x, y }) => `${x} ${y}`);
  expect(places).toEqual(places.map(() => expect.stringMatching(/^\d+ \d+$/)));
  expect(new Set(places).size).toBe(places.length);
});

test('the same journey without a choice has nothing else to be said about it', () => {
  const [pushLogin] = trees;
  if (pushLogin === undefined) throw new RangeError('There is no journey.');
  const nodes = Object.fromEntries(
    Object.entries(pushLogin.nodes).map(([id, node]) => [
      id,
      'mandatory' in node.config ? { ...node, config: { ...node.config, mandatory: true } } : node,
    ]),
  );
  const findings = checkTrees({ trees: [{ ...pushLogin, nodes }], catalogue: nodeCatalogue });
  // What leads to the ways out is no longer given, and what they led to is no longer reached.
  expect(findings.map(({ code }) => code)).toEqual(['J-P1', 'J02', 'J17', 'J17', 'J17']);
});

/** The one that shows how the example of the documentation is wired, and says so in its description. */
const BY_TAP = 'PushLoginBasic';

test('every journey that ships asks phones for a number, but the one that is named for a tap (SEC-20)', () => {
  const asked = trees.flatMap(({ name, nodes }) =>
    Object.values(nodes)
      .filter(({ type }) => type === 'PushAuthenticationSenderNode')
      .map(({ config }) => [name, config.pushType]),
  );
  expect(asked.length).toBeGreaterThan(2);
  for (const [name, pushType] of asked)
    expect([name, pushType]).toEqual([name, name === BY_TAP ? 'DEFAULT' : 'CHALLENGE']);
  expect(shippedJourneys.find(({ name }) => name === BY_TAP)?.description).toMatch(/accept or deny/);
});

test('the journeys to the classes of a new realm prove them on every path (SEC-85)', () => {
  const [provider] = equipmentOf('/').putServices.filter(({ type }) => type === 'oauth-oidc');
  const treeOfAcr = treeOfAcrIn((provider?.config ?? {}) as JsonObject);
  expect([...treeOfAcr.keys()]).toEqual(['push', 'password', 'phr']);
  expect(acrProblems(trees, treeOfAcr, { catalogue: nodeCatalogue })).toEqual([]);
});

test.each([
  ['push', 'PushLogin'],
  ['phr', 'PasskeyLogin'],
  ['gold', 'PushLogin'],
])('no class %s is proven by %s, which lets some users in without (SEC-85)', (acr, tree) => {
  const found = acrProblems(trees, new Map([[acr, tree]]), { catalogue: nodeCatalogue });
  expect(found).toMatchObject([{ acr, tree, isThere: true }]);
});

/** What a journey of ours sets otherwise than a new node in the designer, by journey and node. */
const STATED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'PushLogin Push Registration': { verifyAfterRegister: false },
  'PushLoginBasic Push Registration': { verifyAfterRegister: false },
  'PushLoginBasic Push Sender': { pushType: 'DEFAULT' },
};

test('a node that ships has the values of its template, or states another one (SEC-49)', () => {
  const stated = new Set<string>();
  for (const { name, tree, nodes } of trees) {
    for (const [id, { type, config }] of Object.entries(nodes)) {
      const key = `${name} ${tree.nodes[id]?.displayName ?? id}`;
      const others = Object.entries(nodeCatalogue.get(type)?.template ?? {}).filter(
        ([setting, value]) => !isDeepStrictEqual(config[setting], value),
      );
      const different = Object.fromEntries(others.map(([setting]) => [setting, config[setting]]));
      // Of a recovery code, which factor it stands for is what the journey is about.
      if (type === 'RecoveryCodeCollectorDecisionNode') continue;
      expect([key, different]).toEqual([key, STATED[key] ?? {}]);
      if (others.length > 0) stated.add(key);
    }
  }
  expect([...stated].sort()).toEqual(Object.keys(STATED).sort());
});

test('codes of an app are good for one step before and after, and for ten passwords ahead, in every journey that ships (SEC-49)', () => {
  const windows = trees.flatMap(({ name, nodes }) =>
    Object.values(nodes)
      .filter(({ type }) => type === 'OathTokenVerifierNode')
      .map(({ config }) => [name, config.totpTimeSteps, config.hotpWindowSize]),
  );
  expect(windows.length).toBeGreaterThan(2);
  for (const [name, ...window] of windows) expect([name, ...window]).toEqual([name, 1, 10]);
});
