import { createPasswordHasher } from '@assent/store';
import { configuring } from '@assent/store/testing';
import { describe, expect, test } from 'vitest';
import { boundDeviceOf, passkeyOf } from '../testing/key-rows.ts';
import { type TestCli, testCli, testCliWithData } from '../testing/test-cli.ts';

const PASSWORD = 'correct horse';
const hasher = createPasswordHasher({ concurrency: 1, queue: 0 });

const create = (cli: TestCli, name: string, ...args: string[]) => {
  cli.stdin = `${PASSWORD}\n`;
  return cli.run('user', 'create', name, '--password-stdin', ...args);
};

const isPassword = (cli: TestCli, name: string, password: string): Promise<boolean> =>
  cli.inStore(async ({ identities }) => {
    const user = await identities.find('/', name);
    return hasher.verify(user && (await identities.passwordHash(user.id)), password, { realm: '/' });
  });

test('a directory without a database is not made into one', async () => {
  const cli = testCli();
  expect(await cli.run('user', 'list')).toEqual({
    code: 1,
    stdout: '',
    stderr: `There is no database in ${cli.dataDir} yet.\n  Try: assent serve, or --data-dir DIR\n`,
  });
});

test('the memory of a server cannot be worked on', async () => {
  const cli = await testCliWithData();
  expect(await cli.run('user', 'list', '--database-url', 'memory:')).toMatchObject({ code: 2, stdout: '' });
});

test('wrong settings are refused by name', async () => {
  const cli = await testCliWithData();
  cli.env = { ...cli.env, ASSENT_PROT: '1' };
  const { code, stderr } = await cli.run('user', 'list');
  expect(code).toBe(2);
  expect(stderr).toContain('ASSENT_PROT (environment) is no setting.');
});

test.each([
  ['one without a name', ['create', '--password-stdin']],
  ['an unknown flag', ['list', '--colour']],
  ['an unknown verb', ['rename', 'a']],
  ['no verb', []],
])('%s is bad usage', async (_what, args) => {
  const { code, stdout, stderr } = await testCli().run('user', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).not.toBe('');
});

test.each(['', ' a', 'a ', 'a\u200bb', 'a\u202eb', 'a\nb', 'x'.repeat(257)])(
  'the user name %j is refused (SEC-60)',
  async (name) => {
    const cli = await testCliWithData();
    expect(await create(cli, name)).toMatchObject({ code: 2, stderr: expect.stringMatching(/^A user name has/) });
    expect(await cli.inStore(({ identities }) => identities.page('/', { limit: 9 }))).toEqual({ users: [] });
  },
);

test.each([
  ['', 'The password needs at least 8 characters.'],
  ['1234567', 'The password needs at least 8 characters.'],
  ['x'.repeat(1025), 'The password can have 1024 characters at most.'],
  ['changeit', 'Many people use this password, so it is easily guessed. Choose another one.'],
  ['annabel-77', 'The password is little more than your name or the name of this service. Choose another one.'],
])('the password %j is refused, and not repeated (SEC-55)', async (password, stderr) => {
  const cli = await testCliWithData();
  cli.stdin = password;
  expect(await cli.run('user', 'create', 'annabel', '--password-stdin')).toMatchObject({
    code: 2,
    stderr: `${stderr}\n`,
  });
});

test('without a terminal and without --password-stdin there is nobody to ask', async () => {
  const cli = await testCliWithData();
  expect(await cli.run('user', 'create', 'ann')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'There is no terminal to ask for the password.\n  Try: add --password-stdin\n',
  });
});

test('two passwords that differ create nobody', async () => {
  const cli = await testCliWithData();
  cli.isInteractive = true;
  cli.answers = [PASSWORD, 'correct house'];
  expect(await cli.run('user', 'create', 'ann')).toMatchObject({ code: 2, stderr: 'The two passwords differ.\n' });
  expect(await cli.run('user', 'create', 'ann')).toMatchObject({ code: 1, stderr: 'Nothing was changed.\n' });
  expect(await cli.inStore(({ identities }) => identities.page('/', { limit: 9 }))).toEqual({ users: [] });
});

test('a name is taken in every spelling (SEC-60)', async () => {
  const cli = await testCliWithData();
  await create(cli, 'Ann');
  expect(await create(cli, 'ann', '--json')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      '{"error":{"code":"EXISTS","message":"There is a user ann in the realm / already.",' +
      '"hint":"assent user set-password, to give a new password"}}\n',
  });
});

