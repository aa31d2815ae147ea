import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configuring } from '@assent/store/testing';
import { describe, expect, test } from 'vitest';
import { type TestCli, testCli, testCliWithData } from '../testing/test-cli.ts';

/** The ends of a journey in AM's files. */
const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';

interface Node {
  readonly type: string;
  readonly config?: object;
  readonly to?: Readonly<Record<string, string>>;
}

/** A journey as an export file has it. */
const exported = (name: string, entry: string, nodes: Readonly<Record<string, Node>>, scripts: object = {}) => ({
  tree: {
    _id: name,
    entryNodeId: entry,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, { type, to = {} }]) => [
        id,
        { nodeType: type, displayName: id, connections: to },
      ]),
    ),
  },
  nodes: Object.fromEntries(
    Object.entries(nodes).map(([id, { type, config }]) => [id, { _type: { _id: type }, ...config }]),
  ),
  scripts,
});

const username: Node = { type: 'UsernameCollectorNode', to: { outcome: SUCCESS } };
const good = exported('Good', 'name', { name: username });
const deadEnd = exported('Dead', 'name', { name: { type: 'UsernameCollectorNode' } });
const runs = (name: string, inner: string) =>
  exported(name, 'run', {
    run: { type: 'InnerTreeEvaluatorNode', config: { tree: inner }, to: { true: SUCCESS, false: FAILURE } },
  });
const opted = exported('Opted', 'name', {
  name: { type: 'UsernameCollectorNode', to: { outcome: 'send' } },
  send: {
    type: 'PushAuthenticationSenderNode',
    config: { considersAllFactors: true },
    to: { SENT: FAILURE, NOT_REGISTERED: FAILURE, SKIPPED: SUCCESS },
  },
});

const phishable = exported('Phishable', 'name', {
  name: { type: 'UsernameCollectorNode', to: { outcome: 'key' } },
  key: {
    type: 'WebAuthnAuthenticationNode',
    to: { success: SUCCESS, failure: FAILURE, unsupported: FAILURE, noDevice: FAILURE, error: 'code' },
  },
  code: {
    type: 'OathTokenVerifierNode',
    to: { successOutcome: SUCCESS, failureOutcome: FAILURE, notRegisteredOutcome: FAILURE },
  },
});

