import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

// What a file brings is held to what may be written over REST: else it brings what nobody could read or take away there, or takes
// the place of what is another realm's.

let cli: TestCli;
let alpha: string;
beforeAll(async () => {
  cli = await testCliWithData();
  await cli.run('realm', 'create', '/alpha');
  await cli.run('export', 'realm', 'alpha.json', '--realm', '/alpha');
  alpha = readFileSync(join(cli.cwd, 'alpha.json'), 'utf8');
});

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, it]) => [name, sorted(it)]),
  );
};

/** Writes the file of a realm with other members in it, whose sum is right. */
const forged = (members: object | (() => object)): string => {
  const { sha256: _, ...whole } = JSON.parse(alpha);
  const file = sorted({ ...whole, ...(typeof members === 'function' ? members() : members) }) as object;
  const sha256 = createHash('sha256').update(JSON.stringify(file)).digest('hex');
  writeFileSync(join(cli.cwd, 'forged.json'), JSON.stringify({ ...file, sha256 }));
  return 'forged.json';
};

const HOOK = { url: 'https://hook.example/' };
const TEMPLATE = { subject: { en: 'x' }, message: { en: 'y' }, defaultLocale: 'en', enabled: true, from: '' };
const SCRIPT = {
  name: 'n',
  script: 'b3V0Y29tZQ==',
  language: 'JAVASCRIPT',
  context: 'AUTHENTICATION_TREE_DECISION_NODE',
};
const NODE = { _type: { _id: 'MessageNode' } };
const own = (name: string, value: unknown) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`);
/** Of the exported file, with other settings of the realm. */
const settings = (changed: object) => () => ({ realm: { ...JSON.parse(alpha).realm, ...changed } });

test.each([
  ['a webhook without a name', { webhook: { '': HOOK } }, 'webhook.'],
  ['a webhook whose name is a path', { webhook: { '../../x': HOOK } }, 'webhook.../../x: '],
  ['a webhook with a name without end', { webhook: { ['x'.repeat(65_536)]: HOOK } }, `webhook.${'x'.repeat(64)}: `],
  ['a template whose name turns the text round', { emailTemplate: { 'a\u202eb': TEMPLATE } }, 'emailTemplate.'],
  ['a script whose id is an address', { script: { 'a/b': SCRIPT } }, 'script.a/b: '],
  ['a node whose id is an end', { nodes: { startNode: NODE } }, 'nodes.startNode: '],
  ['a node whose id is a path', { nodes: { '../n': NODE } }, 'nodes.../n: '],
  ['a tree whose name is a path', { trees: own('..', { tree: { entryNodeId: 'x', nodes: {} } }) }, 'trees...: '],
  ['a tree that begins nowhere', { trees: { T: { tree: { entryNodeId: 'x', nodes: {} }, nodes: {} } } }, 'trees.T: '],
  [
    'a tree with a node that is not there',
    {
      trees: {
        T: { tree: { entryNodeId: 'x', nodes: { x: { nodeType: 'MessageNode', connections: {} } } }, nodes: {} },
      },
    },
    'trees.T: ',
  ],
  ['names without use', settings({ aliases: ['a b'] }), 'realm.aliases.0: '],
  ['a name that stands for the root realm', settings({ aliases: ['root'] }), 'realm.aliases.0: '],
  ['more names than are looked through', settings({ aliases: Array(51).fill('a') }), 'realm.aliases: '],
  [
    'a login page that is a script',
    settings({ externalLoginPageUrl: 'javascript:alert(1)' }),
    'realm.externalLoginPageUrl: ',
  ],
  ['sessions that are over before they begin', settings({ sessionMaxMinutes: -1 }), 'realm.sessionMaxMinutes: '],
  ['journeys that never end', settings({ journeyMinutes: 1e15 }), 'realm.journeyMinutes: '],
  ['a language that is none', settings({ locale: '<script>' }), 'realm.locale: '],
  ['what nobody knows, without end', settings({ kept: { a: { b: 'x'.repeat(200_000) } } }), 'realm.kept: '],
])('%s is refused with its place (SEC-73)', async (_what, members, place) => {
  const { code, stdout, stderr } = await cli.run('import', 'realm', forged(members), '--realm', '/beta');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(`forged.json cannot be imported. ${place}`);
  expect((await cli.run('realm', 'list')).stdout).not.toContain('/beta');
});

test.each(['localhost', '127.0.0.1', 'LOCALHOST'])('no realm but the root one is reached by %s', async (alias) => {
  expect(await cli.run('import', 'realm', forged(settings({ aliases: [alias] })), '--realm', '/beta')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`another realm has the name ${alias}`),
  });
});

test.each([
  ['that is not active', settings, { active: false }, 'realm.active: the root realm stays active'],
  ['whose administrators have no tree', settings, { adminTree: 'Nowhere' }, 'could not be started (it is not there)'],
])('no file makes a root realm %s', async (_what, change, members, message) => {
  const file = forged(change(members));
  expect(await cli.run('import', 'realm', file, '--realm', '/', '--update')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(message),
  });
});

test('a pointer to a prototype, or to nowhere, changes nothing but the list of what is to be set (SEC-31, SEC-73)', async () => {
  const leftOut = ['/__proto__/polluted', '/constructor/prototype/polluted', '/service/__proto__/polluted', '', '/'];
  const file = forged({ leftOut, service: { ...JSON.parse(alpha).service, ...own('__proto__', { polluted: true }) } });
  expect(await cli.run('import', 'realm', file, '--realm', '/beta', '--dry-run')).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