test.each([
  ['create', ['--password-stdin']],
  ['show', []],
  ['set-password', ['--password-stdin']],
  ['delete', []],
])('%s in a realm that is not there is refused', async (verb, args) => {
  const cli = await testCliWithData();
  cli.stdin = PASSWORD;
  expect(await cli.run('user', verb, 'ann', '--realm', 'alpha', ...args)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'There is no realm /alpha.\n  Try: assent realm list\n',
  });
});

test.each([
  ['show', []],
  ['set-password', ['--password-stdin']],
  ['delete', []],
])('%s of a user who is not there is refused', async (verb, args) => {
  const cli = await testCliWithData();
  cli.stdin = PASSWORD;
  expect(await cli.run('user', verb, 'ann', ...args)).toMatchObject({
    code: 1,
    stderr: 'There is no user ann in the realm /.\n  Try: assent user list --realm /\n',
  });
});

test('answers to security questions are shown to nobody, not even as hashes', async () => {
  const cli = await testCliWithData();
  await create(cli, 'ann');
  await cli.inStore(async ({ identities, committer }) => {
    const ann = await identities.find('/', 'ann');
    const attributes = { kbaInfo: ['{"questionId":"1","answer":"secret hash"}'] };
    await committer.commit([{ type: 'identity.attributes', id: ann?.id, seenRev: ann?.rev, attributes }]);
  });
  const shown = await Promise.all([
    cli.run('user', 'show', 'ann'),
    cli.run('user', 'show', 'ann', '--json'),
    cli.run('user', 'list', '--json'),
  ]);
  expect(shown.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(shown.map(({ stdout }) => stdout).join('')).not.toMatch(/kbaInfo|secret hash/);
});

test('a user can be created, shown and listed, and the hash never leaves the store', async () => {
  const cli = await testCliWithData();
  expect(await create(cli, 'ann', '--mail', 'ann@example.com')).toEqual({
    code: 0,
    stdout: 'User ann was created in the realm /.\n',
    stderr: '',
  });
  await create(cli, 'bob');
  expect(await isPassword(cli, 'ann', PASSWORD)).toBe(true);
  expect((await cli.run('user', 'list')).stdout).toBe('ann\nbob\n');
  const text = (await cli.run('user', 'show', 'ANN')).stdout;
  expect(text).toMatch(/^name +ann\n/);
  expect(text).toMatch(/^mail +ann@example\.com\ncreateTimestamp +\d{14}Z\n/m);
  const { stdout } = await cli.run('user', 'show', 'ann', '--json');
  expect(JSON.parse(stdout)).toEqual({
    user: {
      id: expect.stringMatching(/^0f6a1c52/),
      lockouts: [],
      username: 'ann',
      realm: '/',
      active: true,
      attributes: { mail: ['ann@example.com'], createTimestamp: [expect.stringMatching(/^\d{14}Z$/)] },
    },
  });
  expect(text + stdout).not.toContain('argon2');
});

test('a terminal asks twice, and the prompts name the user', async () => {
  const cli = await testCliWithData();
  cli.isInteractive = true;
  cli.answers = [PASSWORD, PASSWORD];
  expect(await cli.run('user', 'create', 'ann')).toMatchObject({ code: 0 });
  expect(cli.questions).toEqual(['New password of ann', 'The same again']);
  expect(await isPassword(cli, 'ann', PASSWORD)).toBe(true);
});

test('only the end of the line that echo adds is not part of the password', async () => {
  const cli = await testCliWithData();
  cli.stdin = ' spaces stay \n\n';
  await cli.run('user', 'create', 'ann', '--password-stdin');
  expect(await isPassword(cli, 'ann', ' spaces stay \n')).toBe(true);
});

test('a new password replaces the old one and ends what that opened (SEC-61)', async () => {
  const cli = await testCliWithData();
  await create(cli, 'ann');
  const tokenHash = 'a'.repeat(43);
  await cli.inStore(async ({ committer, identities }) => {
    const user = await identities.find('/', 'ann');
    const row = {
      tokenHash,
      handle: 'h',
      sid: 's',
      realm: '/',
      userId: user?.id ?? '',
      username: 'ann',
      properties: {},
      createdAt: cli.now,
      lastUsedAt: cli.now,
      maxExpiresAt: cli.now + 60_000,
      maxIdleMillis: 60_000,
    };
    const message = {
      id: 'AUTHENTICATE:1',
      kind: 'AUTHENTICATE',
      request: 'AUTHENTICATE:1',
      realm: '/',
      userId: row.userId,
      username: 'ann',
      journeyId: 'journey-1',
      deviceUuid: 'device-1',
      mechanismUid: 'mechanism-1',
      challenge: new Uint8Array(32),
      pushType: 'CHALLENGE',
      state: 'pending',
      createdAt: cli.now,
      expiresAt: cli.now + 60_000,
      attempts: 0,
      delivery: 'accepted',
    };
    const changes = [
      { type: 'session.insert', row },
      { type: 'push.open', rows: [message] },
    ];
    expect(await committer.commit(changes)).toEqual({ committed: true });
  });
  cli.stdin = 'battery staple';
  expect(await cli.run('user', 'set-password', 'ann', '--password-stdin')).toMatchObject({
    code: 0,
    stdout: 'The password of ann was set.\n',
  });
  expect(await isPassword(cli, 'ann', PASSWORD)).toBe(false);
  expect(await isPassword(cli, 'ann', 'battery staple')).toBe(true);
  expect(await cli.inStore(({ sessions }) => sessions.get(tokenHash))).toBeUndefined();
  // What was begun under the old one: a request that waits on a phone, and journeys and cookies by their count.
  expect(await cli.inStore(({ messages }) => messages.get('AUTHENTICATE:1'))).not.toMatchObject({ state: 'pending' });
  expect(await cli.inStore(({ identities }) => identities.find('/', 'ann'))).toMatchObject({ credentialRev: 3 });
});

test('a terminal is asked before a user is deleted', async () => {
  const cli = await testCliWithData();
  await create(cli, 'ann');
  cli.isInteractive = true;
  cli.answers = [false, true];
  expect(await cli.run('user', 'delete', 'ann')).toMatchObject({ code: 1, stderr: 'Nothing was deleted.\n' });
  expect((await cli.run('user', 'list')).stdout).toBe('ann\n');
  expect(await cli.run('user', 'delete', 'ann')).toMatchObject({
    code: 0,
    stdout: 'User ann was deleted from the realm /.\n',
  });
  expect((await cli.run('user', 'list')).stdout).toBe('');
});

test('every change is in the audit trail', async () => {
  const cli = await testCliWithData();
  await create(cli, 'ann');
  await cli.run('user', 'set-password', 'ann', '--password-stdin');
  const events = await cli.inStore(async ({ audit, identities }) => {
    const user = await identities.find('/', 'ann');
    return audit.ofUser(user?.id ?? '', 10);
  });
  expect(events.map(({ event }) => event)).toEqual(['USER_PASSWORD_SET', 'USER_CREATE']);
  expect(JSON.stringify(events)).not.toContain(PASSWORD);
});

test('nobody is made, and no password set, that a directory keeps (OPS-74, OPS-77)', async () => {
  const cli = await testCliWithData();
  await cli.inStore(async (store) => {
    const { committer } = store;
    const seen = { id: 'user-1', realm: '/', username: 'kim', attributes: {}, entryId: 'entry-1', entryMark: 'mark' };
    expect(await committer.commit([{ type: 'identity.insert', ...seen }])).toEqual({ committed: true });
    await configuring(store).saveService({ realm: '/', type: 'ldap', config: {} });
  });
  const refused = { code: 1, stdout: '', stderr: expect.stringMatching(/directory.*\n {2}Try: /) };
  expect(await create(cli, 'ann')).toEqual(refused);
  cli.stdin = `${PASSWORD}\n`;
  expect(await cli.run('user', 'set-password', 'kim', '--password-stdin')).toEqual(refused);
  // Whom Assent has seen; whoever reads the list is told that there may be others, and a program that reads it is not disturbed.
  const listed = { code: 0, stderr: expect.stringMatching(/directory: these are who was made here, or was seen/) };
  expect(await cli.run('user', 'list')).toEqual({ ...listed, stdout: 'kim\n' });
  expect(await cli.run('user', 'list', '--json')).toEqual({
    ...listed,
    stdout: expect.stringMatching(/^{.*"kim".*}\n$/),
  });
  expect(await isPassword(cli, 'kim', PASSWORD)).toBe(false);
});

describe('what is done to an account says why (SEC-54)', () => {
  const detailsOf = (cli: TestCli, event: string) =>
    cli.inStore(async ({ identities, audit }) => {
      const user = await identities.find('/', 'ann');
      return (await audit.ofUser(user?.id ?? '', 20)).filter((row) => row.event === event).map(({ detail }) => detail);
    });

  test('factors are never taken away without a reason', async () => {
    const cli = await testCliWithData();
    await create(cli, 'ann');
    for (const args of [[], ['--reason', ''], ['--reason', 'x'.repeat(201)], ['--reason', 'a\nb']])
      expect(await cli.run('user', 'reset-factors', 'ann', '--yes', ...args)).toMatchObject({ code: 2, stdout: '' });
    expect(await detailsOf(cli, 'MFA_RESET')).toEqual([]);
  });

  test('phones, code apps, passkeys, bound devices and codes go at once, with a row of the trail for each kind', async () => {
    const cli = await testCliWithData();
    await create(cli, 'ann');
    const userId = (await cli.inStore(({ identities }) => identities.find('/', 'ann')))?.id ?? '';
    const row = {
      uuid: 'g1',
      realm: '/',
      userId,
      username: 'ann',
      deviceName: 'App',
      issuer: 'Assent',
      secret: new Uint8Array(20),
      digits: 6,
      counter: 0,
      lastLoginSeconds: 0,
      clockDriftSeconds: 0,
      checksumDigit: false,
      truncationOffset: -1,
      createdAt: cli.now,
      lastAccessAt: cli.now,
      rev: 0,
    };
    const owner = { realm: '/', userId, username: 'ann' };
    await cli.inStore(({ committer }) =>
      committer.commit([
        { type: 'oath.insert', row, maxDevices: 5 },
        { type: 'passkey.insert', row: passkeyOf(owner), maxDevices: 5 },
        { type: 'bound.insert', row: boundDeviceOf(owner), maxDevices: 5 },
        {
          type: 'codes.replace',
          userId,
          deviceType: 'webauthn',
          rows: [{ id: 'c', realm: '/', userId, deviceType: 'webauthn', selector: 's', hash: 'h' }],
        },
      ]),
    );
    const { code, stdout } = await cli.run('user', 'reset-factors', 'ann', '--yes', '--reason', 'request 4711');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Removed: 0 phones, 1 code app, 1 passkey, 1 bound device and 1 recovery code of ann.\n',
    });
    const left = await cli.inStore(({ oathDevices, passkeys, boundDevices, devices }) =>
      Promise.all([
        ...[oathDevices, passkeys, boundDevices].map((it) => it.ofUser(userId)),
        devices.codesOfUser(userId),
      ]),
    );
    expect(left.flat()).toEqual([]);
    const by = { by: 'command line', reason: 'request 4711' };
    // One action is one row, with each kind that was there in it (SEC-13).
    expect(await detailsOf(cli, 'MFA_RESET')).toEqual([{ types: 'oath,webauthn,binding', ...by }]);
  });

  test('a user who is not there loses nothing', async () => {
    const cli = await testCliWithData();
    for (const verb of ['reset-factors', 'end-sessions', 'unlock'])
      expect(await cli.run('user', verb, 'nobody', '--reason', 'x')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('There is no user nobody'),
      });
  });

  test('all else needs a reason where the realm asks for one, and keeps it', async () => {
    const cli = await testCliWithData();
    await create(cli, 'ann');
    await cli.inStore(async (store) => {
      const [realm] = (await store.configuration.load()).realms;
      if (realm !== undefined) await configuring(store).saveRealm({ ...realm, reasonsRequired: true });
    });
    const verbs = [
      ['SESSION_END', 'end-sessions'],
      ['USER_UNLOCK', 'unlock'],
      ['USER_PASSWORD_SET', 'set-password', '--password-stdin'],
    ] as const;
    for (const [event, verb, ...args] of verbs) {
      cli.stdin = 'another horse\n';
      expect(await cli.run('user', verb, 'ann', ...args)).toMatchObject({
        code: 2,
        stderr: 'The realm / asks for a reason.\n  Try: --reason TEXT, such as the number of the request\n',
      });
      expect((await cli.run('user', verb, 'ann', ...args, '--reason', 'request 4711')).code).toBe(0);
      expect(await detailsOf(cli, event)).toMatchObject([{ by: 'command line', reason: 'request 4711' }]);
    }
    expect(await cli.run('user', 'delete', 'ann', '--yes')).toMatchObject({ code: 2 });
    expect((await cli.run('user', 'delete', 'ann', '--yes', '--reason', 'request 4711')).code).toBe(0);
  });
});