const put = (cli: TestCli, file: string, content: unknown): string => {
  writeFileSync(join(cli.cwd, file), typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

describe('files that cannot be checked', () => {
  test.each([
    ['one that is not there', undefined, /^The file it\.json cannot be read\.\n {2}Try: name a file that exists\n$/],
    ['one that is no JSON', '{', /^it\.json is no JSON: /],
    ['one that is no export', [], /^it\.json is no export of journeys\. It has to hold one JSON object\.\n/],
    [
      'one with a node without a type',
      { ...good, nodes: { name: {} } },
      /nodes\.name: _type\._id has to name the type of the node\./,
    ],
  ])('%s is bad usage', async (_what, content, message) => {
    const cli = testCli();
    if (content !== undefined) put(cli, 'it.json', content);
    expect(await cli.run('journey', 'check', 'it.json')).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });

  test('none at all is bad usage', async () => {
    expect(await testCli().run('journey', 'check')).toMatchObject({
      code: 2,
      stderr: 'There is nothing to check: name files, or a realm.\n  Try: assent journey check --realm /\n',
    });
  });

  test('a module of nodes that cannot be loaded is named', async () => {
    const cli = testCli();
    cli.env.ASSENT_NODES = './missing.mjs';
    expect(await cli.run('journey', 'check', put(cli, 'good.json', good))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The module ./missing.mjs'),
    });
  });
});

describe('files', () => {
  test('a right one, without any database', async () => {
    const cli = testCli();
    expect(await cli.run('journey', 'check', put(cli, 'good.json', good))).toEqual({
      code: 0,
      stdout: 'Good: nothing found; not every way in takes a second factor\n',
      stderr: '',
    });
  });

  test('an error names the node and the fix, and is a no', async () => {
    const cli = testCli();
    const { code, stdout } = await cli.run(
      'journey',
      'check',
      put(cli, 'dead.json', deadEnd),
      put(cli, 'good.json', good),
    );
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        'Dead: 1 error; not every way in takes a second factor',
        '  error    J01  The outcome Outcome (outcome) of "name" is not connected, so the journey breaks off there.',
        '                Try: Connect outcome to a node, to Success or to Failure.',
        'Good: nothing found; not every way in takes a second factor',
        '',
      ].join('\n'),
    );
  });

  test('a warning is told and is no error, unless it is taken strictly', async () => {
    const cli = testCli();
    const file = put(cli, 'opted.json', opted);
    expect(await cli.run('journey', 'check', file)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Opted: 1 warning; .*\n {2}warning {2}J06 {2}/),
    });
    expect(await cli.run('journey', 'check', file, '--strict')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^Opted: 1 error; .*\n {2}error {4}J06 {2}/),
    });
  });

  test('a way round a passkey is told, and is no error however strictly it is taken (J-P1)', async () => {
    const cli = testCli();
    const check = (...options: readonly string[]) =>
      cli.run('journey', 'check', put(cli, 'phishable.json', phishable), ...options);
    const told =
      'Phishable: 1 info; every way in takes a second factor, and can be phished\n  info     J-P1  Success is also reached by what a false page can relay: by "code", from "key" (error) on.';
    for (const options of [[], ['--strict']])
      expect(await check(...options)).toMatchObject({ code: 0, stdout: expect.stringContaining(told) });
  });

  test('several journeys in one file, and files together, find each other', async () => {
    const cli = testCli();
    const both = put(cli, 'both.json', { trees: { Outer: runs('Outer', 'Good'), Good: good } });
    expect(await cli.run('journey', 'check', both)).toMatchObject({
      code: 0,
      stdout:
        'Outer: nothing found; not every way in takes a second factor\nGood: nothing found; not every way in takes a second factor\n',
    });
    const outer = put(cli, 'outer.json', runs('Outer', 'Good'));
    expect(await cli.run('journey', 'check', outer)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Good, which does not exist'),
    });
    expect(await cli.run('journey', 'check', outer, put(cli, 'good.json', good))).toMatchObject({ code: 0 });
  });

  test('a script is looked for in the file', async () => {
    const cli = testCli();
    const node: Node = {
      type: 'ScriptedDecisionNode',
      config: { script: 's1', outcomes: ['on'] },
      to: { on: SUCCESS },
    };
    const scripted = (scripts: object) =>
      put(cli, 'scripted.json', exported('Scripted', 'script', { script: node }, scripts));
    expect((await cli.run('journey', 'check', scripted({ s1: {} }))).code).toBe(0);
    const asking = scripted({ s1: { script: ["systemEnv.getProperty('esv.url');"] } });
    expect((await cli.run('journey', 'check', asking)).stdout).toContain('asks systemEnv for values of esv');
    expect(await cli.run('journey', 'check', scripted({}))).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the script s1, which does not exist'),
    });
  });

  test('stdin is a file like another', async () => {
    const cli = testCli();
    cli.stdin = JSON.stringify(deadEnd);
    expect((await cli.run('journey', 'check', '-')).stdout).toMatch(/^Dead: 1 error;/);
    cli.stdin = '';
    expect(await cli.run('journey', 'check', '-')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^stdin is no JSON/),
    });
  });

  test('programs read one object a line', async () => {
    const cli = testCli();
    const { code, stdout } = await cli.run(
      'journey',
      'check',
      put(cli, 'dead.json', deadEnd),
      put(cli, 'good.json', good),
      '--json',
    );
    expect(code).toBe(1);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        finding: expect.objectContaining({
          code: 'J01',
          severity: 'error',
          tree: 'Dead',
          nodeId: 'name',
          nodeType: 'UsernameCollectorNode',
          displayName: 'name',
        }),
      },
      { journey: { name: 'Dead', errors: 1, warnings: 0, infos: 0, strength: 'none' } },
      { journey: { name: 'Good', errors: 0, warnings: 0, infos: 0, strength: 'none' } },
    ]);
  });

  test('a name cannot write over the terminal', async () => {
    const cli = testCli();
    const nasty = { ...deadEnd, tree: { ...deadEnd.tree, _id: '\u001b[2JDead' } };
    expect((await cli.run('journey', 'check', put(cli, 'nasty.json', nasty))).stdout).not.toContain('\u001b');
  });
});

