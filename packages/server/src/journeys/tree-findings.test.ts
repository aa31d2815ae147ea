import { Writable } from 'node:stream';
import { FAILURE } from '@assent/engine/host';
import { publishedTree } from '@assent/engine/testing';
import { nodeCatalogue } from '@assent/nodes';
import { describe, expect, test } from 'vitest';
import { createLog, type Logger } from '../platform/log.ts';
import { newRealmSettings } from '../realms/realm-defaults.ts';
import { toPublishedTree } from './shipped-journey.ts';
import { shippedJourneys } from './shipped-journeys.ts';
import {
  isFault,
  logTreeFindings,
  logTreeFindingsAtStart,
  realmsUnderCheck,
  strengthsOf,
  treeFindings,
} from './tree-findings.ts';

const settings = (path: string, treeFindings: 'warn' | 'error') => ({
  ...newRealmSettings(path, 'http://localhost:8080/am'),
  treeFindings,
});
const scripted = (realm: string) =>
  publishedTree(
    'Scripted',
    {
      entry: 'script',
      nodes: {
        script: { type: 'ScriptedDecisionNode', config: { script: 's1', outcomes: ['on'] }, to: { off: 'script' } },
      },
    },
    1,
    realm,
  );
const script = (realm: string) => ({ realm, id: 's1', language: 'JAVASCRIPT', source: '' }) as never;
const [lenient, strict] = realmsUnderCheck({
  realms: [settings('/', 'warn'), settings('/alpha', 'error')],
  trees: [scripted('/'), scripted('/alpha')],
  scripts: [script('/')],
  services: [],
});
if (lenient === undefined || strict === undefined) throw new RangeError('There are no realms.');

test('a realm is checked by its own trees and scripts, as strictly as it says', () => {
  const found = (realm: typeof lenient) =>
    treeFindings(realm, { catalogue: nodeCatalogue }).map(({ code, severity }) => `${code} ${severity}`);
  expect(found(lenient)).toEqual(['J01 error', 'J17 warning']);
  expect(found(strict)).toEqual(['J01 error', 'J13 error', 'J17 error']);
  expect(treeFindings(lenient, { catalogue: nodeCatalogue }, ['Another'])).toEqual([]);
});

describe('the outcomes of a page in version 2.0', () => {
  const inside = { name: { type: 'UsernameCollectorNode' }, password: { type: 'PasswordCollectorNode' } };
  const nodes = Object.entries(inside).map(([_id, { type: nodeType }]) => ({ _id, nodeType, displayName: nodeType }));
  const config = { _type: { _id: 'PageNode', version: '2.0' }, nodes };
  const found = (connections: Readonly<Record<string, string>>) => {
    const tree = { entry: 'page', nodes: { page: { type: 'PageNode', config, to: connections } }, inside };
    const [realm] = realmsUnderCheck({
      realms: [settings('/', 'error')],
      trees: [publishedTree('Pages', tree)],
      scripts: [],
      services: [],
    });
    if (realm === undefined) throw new RangeError('There is no realm.');
    return treeFindings(realm, { catalogue: nodeCatalogue }).filter(({ code }) => code === 'J01' || code === 'J17');
  };

  test.each(['outcome', 'password-outcome'])('may be stored as %s: no save is refused for it', (outcome) => {
    expect(found({ [outcome]: FAILURE })).toEqual([]);
  });

  test.each(['gone', 'name-outcome'])(
    'are named as stored and as the page has them where the name is wrong: %s',
    (outcome) => {
      expect(found({ 'password-outcome': FAILURE, [outcome]: FAILURE })).toEqual([
        expect.objectContaining({
          code: 'J17',
          outcome,
          message: `PageNode has no outcome ${outcome} with its settings, so the connection is never taken.`,
          fix: expect.stringContaining('<id of the node inside>-<outcome>, such as password-outcome;'),
        }),
      ]);
    },
  );
});

test('what an author should only know is no error where a realm takes what is wrong as one, and no warning at a start (J-P1)', () => {
  const trees = shippedJourneys.map((journey) => ({ ...toPublishedTree('/', journey), version: 1 }));
  const [realm] = realmsUnderCheck({ realms: [settings('/', 'error')], trees, scripts: [], services: [] });
  if (realm === undefined) throw new RangeError('There is no realm.');
  const findings = treeFindings(realm, { catalogue: nodeCatalogue }, ['PasskeyLogin']);
  expect(findings.map(({ code, severity }) => `${code} ${severity}`)).toEqual(['J-P1 info']);
  expect(findings.some(isFault)).toBe(false);
  expect(logged((log) => logTreeFindingsAtStart(log, realm, findings))).toEqual([]);
  expect(strengthsOf(realm, { catalogue: nodeCatalogue }, ['PasskeyLogin', 'Login'])).toEqual(
    new Map([
      ['PasskeyLogin', 'secondFactor'],
      ['Login', 'none'],
    ]),
  );
});

