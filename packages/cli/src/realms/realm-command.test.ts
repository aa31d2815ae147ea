import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configuring } from '@assent/store/testing';
import { describe, expect, test } from 'vitest';
import { testCli, testCliWithData } from '../testing/test-cli.ts';

test('a directory without a database is not made into one', async () => {
  expect(await testCli().run('realm', 'list')).toMatchObject({ code: 1, stdout: '' });
});

test.each(['/', '/a b', '/../a', 'users', '/realms', '/root', '/a/authenticate', '/a//b', `/${'x'.repeat(65)}`])(
  '%j cannot be a realm',
  async (path) => {
    const cli = await testCliWithData();
    expect(await cli.run('realm', 'create', path)).toMatchObject({ code: 2, stdout: '' });
    expect((await cli.run('realm', 'list')).stdout).toBe('/\n');
  },
);

test.each(['a', '/a', '/a/'])('%s means the realm /a', async (path) => {
  const cli = await testCliWithData();
  expect((await cli.run('realm', 'create', path)).stdout).toBe('Realm /a was created.\n');
});

test('a realm below one that is not there is refused', async () => {
  const cli = await testCliWithData();
  expect(await cli.run('realm', 'create', '/alpha/beta')).toMatchObject({
    code: 1,
    stderr: 'There is no realm /alpha to create it in.\n  Try: assent realm create /alpha\n',
  });
});

test('a realm that is there already is left alone', async () => {
  const cli = await testCliWithData();
  await cli.run('realm', 'create', 'alpha');
  expect(await cli.run('realm', 'create', 'alpha')).toMatchObject({
    code: 1,
    stderr: 'There is a realm /alpha already.\n',
  });
});

test('a realm cannot have the name that another has as an alias (B7)', async () => {
  const cli = await testCliWithData();
  await cli.run('realm', 'create', '/alpha');
  await cli.inStore(async (store) => {
    const alpha = (await store.configuration.load()).realms.find(({ realm }) => realm === '/alpha');
    if (alpha !== undefined) await configuring(store).saveRealm({ ...alpha, aliases: ['Staff'] });
  });
  expect(await cli.run('realm', 'create', '/staff')).toMatchObject({
    code: 1,
    stderr: '/staff is an alias of the realm /alpha.\n',
  });
  expect(await cli.run('realm', 'create', '/alpha/staff')).toMatchObject({ code: 0 });
});

test('the root realm, a realm with others below it, and one that is not there cannot be deleted', async () => {
  const cli = await testCliWithData();
  await cli.run('realm', 'create', '/alpha');
  await cli.run('realm', 'create', '/alpha/beta');
  expect(await cli.run('realm', 'delete', '/')).toMatchObject({
    code: 1,
    stderr: 'The root realm cannot be deleted.\n',
  });
  expect(await cli.run('realm', 'delete', '/alpha')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^There are realms below \/alpha: \/alpha\/beta\./),
  });
  expect(await cli.run('realm', 'delete', '/gamma')).toMatchObject({ code: 1 });
  expect((await cli.run('realm', 'list')).stdout).toBe('/\n/alpha\n/alpha/beta\n');
});

test('a new realm has what its settings name, and a running server need not be told', async () => {
  const cli = await testCliWithData();
  const before = await cli.inStore(({ configuration }) => configuration.version());
  expect(await cli.run('realm', 'create', 'alpha')).toEqual({
    code: 0,
    stdout: 'Realm /alpha was created.\n',
    stderr: '',
  });
  const { realms, trees, services, version } = await cli.inStore(({ configuration }) => configuration.load());
  const realm = realms.find((it) => it.realm === '/alpha');
  expect(realm).toMatchObject({
    active: true,
    journeyMinutes: 5,
    sessionMaxMinutes: 120,
    sessionIdleMinutes: 30,
    locale: 'en',
    successUrl: '/am/console',
    failureUrl: '',
    numberDigits: 6,
    maxDevices: 5,
  });
  const names = trees.filter((it) => it.realm === '/alpha').map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([realm?.defaultTree, realm?.adminTree]));
  expect(services).toContainEqual(expect.objectContaining({ realm: '/alpha', type: 'pushNotification' }));
  expect(version).toBeGreaterThan(before);
});

test('programs read one object a line', async () => {
  const cli = await testCliWithData();
  expect((await cli.run('realm', 'create', 'alpha', '--json')).stdout).toBe('{"realm":{"path":"/alpha"}}\n');
  const lines = (await cli.run('realm', 'list', '--json')).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).realm.path)).toEqual(['/', '/alpha']);
  expect((await cli.run('realm', 'delete', 'beta', '--json')).stderr).toBe(
    '{"error":{"code":"NO_REALM","message":"There is no realm /beta.","hint":"assent realm list"}}\n',
  );
});

