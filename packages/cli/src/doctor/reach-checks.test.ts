import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { auditChange } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { testCliWithData } from '../testing/test-cli.ts';
import { checkDatabaseClock, checkDescriptors, checkHintBus } from './reach-checks.ts';

// What the doctor finds out by asking those around the server, and what it says where a hop is broken (OPS-51).

const NOW = Date.parse('2026-03-09T12:00:00Z');

/** With servers on this machine allowed, unless other words are given. */
const foundIn = async (
  config: { readonly type: string; readonly config: Readonly<Record<string, unknown>> },
  args: readonly string[] = ['--insecure'],
) => {
  const cli = await testCliWithData();
  await cli.inStore((store) => configuring(store).saveService({ realm: '/', ...config }));
  const { code, stdout } = await cli.run('doctor', '--port', '0', '--json', ...args);
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).check as { name: string; status: string; message: string; hint?: string });
  return { code, found, stdout };
};

test('a mail server that is not there is a problem that names host and port, and no password', async () => {
  const config = {
    hostname: '127.0.0.1',
    port: 1,
    sslState: 'Non SSL',
    from: 'a@example.org',
    username: 'u',
    password: 'geheim-7',
  };
  const { code, found, stdout } = await foundIn({ type: 'email', config });
  expect(code).toBe(1);
  expect(found).toContainEqual({
    name: 'realm /',
    status: 'problem',
    message: expect.stringMatching(/^The mail server of the service email does not take mail from us: .*ECONNREFUSED/),
    hint: 'set hostname and port of the service email to where the mail server is, and let this machine call it',
  });
  expect(stdout).not.toContain('geheim-7');
});

/** Something that listens and answers as told, until the test ends. */
const listening = async (serve: (socket: Socket) => void): Promise<number> => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  stops.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A mail server that does not know our password, and offers no TLS. */
const closedMailServer = () =>
  listening((socket) => {
    socket.write('220 mail.example.org\r\n');
    socket.on('data', (said) => {
      const [verb = ''] = said.toString().trim().split(' ');
      const answers: Readonly<Record<string, string>> = {
        EHLO: '250-mail.example.org\r\n250 AUTH PLAIN',
        AUTH: '535 5.7.8 authentication failed',
      };
      socket.write(`${answers[verb.toUpperCase()] ?? '502 not implemented'}\r\n`);
    });
  });

test.each([
  ['that does not know our password', 'Non SSL', 'set username and password of the service email'],
  ['that offers no TLS', 'Start TLS', 'set sslState of the service email'],
  ['that speaks no TLS', 'SSL', 'set sslState of the service email'],
])('a mail server %s is a problem that names the setting', async (_what, sslState, hint) => {
  const config = {
    hostname: '127.0.0.1',
    port: await closedMailServer(),
    sslState,
    from: 'a@example.org',
    username: 'u',
    password: 'geheim-7',
  };
  const { code, found, stdout } = await foundIn({ type: 'email', config });
  expect(code).toBe(1);
  const problem = { name: 'realm /', status: 'problem', hint: expect.stringContaining(hint) };
  expect(found).toContainEqual(expect.objectContaining(problem));
  expect(stdout).not.toContain('geheim-7');
});

test('SEC-92: a mail server is not sent the name of a secret as a password', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.end();
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  try {
    const { port } = server.address() as AddressInfo;
    const config = { hostname: '127.0.0.1', port, sslState: 'Non SSL', from: 'a@example.org', username: 'u' };
    const given = (password: string) => foundIn({ type: 'email', config: { ...config, password } });
    const { code, found } = await given('&{esv.smtp.password}');
    expect(code).toBe(1);
    expect(found).toContainEqual(
      expect.objectContaining({
        name: 'realm /',
        status: 'problem',
        hint: expect.stringContaining('ESV_SMTP_PASSWORD'),
      }),
    );
    expect(connections).toBe(0);
    await given('geheim-7');
    expect(connections).toBeGreaterThan(0);
  } finally {
    server.close();
  }
});

test('a directory that does not know the password of bindDn is a problem that names it', async () => {
  // The answer of LDAP to a bind: its message id, and invalidCredentials (RFC 4511 §4.2.2).
  const port = await listening((socket) =>
    socket.on('data', (bind) =>
      socket.write(Buffer.from([0x30, 0x0c, 2, 1, bind[4] ?? 0, 0x61, 0x07, 0x0a, 1, 49, 4, 0, 4, 0])),
    ),
  );
  const config = {
    urls: [`ldap://127.0.0.1:${port}`],
    baseDn: 'dc=example,dc=org',
    bindDn: 'cn=assent,dc=example,dc=org',
    bindPassword: 'geheim-7',
  };
  const { code, found, stdout } = await foundIn({ type: 'ldap', config });
  expect(code).toBe(1);
  expect(found).toContainEqual(
    expect.objectContaining({ status: 'problem', hint: expect.stringContaining('set bindDn and bindPassword') }),
  );
  expect(stdout).not.toContain('geheim-7');
});