test('what a shipped journey accepts is told with its reason, and again as a fault once any of its nodes is changed (SEC-36)', () => {
  const trees = shippedJourneys.map((journey) => ({ ...toPublishedTree('/', journey), version: 1 }));
  const check = (given: typeof trees) => {
    const [realm] = realmsUnderCheck({ realms: [settings('/', 'error')], trees: given, scripts: [], services: [] });
    if (realm === undefined) throw new RangeError('There is no realm.');
    return treeFindings(realm, { catalogue: nodeCatalogue });
  };
  const accepted = check(trees).filter(({ code }) => code !== 'J-P1');
  expect(accepted.length).toBe(9);
  for (const { severity, accepted: reason } of accepted)
    expect([severity, reason]).toEqual(['info', expect.stringMatching(/^[A-Z].*\.$/)]);
  for (const name of new Set(accepted.map(({ tree }) => tree))) {
    const there = trees.find((it) => it.name === name);
    for (const id of Object.keys(there?.nodes ?? {})) {
      const changed = trees.map((it) => {
        const node = it.name === name ? it.nodes[id] : undefined;
        return node === undefined
          ? it
          : { ...it, nodes: { ...it.nodes, [id]: { ...node, config: { ...node.config, added: true } } } };
      });
      const found = check(changed).filter((it) => it.tree === name && it.code !== 'J-P1');
      expect([name, id, found.length > 0, found.every(isFault)]).toEqual([name, id, true, true]);
    }
  }
});

test('OPS-24: each node that looks users up by what its realm does not list is found, and by what it lists is not', () => {
  const types = [...nodeCatalogue]
    .filter(([, { config }]) => 'identityAttribute' in config.shape)
    .map(([type]) => type);
  const codesOf = (type: string, identityAttribute: string | undefined) => {
    const nodes = { look: { type, config: { ...(identityAttribute && { identityAttribute }) }, to: {} } };
    const [realm] = realmsUnderCheck({
      realms: [{ ...settings('/', 'warn'), indexedAttributes: ['employeeNumber', 'mail'] }],
      trees: [publishedTree('Look', { entry: 'look', nodes }, 1, '/')],
      scripts: [],
      services: [],
    });
    if (realm === undefined) throw new RangeError('There is no realm.');
    return treeFindings(realm, { catalogue: nodeCatalogue }).flatMap(({ code }) =>
      /^J2[01]$/.test(code) ? [code] : [],
    );
  };
  // Some need another setting, too, which they lack here.
  const usable = types.filter((type) => codesOf(type, undefined).length === 0);
  expect(usable.length).toBeGreaterThan(8);
  for (const type of usable) {
    expect([type, codesOf(type, 'room')]).toEqual([type, ['J21']]);
    for (const listed of [undefined, 'employeeNumber', 'mail', 'userName', 'uid', '_id']) {
      expect([type, listed, codesOf(type, listed)]).toEqual([type, listed, []]);
    }
  }
});

const logged = (write: (log: Logger) => void): readonly Record<string, unknown>[] => {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  write(createLog({ level: 'info', destination }));
  return lines;
};

test('the log has a line for each, at the level that the realm asks for', () => {
  const lines = logged((log) => {
    for (const realm of [lenient, strict])
      logTreeFindings(log, realm, treeFindings(realm, { catalogue: nodeCatalogue }), 'tx-1');
  });
  expect(lines.map(({ level, realm, journey, nodeId, code }) => [level, realm, journey, nodeId, code])).toEqual([
    ['warn', '/', 'Scripted', 'script', 'J01'],
    ['warn', '/', 'Scripted', 'script', 'J17'],
    ['error', '/alpha', 'Scripted', 'script', 'J01'],
    ['error', '/alpha', 'Scripted', 'script', 'J13'],
    ['error', '/alpha', 'Scripted', 'script', 'J17'],
  ]);
  expect(lines[0]).toMatchObject({
    msg: expect.stringContaining('is not connected'),
    nodeType: 'ScriptedDecisionNode',
    transactionId: 'tx-1',
  });
});

test('a start names errors only, and says how many warnings there are', () => {
  const lines = logged((log) => {
    for (const realm of [lenient, strict])
      logTreeFindingsAtStart(log, realm, treeFindings(realm, { catalogue: nodeCatalogue }));
  });
  expect(lines.map(({ level, realm, code, warnings }) => [level, realm, code ?? warnings])).toEqual([
    ['warn', '/', 'J01'],
    ['info', '/', 1],
    ['error', '/alpha', 'J01'],
    ['error', '/alpha', 'J13'],
    ['error', '/alpha', 'J17'],
  ]);
});

test('each node that asks an app and lists none is found at publishing, and is no error any more once one is listed (J-P6)', () => {
  const types = [...nodeCatalogue].filter(([, { config }]) => 'applicationIds' in config.shape).map(([type]) => type);
  expect(types).toEqual(['DeviceBindingNode', 'DeviceSigningVerifierNode']);
  const found = (type: string, config: object) => {
    const nodes = { ask: { type, config: { ...config }, to: {} } };
    const [realm] = realmsUnderCheck({
      realms: [settings('/', 'warn')],
      trees: [publishedTree('Ask', { entry: 'ask', nodes }, 1, '/')],
      scripts: [],
      services: [],
    });
    if (realm === undefined) throw new RangeError('There is no realm.');
    return treeFindings(realm, { catalogue: nodeCatalogue }).flatMap(({ code, severity }) =>
      code === 'J-P6' ? [severity] : [],
    );
  };
  for (const type of types) {
    for (const config of [{}, { applicationIds: [] }, { applicationIds: [''] }])
      expect(found(type, config)).toEqual(['error']);
    expect(found(type, { applicationIds: ['com.example.app'] })).toEqual([]);
  }
});