test('a terminal is asked before a realm is deleted, and --yes answers', async () => {
  const cli = await testCliWithData();
  await cli.run('realm', 'create', 'alpha');
  cli.isInteractive = true;
  expect(await cli.run('realm', 'delete', 'alpha')).toMatchObject({ code: 1, stderr: 'Nothing was deleted.\n' });
  expect(await cli.run('realm', 'delete', 'alpha', '--yes')).toMatchObject({
    code: 0,
    stdout: 'Realm /alpha was deleted.\n',
  });
  expect((await cli.run('realm', 'list')).stdout).toBe('/\n');
});

test('each change of a realm by a command is one row of the trail, in its commit (SEC-80, F23)', async () => {
  const cli = await testCliWithData();
  writeFileSync(join(cli.cwd, 'brand.json'), '{"brandName":"Alpha"}');
  writeFileSync(
    join(cli.cwd, 'mail.json'),
    '{"hostname":"mail.example.com","from":"a@example.com","password":"mail-secret-value"}',
  );
  const rows = () =>
    cli.inStore(async ({ auditChain }) =>
      (await auditChain.rows({ position: 0 }, 99)).flatMap(({ event }) =>
        event?.detail?.by === undefined ? [] : [event],
      ),
    );
  const changes: readonly (readonly [event: string, outcome: string, changed: unknown, args: readonly string[]])[] = [
    ['REALM_CREATE', '/alpha', undefined, ['create', '/alpha']],
    ['SERVICE_UPDATE', 'assent', 'brandName', ['set-service', 'assent', '--realm', 'alpha', '--file', 'brand.json']],
    [
      'SERVICE_CREATE',
      'email',
      expect.stringContaining('password'),
      ['set-service', 'email', '--realm', 'alpha', '--file', 'mail.json'],
    ],
    ['REALM_DELETE', '/alpha', undefined, ['delete', '/alpha', '--yes']],
  ];
  for (const [event, outcome, changed, args] of changes) {
    const before = await rows();
    expect(await cli.run('realm', ...args)).toMatchObject({ code: 0, stderr: '' });
    const [row, ...more] = (await rows()).slice(before.length);
    expect(more).toEqual([]);
    expect(row).toEqual({
      at: cli.now,
      event,
      realm: '/alpha',
      transactionId: expect.any(String),
      outcome,
      detail: { by: 'command line', ...(changed !== undefined && { changed }) },
    });
    expect(JSON.stringify(row)).not.toContain('mail-secret-value');
    // What is refused leaves none.
    await cli.run('realm', 'create', '/');
    await cli.run('realm', 'delete', '/nowhere');
    expect(await rows()).toHaveLength(before.length + 1);
  }
});

describe('what waits for a second administrator (ADR 118)', () => {
  const ID = '0f6a1c52-7f0e-4b0b-9f2d-00000000abcd';
  const withProposal = async () => {
    const cli = await testCliWithData();
    const document = {
      change: {},
      base: 'x',
      rows: [{ event: 'CONFIG_CHANGE', outcome: 'update', detail: { kind: 'tree', id: 'Login' } }],
    };
    const row = {
      id: ID,
      realm: '/',
      proposer: 'somebody-gone',
      document: JSON.stringify(document),
      createdAt: cli.now,
      expiresAt: cli.now + 1_000,
    };
    await cli.inStore(({ committer }) => committer.commit([{ type: 'proposal.put', row, now: cli.now }]));
    return cli;
  };

  test('is listed, with who wants it and until when', async () => {
    const cli = await withProposal();
    const expiresAt = new Date(cli.now + 1_000).toISOString();
    expect((await cli.run('realm', 'proposals')).stdout).toBe(
      `${ID}  somebody-gone  update tree Login  until ${expiresAt}\n`,
    );
    const { stdout } = await cli.run('realm', 'proposals', '--json');
    expect(JSON.parse(stdout)).toEqual({
      proposal: {
        id: ID,
        realm: '/',
        proposer: 'somebody-gone',
        changes: [{ kind: 'tree', id: 'Login', outcome: 'update' }],
        expiresAt,
      },
    });
  });

  test('is rejected once, and by nobody approved, since nobody has signed in here', async () => {
    const cli = await withProposal();
    expect((await cli.run('realm', 'approve', ID)).code).toBe(2);
    expect(await cli.run('realm', 'reject', ID, '--reason', 'not on a Friday')).toMatchObject({
      code: 0,
      stdout: 'It was rejected, and nothing was changed.\n',
    });
    expect(await cli.run('realm', 'reject', ID)).toMatchObject({
      code: 1,
      stderr: `Nothing waits in the realm / under ${ID}.\n  Try: assent realm proposals --realm /\n`,
    });
    expect((await cli.run('realm', 'proposals')).stdout).toBe('');
  });
});