test.each([
  [
    'a mail server',
    (port: number) => ({
      type: 'email',
      config: { hostname: '127.0.0.1', port, sslState: 'Non SSL', from: 'a@example.org' },
    }),
  ],
  [
    'a directory',
    (port: number) => ({ type: 'ldap', config: { urls: [`ldap://127.0.0.1:${port}`], baseDn: 'dc=example,dc=org' } }),
  ],
])(
  '%s within our network is a problem that names --private-hosts, and is not called before it is listed (SEC-69)',
  async (_what, serviceAt) => {
    let calls = 0;
    const port = await listening((socket) => {
      calls += 1;
      socket.destroy();
    });
    const { code, found } = await foundIn(serviceAt(port), []);
    expect(code).toBe(1);
    const hint = expect.stringContaining('--private-hosts');
    expect(found).toContainEqual(expect.objectContaining({ name: 'realm /', status: 'problem', hint }));
    expect(calls).toBe(0);
    const listed = await foundIn(serviceAt(port), ['--private-hosts', `127.0.0.1:${port}`]);
    expect(listed.found).not.toContainEqual(expect.objectContaining({ hint }));
    expect(calls).toBeGreaterThan(0);
  },
);

test('a Redis that wants another password is a problem that names the file of it', async () => {
  const port = await listening((socket) =>
    socket.on('data', () => socket.write('-WRONGPASS invalid username-password pair or user is disabled.\r\n')),
  );
  const cli = await testCliWithData();
  const { code, stdout } = await cli.run('doctor', '--port', '0', '--redis-url', `redis://127.0.0.1:${port}`);
  expect(code).toBe(1);
  expect(stdout).toContain('✗ hint bus: problem: Redis refuses us (');
  expect(stdout).toContain('--redis-password-file (ASSENT_REDIS_PASSWORD_FILE)');
});

test.each(['ENOENT', 'EACCES', 'EISDIR'])(
  "a file of Redis's password that ends with %s is told of by its setting",
  async (cause) => {
    const settings = { redisUrl: 'redis://localhost', redisPasswordFile: '/nowhere' };
    const found = await checkHintBus({ checkRedis: async () => cause }, settings, { within: async () => undefined });
    expect(found).toMatchObject([
      {
        status: 'problem',
        message: expect.stringContaining(cause),
        hint: expect.stringContaining('ASSENT_REDIS_PASSWORD_FILE'),
      },
    ]);
  },
);

test('a directory that is not there is a problem that names where it is said to be', async () => {
  const config = {
    urls: ['ldap://127.0.0.1:1'],
    baseDn: 'dc=example,dc=org',
    bindDn: 'cn=a',
    bindPassword: 'geheim-7',
  };
  const { found, stdout } = await foundIn({ type: 'ldap', config });
  expect(found).toContainEqual(
    expect.objectContaining({
      name: 'realm /',
      status: 'problem',
      message: expect.stringContaining('The directory of the service ldap cannot be asked: '),
      hint: expect.stringContaining('urls, startTls and caCertificates'),
    }),
  );
  expect(stdout).not.toContain('geheim-7');
});

test('a Redis that is not there is a problem that says what it costs', async () => {
  const cli = await testCliWithData();
  const { code, stdout } = await cli.run('doctor', '--port', '0', '--redis-url', 'redis://127.0.0.1:1');
  expect(code).toBe(1);
  expect(stdout).toContain(
    '✗ hint bus: problem: Redis cannot be reached (ECONNREFUSED): instances look in the database',
  );
  expect(stdout).toContain('--redis-url (ASSENT_REDIS_URL)');
});

test.each([
  [90_000, 'problem', 'Our clock is 90 seconds ahead of that of the database.'],
  [-90_000, 'problem', 'Our clock is 90 seconds behind that of the database.'],
  [1_000, 'ok', 'The clock of the database and ours agree.'],
])('a clock that is ahead of the database by %d ms', (ahead, status, message) => {
  expect(checkDatabaseClock({ clock: { now: () => NOW } }, NOW + ahead)).toMatchObject([{ status, message }]);
});

test.each([
  ['Max open files            1024                 524288               files', 'warning'],
  ['Max open files            65536                524288               files', 'ok'],
  ['Max open files            unlimited            unlimited            files', 'ok'],
])('of %j there are enough descriptors, or not', (limits, status) => {
  expect(checkDescriptors(`Limit  Soft  Hard\n${limits}\n`)).toMatchObject([{ name: 'descriptors', status }]);
});