test('a user whose factors are locked is shown as locked, and unlocked by name (SEC-57)', async () => {
  const cli = await testCliWithData();
  await create(cli, 'ann');
  expect(await cli.run('user', 'unlock', 'ann')).toMatchObject({ code: 0, stdout: 'ann was not locked.\n' });
  const until = cli.now + 60_000;
  await cli.inStore(async ({ committer, identities }) => {
    const { id = '' } = (await identities.find('/', 'ann')) ?? {};
    const row = { hits: [cli.now], rev: 0 };
    const failures = { count: 100, credential: 1 };
    await committer.commit([
      { type: 'throttle.put', row: { ...row, subject: `otp:${id}:browser`, lockedUntil: until } },
      { type: 'throttle.put', row: { ...row, subject: `otp:${id}`, lockedUntil: cli.now - 1 } },
      { type: 'throttle.put', row: { ...row, subject: `recovery:${id}`, lockedUntil: 0, failures } },
      {
        type: 'throttle.put',
        row: { ...row, subject: `kba:${id}:from:192.0.2.1`, lockedUntil: 0, failures: { count: 50, credential: 1 } },
      },
    ]);
  });
  const locked = [
    `code app until ${new Date(until).toISOString()}`,
    'recovery code until unlocked or reset',
    'security question until unlocked or reset',
  ];
  const shown = await cli.run('user', 'show', 'ann');
  expect(shown.stdout).toMatch(/^state +locked$/m);
  for (const text of locked) expect(shown.stdout).toContain(text);
  const { user } = JSON.parse((await cli.run('user', 'show', 'ann', '--json')).stdout);
  expect([...user.lockouts].sort((a, b) => (a.factor < b.factor ? -1 : 1))).toEqual([
    { factor: 'code app', until },
    { factor: 'recovery code' },
    { factor: 'security question' },
  ]);
  const done = await cli.run('user', 'unlock', 'ann');
  expect(done.stdout).toContain('ann is unlocked. It had been locked: ');
  for (const text of locked) expect(done.stdout).toContain(text);
  const events = await cli.inStore(async ({ audit, identities }) =>
    audit.ofUser((await identities.find('/', 'ann'))?.id ?? '', 1),
  );
  expect(events).toMatchObject([
    { event: 'USER_UNLOCK', detail: { by: 'command line', factors: expect.stringContaining('code app') } },
  ]);
  expect((await cli.run('user', 'show', 'ann')).stdout).toMatch(/^state +active$/m);
});