describe('the journeys of a realm', () => {
  const withJourneys = async (): Promise<TestCli> => {
    const cli = await testCliWithData();
    await cli.run('realm', 'create', 'alpha');
    return cli;
  };
  const strict = (cli: TestCli) =>
    cli.inStore(async (store) => {
      const realm = (await store.configuration.load()).realms.find((it) => it.realm === '/alpha');
      if (realm !== undefined) await configuring(store).saveRealm({ ...realm, treeFindings: 'error' });
    });

  test('are checked as they are stored', async () => {
    const cli = await withJourneys();
    const { code, stdout } = await cli.run('journey', 'check', '--realm', 'alpha');
    expect(code).toBe(0);
    expect(stdout).toContain('PushLogin: 4 infos; not every way in takes a second factor\n');
    expect(stdout).toContain('                Accepted: Only a user without any factor gets here');
    expect(stdout).toContain('PasskeyLogin: 1 info; every way in takes a second factor, and can be phished\n');
    expect(stdout).toContain('\nLogin: nothing found; not every way in takes a second factor\n');
    expect(await cli.run('journey', 'check', '--realm', '/')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await cli.run('journey', 'check', '--realm', 'beta')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no realm /beta.'),
    });
  });

  test('are checked as strictly as the realm says', async () => {
    const cli = await withJourneys();
    await strict(cli);
    expect(await cli.run('journey', 'check', '--realm', '/alpha')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('PushLogin: 4 infos; not every way in takes a second factor\n'),
    });
    await cli.inStore(async (store) => {
      const { trees } = await store.configuration.load();
      const found = trees.find(({ realm, name }) => realm === '/alpha' && name === 'PushLogin');
      if (found === undefined) throw new RangeError('There is no journey.');
      const { version: _, ...stored } = found;
      await configuring(store).publishTree({ ...stored, tree: { ...stored.tree, description: 'Changed.' } });
    });
    const { code, stdout } = await cli.run('journey', 'check', '--realm', '/alpha');
    expect(code).toBe(1);
    expect(stdout).toContain('PushLogin: 3 errors, 1 info; not every way in takes a second factor\n');
  });

  test('are what a file finds that is meant for there', async () => {
    const cli = await withJourneys();
    const file = put(cli, 'outer.json', runs('Outer', 'Login'));
    expect((await cli.run('journey', 'check', file)).code).toBe(1);
    expect(await cli.run('journey', 'check', file, '--realm', '/alpha')).toEqual({
      code: 0,
      stdout: 'Outer: nothing found; not every way in takes a second factor\n',
      stderr: '',
    });
    // What a file brings takes the place of what is stored.
    expect(
      await cli.run(
        'journey',
        'check',
        put(cli, 'login.json', { ...deadEnd, tree: { ...deadEnd.tree, _id: 'Login' } }),
        '--realm',
        '/alpha',
      ),
    ).toMatchObject({ code: 1, stdout: expect.stringMatching(/^Login: 1 error;/) });
  });

  test('are listed, with what keeps them from being started', async () => {
    const cli = await withJourneys();
    await cli.inStore(async (store) => {
      const login = (await store.configuration.load()).trees.find(({ name }) => name === 'Login');
      if (login === undefined) throw new RangeError('There is no journey Login.');
      await configuring(store).publishTree({ ...login, tree: { ...login.tree, enabled: false, innerTreeOnly: true } });
      await configuring(store).publishTree({ ...login, realm: '/', name: 'Mine' });
    });
    expect((await cli.run('journey', 'list', '--realm', '/alpha')).stdout).toBe(
      'AddPasskey\nAddPhone\nAdminLogin\nLogin  (switched off, inner only)\nPasskeyLogin\nPasskeyStepUp\nPushLogin\nPushLoginBasic\nPushStepUp\nStepUp\nldapService\n',
    );
    expect((await cli.run('journey', 'list')).stdout).toMatch(/^\/ {2}Mine\n\/alpha {2}AddPasskey\n/);
    expect(await cli.run('journey', 'list', '--realm', 'beta')).toMatchObject({ code: 1 });
    const [line = ''] = (await cli.run('journey', 'list', '--json')).stdout.split('\n');
    expect(JSON.parse(line)).toEqual({
      journey: { realm: '/', name: 'Mine', version: 1, enabled: true, innerTreeOnly: false, nodes: 2 },
    });
  });

  test('cannot be listed or checked where there is no database', async () => {
    expect(await testCli().run('journey', 'list')).toMatchObject({ code: 1, stdout: '' });
    expect(await testCli().run('journey', 'check', '--realm', '/')).toMatchObject({ code: 1, stdout: '' });
  });
});