test('where a system does not say how many it allows, nothing is said', () => {
  expect(checkDescriptors(undefined)).toEqual([]);
});

describe('the sink of the audit trail (OPS-51, OPS-58)', () => {
  const cliWithTrail = async (more: Readonly<Record<string, string>> = {}) => {
    const cli = await testCliWithData();
    Object.assign(cli.env, more);
    return cli;
  };
  const sinkFindings = async (cli: Awaited<ReturnType<typeof cliWithTrail>>, ...args: readonly string[]) => {
    const { stdout } = await cli.run('doctor', '--port', '0', '--json', ...args);
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).check as { name: string });
    return found.filter(({ name }) => name === 'audit sink');
  };

  test('is looked at without a byte of the trail, and without a file that is made', async () => {
    const cli = await cliWithTrail();
    expect(await sinkFindings(cli)).toEqual([]);
    expect(await sinkFindings(cli, '--audit-sink', 'file:audit.jsonl')).toMatchObject([
      { status: 'ok', message: expect.stringMatching(/audit\.jsonl can be reached; nothing was sent/) },
    ]);
    expect(existsSync(join(cli.cwd, 'audit.jsonl'))).toBe(false);
    const heard: string[] = [];
    const port = await listening((socket) =>
      socket.once('data', (chunk) => {
        heard.push(chunk.toString());
        socket.end('HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n');
      }),
    );
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const webhook = await cliWithTrail({ ASSENT_AUDIT_SINK_SECRET: secret });
    const url = `http://127.0.0.1:${port}/audit`;
    expect(await sinkFindings(webhook, '--insecure', '--audit-sink', url)).toMatchObject([{ status: 'ok' }]);
    expect(heard.join('')).toMatch(/^GET \/audit HTTP/);
    expect(heard.join('')).not.toContain('assent-audit/1');
  });

  test.each([
    ['file:none/audit.jsonl', /ENOENT.*Rows of the audit trail wait/, /in a folder that is there/],
    ['file:.', /is no plain file/, /in a folder that is there/],
    ['syslog+tls://127.0.0.1:1', /ECONNREFUSED/, /start the receiver/],
    ['syslog+tls://127.0.0.1:{port}', /SSL|TLS|wrong version/i, /ASSENT_AUDIT_SINK_CA/],
  ])('that cannot be reached is a problem with its cause and remedy: %s', async (sink, message, hint) => {
    const port = await listening((socket) => socket.end('no TLS here'));
    expect(
      await sinkFindings(await cliWithTrail(), '--audit-sink', sink.replace('{port}', String(port))),
    ).toMatchObject([
      { status: 'problem', message: expect.stringMatching(message), hint: expect.stringMatching(hint) },
    ]);
  });

  test('that has not taken a row for minutes is told of with its age', async () => {
    const cli = await cliWithTrail();
    await cli.inStore(async ({ auditFeed, committer }) => {
      await auditFeed.begin(NOW);
      await committer.commit([auditChange({ at: NOW, realm: '/', transactionId: 't' }, 'LOGOUT', {})]);
    });
    cli.now = NOW + 119_000;
    expect(await sinkFindings(cli, '--audit-sink', 'stdout')).toMatchObject([{ status: 'ok' }]);
    cli.now = NOW + 3 * 3_600_000;
    expect(await sinkFindings(cli, '--audit-sink', 'stdout')).toMatchObject([
      { status: 'ok' },
      { status: 'warning', message: expect.stringContaining('has not been taken for 3 hours') },
    ]);
  });
});

test('a security.txt that expires within a month, has expired, or is none, is told of (RFC 9116)', async () => {
  const cli = await testCliWithData();
  cli.now = NOW;
  const file = join(cli.cwd, 'security.txt');
  const foundWith = async (expires: string) => {
    writeFileSync(file, `Contact: mailto:security@example.com\nExpires: ${expires}\n`);
    const { stdout } = await cli.run('doctor', '--port', '0', '--json', '--security-txt', file);
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).check as { name: string });
    return found.filter(({ name }) => name === 'security.txt');
  };
  expect(await foundWith('2026-04-08T12:00:01Z')).toMatchObject([{ status: 'ok' }]);
  expect(await foundWith('2026-04-08T12:00:00Z')).toMatchObject([
    { status: 'warning', message: expect.stringContaining('It expires at 2026-04-08') },
  ]);
  expect(await foundWith('2026-03-09T12:00:00Z')).toMatchObject([
    { status: 'warning', message: expect.stringContaining('It has expired') },
  ]);
  expect(await foundWith('soon')).toMatchObject([{ status: 'problem', message: expect.stringContaining('"soon"') }]);
});