test('security answers at the limit of the realm and requests to phones over theirs are shown, and named when they are unlocked (SEC-25, SEC-57)', async () => {
  const cli = await testCliWithData();
  await create(cli, 'ann');
  const config = { numberOfAttemptsAllowed: 1, kbaAttemptsPropertyName: 'kbaAttempts' };
  await cli.inStore(async (store) => {
    const { id = '' } = (await store.identities.find('/', 'ann')) ?? {};
    await configuring(store).saveService({ realm: '/', type: 'selfservice.kba', config });
    const row = { hits: [cli.now - 3, cli.now - 2, cli.now - 1], lockedUntil: 0, rev: 0 };
    await store.committer.commit([
      { type: 'throttle.put', row: { ...row, subject: `kba:${id}:from:192.0.2.1` } },
      { type: 'throttle.put', row: { ...row, subject: `push:${id}` } },
    ]);
  });
  const { user } = JSON.parse((await cli.run('user', 'show', 'ann', '--json')).stdout);
  expect(user.lockouts).toEqual(
    expect.arrayContaining([
      { factor: 'security question', until: cli.now - 2 + 86_400_000 },
      { factor: 'push', until: cli.now - 3 + 60_000 },
    ]),
  );
  const { stdout } = await cli.run('user', 'unlock', 'ann');
  expect(stdout).toMatch(/^ann is unlocked\. It had been locked: /);
  const [event] = await cli.inStore(async ({ audit, identities }) =>
    audit.ofUser((await identities.find('/', 'ann'))?.id ?? '', 1),
  );
  expect(event?.event).toBe('USER_UNLOCK');
  expect(String(event?.detail?.factors).split(',').sort()).toEqual(['push', 'security question']);
  expect((await cli.run('user', 'show', 'ann')).stdout).toMatch(/^state +active$/m);
  expect((await cli.run('user', 'unlock', 'ann')).stdout).toBe('ann was not locked.\n');
});
