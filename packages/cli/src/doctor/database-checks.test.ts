import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { selfSignedCertificate } from '@assent/push/fakes';
import { factsAtStart } from '@assent/server';
import type { SchemaPlan } from '@assent/store';
import { createDatabase, PgBouncerServer, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type TestCli, testCli } from '../testing/test-cli.ts';
import { checkSchema } from './database-checks.ts';

// What may be wrong with a database, each broken on purpose (OPS-51).

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const cliFor = (url: string): TestCli => {
  const cli = testCli();
  Object.assign(cli.env, { ASSENT_DATABASE_URL: url, ASSENT_MASTER_KEY: Buffer.alloc(32, 3).toString('base64') });
  return cli;
};

/** What the doctor finds by these names, and how it ends. */
const found = async (cli: TestCli, names: readonly string[], ...args: readonly string[]) => {
  const { code, stdout } = await cli.run('doctor', '--port', '0', '--json', ...args);
  const checks = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).check as { name: string; status: string; message: string; hint?: string });
  return { code, of: checks.filter(({ name }) => names.includes(name)) };
};

/** An error of PostgreSQL, as its protocol has it. */
const refusal = (code: string, message: string): Buffer => {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
};

const urlOf = async (server: Server): Promise<string> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `postgres://assent:geheim-7@127.0.0.1:${(server.address() as AddressInfo).port}/assent`;
};

/** A server that says these things to whoever comes, one for each that it is told, and hangs up. */
const saying = async (...answers: readonly (Buffer | string)[]): Promise<string> => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const [last = '', ...before] = [...answers].reverse();
    socket.on('data', () => {
      const answer = before.pop();
      if (answer === undefined) socket.end(last);
      else socket.write(answer);
    });
  });
  return urlOf(server);
};

test.each([
  [
    'a password that is not ours',
    '28P01',
    'password authentication failed for user "assent"',
    '--database-password-file',
  ],
  ['a user whom it does not let in', '28000', 'no pg_hba.conf entry for host', '--database-password-file'],
  ['a database that is not there', '3D000', 'database "assent" does not exist', 'make the database'],
  ['no connection that is left', '53300', 'sorry, too many clients already', '--database-pool '],
  [
    'a pooler that the settings do not know',
    '08P01',
    'unsupported startup parameter: lock_timeout',
    '--database-pooler',
  ],
  [
    'a pooler that gives statements to whoever has not prepared them',
    '26000',
    'prepared statement "assent_1" does not exist',
    'max_prepared_statements',
  ],
])('%s is a problem that names the setting', async (_what, code, message, setting) => {
  const cli = cliFor(await saying(refusal(code, message)));
  const { code: exit, of } = await found(cli, ['database', 'schema', 'rights']);
  expect(exit).toBe(1);
  expect(of).toEqual([
    {
      name: 'database',
      status: 'problem',
      message: `The database cannot be used: ${message} (${code})`,
      hint: expect.stringContaining(setting),
    },
  ]);
  expect(JSON.stringify(of)).not.toContain('geheim-7');
});

test.each([
  ['28P01', 'password authentication failed for user "assent"', '--database-password-file'],
  ['3D000', 'database "assent" does not exist', 'make the database'],
  ['42501', 'permission denied for schema public', 'make our user the owner'],
])(
  'a database that refuses by %s ends every other command with the setting, too, and with no stack',
  async (code, message, setting) => {
    const cli = cliFor(await saying(refusal(code, message)));
    for (const command of [
      ['serve', '--port', '0'],
      ['user', 'list'],
      ['migrate', '--plan'],
    ]) {
      const { code: exit, stdout, stderr } = await cli.run(...command);
      expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^The database cannot be used: .*\\(${code}\\)\n  Try: .*${setting}.*\n$`));
    }
  },
);

/** What a server says that wants to know the password by SCRAM. */
const ASKS_FOR_PASSWORD = [
  [10, 'SCRAM-SHA-256\0\0'],
  [11, 'r=nonce,s=c2FsdA==,i=4096'],
].map(([kind, said]) => {
  const head = Buffer.from([0x52, 0, 0, 0, 0, 0, 0, 0, Number(kind)]);
  head.writeInt32BE(8 + String(said).length, 1);
  return Buffer.concat([head, Buffer.from(String(said))]);
});

test('a password that nobody has set is told of, and not waited for', async () => {
  const url = new URL(await saying(...ASKS_FOR_PASSWORD));
  url.password = '';
  const cli = cliFor(url.href);
  expect((await found(cli, ['database'])).of).toMatchObject([
    {
      status: 'problem',
      message: expect.stringContaining('asks for a password'),
      hint: expect.stringContaining('--database-password-file'),
    },
  ]);
  expect(await cli.run('serve', '--port', '0')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('asks for a password'),
  });
});

test.each([
  ['is not there', undefined],
  ['is empty', '\n'],
])('a file of the password that %s is told of by its setting, and not waited for', async (_what, text) => {
  const cli = cliFor('postgres://assent@127.0.0.1:1/assent');
  const file = join(cli.cwd, 'password');
  if (text !== undefined) writeFileSync(file, text);
  cli.env.ASSENT_DATABASE_PASSWORD_FILE = file;
  expect((await found(cli, ['database'])).of).toMatchObject([
    { status: 'problem', message: expect.stringContaining('ASSENT_DATABASE_PASSWORD_FILE') },
  ]);
  for (const command of [
    ['serve', '--port', '0'],
    ['user', 'list'],
  ]) {
    expect(await cli.run(...command)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ASSENT_DATABASE_PASSWORD_FILE'),
    });
  }
});

/** A server that encrypts by that certificate; what is said after it nobody hears who does not believe it. */
const encryptingBy = async ({ certificate, key }: ReturnType<typeof selfSignedCertificate>): Promise<string> => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('S');
      const secured = new TLSSocket(socket, { isServer: true, cert: certificate, key });
      secured.on('error', () => undefined).on('data', () => secured.end());
    });
  });
  return `${await urlOf(server)}?sslmode=verify-full`;
};

/** The address of one whose certificate is vouched for, and wrong all the same. */
const believedBut =
  (flaws: Parameters<typeof selfSignedCertificate>[0]) =>
  async (folder: string): Promise<string> => {
    const made = selfSignedCertificate(flaws);
    const file = join(folder, 'authority.pem');
    writeFileSync(file, made.certificate);
    return `${await encryptingBy(made)}&sslrootcert=${file}`;
  };

/** Behind any of these could be somebody else. */
const UNTRUSTED: readonly (readonly [string, (folder: string) => Promise<string>, RegExp])[] = [
  ['that offers no TLS', async () => `${await saying('N')}?sslmode=verify-full`, /SSL/],
  [
    'whose certificate nobody vouches for',
    () => encryptingBy(selfSignedCertificate()),
    /DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED/,
  ],
  ['whose certificate has run out', believedBut({ hasRunOut: true }), /CERT_HAS_EXPIRED/],
  ['whose certificate is for another name', believedBut({ isOfAnother: true }), /ERR_TLS_CERT_ALTNAME_INVALID/],
];

test.each(UNTRUSTED)(
  'a database %s is a problem that names sslrootcert, and ends a start, which would wait for ever (OPS-34)',
  async (_what, urlIn, says) => {
    const cli = cliFor('');
    cli.env.ASSENT_DATABASE_URL = await urlIn(cli.cwd);
    expect((await found(cli, ['database'])).of).toMatchObject([
      { status: 'problem', message: expect.stringMatching(says), hint: expect.stringContaining('sslrootcert=') },
    ]);
    const { code, stdout, stderr } = await cli.run('serve', '--port', '0');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^The database cannot be used: .*\n {2}Try: .*sslrootcert=FILE.*\n$/);
  },
);

test('a database that is not there at all is a problem that names its address', async () => {
  const { of } = await found(cliFor('postgres://assent@127.0.0.1:1/assent'), ['database']);
  expect(of).toMatchObject([
    {
      status: 'problem',
      message: expect.stringContaining('ECONNREFUSED'),
      hint: expect.stringContaining('start the database'),
    },
  ]);
});

test.each([
  ['auto', 'warning', 'the next start brings it there'],
  ['off', 'problem', 'it does not start'],
] as const)('a schema that lacks the next migration is a finding by ASSENT_MIGRATE=%s: %s', (migrate, status, text) => {
  const plan: SchemaPlan = {
    version: 1,
    known: 2,
    migrations: [{ version: 2, name: 'what is next', kind: 'expand', livesWith: 1, steps: [] }],
    indexes: [],
  };
  expect(checkSchema({ plan, facts: undefined }, { migrate })).toEqual([
    {
      name: 'schema',
      status,
      message: expect.stringMatching(`^The schema is 1, and this version of Assent has 2: ${text}`),
      hint: expect.stringContaining('assent migrate'),
    },
  ]);
});

describeWith(['postgres', 'pgbouncer'], 'a PostgreSQL', () => {
  let database: TestDatabase;
  let pooler: PgBouncerServer;
  let cli: TestCli;
  beforeAll(async () => {
    database = await createDatabase();
    const ignored = 'statement_timeout, lock_timeout, idle_in_transaction_session_timeout';
    pooler = await PgBouncerServer.launch({
      postgres: database.server,
      settings: [`ignore_startup_parameters = ${ignored}`],
    });
    cli = cliFor(database.url);
  });
  afterAll(async () => {
    await pooler?.stop();
    await database?.close();
  });
  const ofDatabase = ['database', 'schema', 'rights', 'pooler', 'timeouts'];

  test('that is new, and then one that is sound, have nothing wrong with them', async () => {
    expect((await found(cli, ofDatabase)).of.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'rights ok',
      'pooler ok',
      'database ok',
    ]);
    await cli.run('migrate');
    const { of } = await found(cli, ofDatabase);
    expect(of.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'rights ok',
      'schema ok',
      'pooler ok',
      'database ok',
    ]);
  });

  test('whose schema is of a newer version is a problem, unless that version says that we can serve', async () => {
    const insert = `INSERT INTO schema_migration SELECT MAX(version) + 1, 'later', 'x' FROM schema_migration`;
    await database.alter(insert);
    expect((await found(cli, ['schema', 'database'])).of).toMatchObject([
      { name: 'database', status: 'problem', message: expect.stringContaining('made by a newer version of Assent') },
    ]);
    await database.alter('UPDATE schema_floor SET version = version + 1');
    expect((await found(cli, ['schema'])).of).toMatchObject([
      { status: 'ok', message: expect.stringContaining('beside which this one can serve') },
    ]);
    await database.alter(
      'DELETE FROM schema_migration WHERE version = (SELECT MAX(version) FROM schema_migration)',
      'UPDATE schema_floor SET version = version - 1',
    );
  });

  test('of which our user may not use a table, make one, or write at all, is told with what to grant', async () => {
    const role = database.name;
    await database.alter(`REVOKE INSERT ON push_message FROM ${role}`);
    expect(await found(cli, ofDatabase.slice(0, 3))).toMatchObject({
      code: 1,
      of: [
        {
          name: 'rights',
          status: 'problem',
          message: 'Our user may not read and write push_message.',
          hint: expect.stringContaining('GRANT SELECT, INSERT, UPDATE, DELETE'),
        },
      ],
    });
    await database.alter(
      `GRANT INSERT ON push_message TO ${role}`,
      `ALTER DATABASE ${role} OWNER TO ${database.server.superuser}`,
    );
    const hint = expect.stringContaining('GRANT CREATE ON SCHEMA');
    expect((await found(cli, ['rights'])).of).toMatchObject([{ status: 'warning', hint }]);
    await database.alter('ALTER TABLE schema_migration RENAME TO aside');
    expect((await found(cli, ['rights'])).of).toMatchObject([{ status: 'problem', hint }]);
    await database.alter('ALTER TABLE aside RENAME TO schema_migration');
    expect((await found(cli, ['rights', 'database'], '--migrate', 'off')).of).toMatchObject([
      { name: 'rights', status: 'ok' },
      { name: 'database', status: 'ok' },
    ]);
    await database.alter(
      `ALTER DATABASE ${role} OWNER TO ${role}`,
      `ALTER ROLE ${role} SET default_transaction_read_only = on`,
    );
    expect(await found(cli, ['rights', 'database'])).toMatchObject({
      code: 1,
      of: [{ name: 'rights', status: 'problem', hint: expect.stringContaining('primary') }],
    });
    await database.alter(`ALTER ROLE ${role} RESET default_transaction_read_only`);
  });

  test('behind a pooler is told where the settings do not say so, and the other way round', async () => {
    const pooled = cliFor(pooler.urlThrough(database.url));
    expect(await found(pooled, ['pooler'])).toMatchObject({
      code: 1,
      of: [{ status: 'problem', hint: expect.stringContaining('--database-pooler transaction') }],
    });
    const said = ['--database-pooler', 'transaction'] as const;
    expect((await found(pooled, ['pooler', 'timeouts'], ...said)).of).toMatchObject([
      { name: 'pooler', status: 'ok' },
      {
        name: 'timeouts',
        status: 'warning',
        hint: "ALTER ROLE our_user SET statement_timeout = '2s'; ALTER ROLE our_user SET lock_timeout = '1s'; ALTER ROLE our_user SET idle_in_transaction_session_timeout = '5s'",
      },
    ]);
    await database.alter(`ALTER ROLE ${database.name} SET statement_timeout = '2s'`);
    expect((await found(cli, ['pooler', 'timeouts'], ...said)).of).toMatchObject([
      { name: 'pooler', status: 'warning', hint: 'leave --database-pooler (ASSENT_DATABASE_POOLER) out' },
      { name: 'timeouts', hint: expect.not.stringContaining('statement_timeout = ') },
    ]);
  });

  test('that servers share which differ is told with the setting and who has what', async () => {
    const there = { host: 'h', version: '1', startedAt: 1, configurationVersion: 1 };
    await cli.inStore(async ({ instances, clock }) => {
      for (const [name, url] of [
        ['one', 'a'],
        ['two', 'b'],
      ] as const) {
        const facts = { ASSENT_PUBLIC_URL: url };
        await instances.put({ ...there, name, processId: name, seenAt: clock?.now() ?? 0, facts });
      }
    });
    expect(await found(cli, ['instances'])).toMatchObject({
      code: 1,
      of: [
        { status: 'problem', message: expect.stringContaining('ASSENT_PUBLIC_URL: one | two') },
        {
          status: 'warning',
          message:
            'A server that is started here with these settings has something else than one, two: ASSENT_PUBLIC_URL.',
          hint: expect.stringMatching(/^give the doctor the settings of the server/),
        },
      ],
    });
  });

  test('a start here would differ from servers that are there only in what is not alike (OPS-31)', async () => {
    const publicUrl = 'http://localhost:1/am';
    const settings = { ...(await cli.settings()), publicUrl };
    const instancesFound = (...args: readonly string[]) =>
      found(cli, ['instances'], '--public-url', publicUrl, ...args);
    await cli.inStore(async (store) => {
      for (const { processId } of await store.instances.list()) await store.instances.leave(processId);
      const facts = await factsAtStart(store, settings, cli.cwd);
      const there = {
        name: 'one',
        processId: 'p',
        host: 'h',
        version: '1',
        startedAt: 1,
        configurationVersion: 1,
        facts,
      };
      await store.instances.put({ ...there, seenAt: store.clock?.now() ?? 0 });
    });
    expect((await instancesFound()).of).toEqual([{ name: 'instances', status: 'ok', message: 'One is there.' }]);
    const other = await instancesFound('--cors-origins', 'https://app.example.com');
    expect(other.of.map(({ status }) => status)).toEqual(['ok', 'warning']);
    expect(other.of[1]?.message).toContain('something else than one: ASSENT_CORS_ORIGINS.');
    expect((await instancesFound('--nodes', './none.mjs')).of).toEqual([
      {
        name: 'instances',
        status: 'problem',
        message: expect.stringMatching(/^No server starts here with these settings: .*none\.mjs/),
        hint: expect.any(String),
      },
    ]);
  });
});
