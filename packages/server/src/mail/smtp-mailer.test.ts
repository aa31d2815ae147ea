import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mail, Mailer } from '@assent/nodes';
import { addressGuard } from '@assent/push';
import { type Certificate, newCertificate } from '@assent/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { FLOOD_PIECE, type SmtpRules, SmtpServer } from '../testing/smtp-server.ts';
import { checkSmtp, mailerAdapter, PooledMailer, smtpMailer } from './smtp-mailer.ts';

const guard = addressGuard({ allowsLoopback: true });

const running: SmtpServer[] = [];
const serverWith = async (rules?: SmtpRules) => {
  const smtp = new SmtpServer(rules);
  running.push(smtp);
  return { smtp, port: await smtp.listen() };
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((smtp) => smtp.close()));
});

const mailTo = (port: number, change: Partial<Mail> = {}, server: Partial<Mail['server']> = {}): Mail => ({
  server: { host: '127.0.0.1', port, security: 'none', ...server },
  from: 'login@example.org',
  to: 'demo@example.org',
  subject: 'One Time Password',
  text: 'Your one-time password: 12345678',
  ...change,
});
const impatient = smtpMailer({ guard, patienceMillis: 300 });

describe('refuses without a word to the server', () => {
  test.each([
    ['a recipient that brings a command', { to: 'demo@example.org>\r\nRCPT TO:<eve@example.org' }],
    ['a recipient that brings a second one', { to: 'demo@example.org, eve@example.org' }],
    ['a recipient that brings a header', { to: 'demo@example.org\nBcc: eve@example.org' }],
    ['a recipient that is no address', { to: 'demo' }],
    ['a sender that brings a header', { from: 'Login\r\nBcc: eve@example.org <login@example.org>' }],
    ['a sender that is no address', { from: 'nobody' }],
  ])('%s', async (_what, change) => {
    const { smtp, port } = await serverWith();
    expect(await impatient.send(mailTo(port, change), '/')).toMatchObject({ status: 'refused' });
    expect(smtp.commands).toEqual([]);
  });
});

test.each(['127.0.0.1', 'localhost', 'mail.example.com'])(
  'a server within the network that nobody has listed is not called: %s (SEC-69)',
  async (host) => {
    const { smtp, port } = await serverWith();
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const strict = addressGuard({ allowsLoopback: false, resolve });
    const pooled = new PooledMailer({ guard: strict });
    for (const mailer of [smtpMailer({ guard: strict }), pooled]) {
      expect(await mailer.send(mailTo(port, {}, { host }), '/')).toEqual({
        status: 'refused',
        cause: expect.stringMatching(/may (?:not )?be called/),
      });
    }
    pooled.close();
    expect(smtp.commands).toEqual([]);
    const listed = addressGuard({ allowsLoopback: false, resolve, privateHosts: [`${host}:${port}`] });
    expect(await smtpMailer({ guard: listed }).send(mailTo(port, {}, { host }), '/')).toEqual({ status: 'accepted' });
  },
);

describe('is refused', () => {
  test.each([
    ['MAIL', '550 not from you', 550, true],
    ['MAIL', '530 who are you', 530, false],
    ['RCPT', '550 no such user', 550, true],
    ['RCPT', '450 mailbox busy', 450, false],
    ['DATA', '451 later', 451, false],
    ['.', '554 spam', 554, true],
    ['EHLO', '554 no service', 554, false],
  ])('where the server answers %s with %s, and for good: %s', async (verb, line, code, isFinal) => {
    const { port } = await serverWith({ answers: { [verb]: line, HELO: line } });
    const pooled = new PooledMailer({ guard });
    for (const mailer of [smtpMailer({ guard }), pooled]) {
      expect(await mailer.send(mailTo(port), '/')).toEqual({
        status: 'refused',
        cause: expect.stringContaining(String(code)),
        ...(isFinal && { isFinal }),
      });
    }
    pooled.close();
  });

  test('by a server that cannot encrypt, before it hears the password or the mail', async () => {
    const { smtp, port } = await serverWith({ user: { name: 'us', password: 'secret' } });
    const credentials = { username: 'us', password: 'secret' };
    const result = await impatient.send(mailTo(port, {}, { security: 'starttls', credentials }), '/');
    expect(result).toMatchObject({ status: 'refused' });
    expect(smtp.commands.join()).not.toMatch(/AUTH|MAIL|RCPT/);
  });

  test('by a server that offers to encrypt and then will not', async () => {
    const { smtp, port } = await serverWith({ offers: ['STARTTLS'], answers: { STARTTLS: '454 not now' } });
    expect(await impatient.send(mailTo(port, {}, { security: 'starttls' }), '/')).toMatchObject({ status: 'refused' });
    expect(smtp.commands.map((line) => line.split(' ')[0])).not.toContain('MAIL');
  });

  test('by a server that speaks in clear where TLS is asked for', async () => {
    const { smtp, port } = await serverWith();
    expect(await impatient.send(mailTo(port, {}, { security: 'tls' }), '/')).toMatchObject({ status: 'refused' });
    expect(smtp.mails).toEqual([]);
  });

  test('for a wrong password, which the cause does not repeat', async () => {
    const { smtp, port } = await serverWith({ user: { name: 'us', password: 'secret' } });
    const result = await smtpMailer({ guard }).send(
      mailTo(port, {}, { credentials: { username: 'us', password: 'wrong' } }),
      '/',
    );
    expect(result).toMatchObject({ status: 'refused', cause: expect.stringContaining('535') });
    expect(JSON.stringify(result)).not.toContain(Buffer.from('\0us\0wrong').toString('base64'));
    expect(smtp.mails).toEqual([]);
  });

  test('after a while by a server that says nothing', async () => {
    const { port } = await serverWith({ silent: true });
    expect(await impatient.send(mailTo(port), '/')).toMatchObject({ status: 'refused' });
  });

  test('where nobody listens', async () => {
    const { smtp, port } = await serverWith();
    await smtp.close();
    running.splice(0);
    expect(await impatient.send(mailTo(port), '/')).toMatchObject({ status: 'refused' });
  });
});

describe.each(['tls', 'starttls'] as const)('encrypted by %s', (security) => {
  let folder: string;
  let trusted: Certificate;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assent-mail-'));
    trusted = await newCertificate(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const user = { name: 'us', password: 'secret' };
  const credentials = { username: 'us', password: 'secret' };
  const servers = async () => {
    const [key, cert] = [readFileSync(trusted.keyFile), readFileSync(trusted.certificateFile)];
    return serverWith({ user, encrypts: { security, key, cert } });
  };
  const guardOf = () =>
    addressGuard({ allowsLoopback: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  const sent = async (port: number, host: string, ca?: string) => {
    const options = { guard: guardOf(), patienceMillis: 2_000, ...(ca !== undefined && { ca }) };
    const pooled = new PooledMailer(options);
    const mail = mailTo(port, {}, { host, security, credentials });
    const results = [await smtpMailer(options).send(mail, '/'), await pooled.send(mail, '/')];
    pooled.close();
    return results;
  };

  test.each(['localhost', '127.0.0.1'])('a server whose certificate is for %s gets the mail', async (host) => {
    const { smtp, port } = await servers();
    expect(await sent(port, host, trusted.authority)).toEqual([{ status: 'accepted' }, { status: 'accepted' }]);
    expect(smtp.mails).toHaveLength(2);
  });

  test.each([
    ['is for another name', 'mail.example.com', () => trusted.authority],
    ['nobody vouches for', 'localhost', () => undefined],
  ])('one whose certificate %s hears neither password nor mail', async (_what, host, authority) => {
    const { smtp, port } = await servers();
    const refusal = { status: 'refused', cause: expect.stringMatching(/cert|self-signed|altname/i) };
    expect(await sent(port, host, authority())).toEqual([refusal, refusal]);
    expect(smtp.commands.join()).not.toMatch(/AUTH|MAIL|RCPT/);
  });
});

describe('a server that sends without end loses the connection (SEC-93)', () => {
  let folder: string;
  let trusted: Certificate;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assent-mail-'));
    trusted = await newCertificate(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** For each way to call a server: what it says of this one, and how many turns of the event loop the library has taken in all. */
  const callsOf = async (rules: SmtpRules, server: Pick<Mail['server'], 'security' | 'credentials'>) => {
    const { security } = server;
    const [key, cert] = [readFileSync(trusted.keyFile), readFileSync(trusted.certificateFile)];
    const { smtp, port } = await serverWith({
      ...rules,
      ...(security !== 'none' && { encrypts: { security, key, cert } }),
    });
    const good = await serverWith();
    const options = { guard, ca: trusted.authority };
    const turns = vi.spyOn(globalThis, 'setImmediate');
    const pooled = new PooledMailer(options);
    const hostile = mailTo(port, {}, server);
    const causes: unknown[] = [];
    for (const mailer of [smtpMailer(options), pooled]) {
      causes.push(((await mailer.send(hostile, '/')) as { readonly cause?: string }).cause);
      expect(await mailer.send(mailTo(good.port), '/')).toEqual({ status: 'accepted' });
    }
    causes.push(await checkSmtp(hostile.server, options));
    pooled.close();
    await smtp.close();
    running.splice(running.indexOf(smtp), 1);
    expect(good.smtp.mails).toHaveLength(2);
    expect(smtp.mails).toEqual([]);
    return { causes, turns: turns.mock.calls.length };
  };
  const ofLines = expect.stringContaining('more than 1000 lines');
  const ofBytes = expect.stringContaining('more than 65536 bytes');
  const ofLine = expect.stringContaining('a line of more than 2048 bytes');
  const ofControl = expect.stringContaining('a NUL, or a carriage return without a line feed');
  /** Pieces of a flood, each a record of TLS: `tail` is at the end of one, and `head` at the beginning of the next. */
  const splitFlood = (head: string, tail: string) => {
    const lines = `220-${'x'.repeat(94)}\r\n`.repeat(200);
    return head + lines.slice(head.length + tail.length - FLOOD_PIECE) + tail;
  };

  describe.each(['none', 'tls', 'starttls'] as const)('with security %s', (security) => {
    const isEncrypted = security !== 'none';
    test.each([
      ['empty lines', '\n', ofLines],
      ['spaces and empty lines', ' \r\n', ofLines],
      ['an answer whose lines go on', '220-x\r\n', ofLines],
      ['a line that goes on', 'x', ofLine],
      ['a line of two pieces', splitFlood(`${'x'.repeat(1_000)}\r\n`, `220-${'x'.repeat(1_500)}`), ofLine],
      ['a carriage return at the end of a piece', splitFlood('220-x\r\n', '220-x\r'), ofControl],
      ['a carriage return within a line', '220-x\rx\r\n', ofControl],
      ['a NUL', '220-x\0\r\n', ofControl],
      ['long lines of one answer', `220-${'x'.repeat(2_000)}\r\n`, ofBytes],
    ])('%s', async (_what, text, cause) => {
      const { causes, turns } = await callsOf({ floods: { text, isEncrypted } }, { security });
      expect(causes).toEqual([cause, cause, cause]);
      // 1,000 lines over each of 3 connections.
      expect(turns).toBeLessThan(3_500);
    });

    test.each([
      ['a challenge that takes the library the square of its length', `334 ${' '.repeat(60_000)}\rx\rx`, ofLine],
      ['a short one that cannot be read', '334 \rx\rx', ofControl],
    ])('%s', async (_what, AUTH, cause) => {
      const credentials = { username: 'us', password: 'secret' };
      const rules = { offers: ['AUTH CRAM-MD5'], answers: { AUTH } };
      expect((await callsOf(rules, { security, credentials })).causes).toEqual([cause, cause, cause]);
    });
  });

  test.each([
    ['lines', '\n', ofLines],
    ['one line', 'x', ofLine],
    ['a carriage return', '220-x\rx\r\n', ofControl],
  ])('%s before it encrypts', async (_what, text, cause) => {
    expect((await callsOf({ floods: { text } }, { security: 'starttls' })).causes).toEqual([cause, cause, cause]);
  });

  test.each([
    [2_048, 'accepted'],
    [2_049, 'refused'],
  ])('and a mail after a line of %i bytes with its end is %s', async (bytes, status) => {
    const { port } = await serverWith({ offers: ['x'.repeat(bytes - '250 \r\n'.length)] });
    expect(await smtpMailer({ guard }).send(mailTo(port), '/')).toMatchObject({ status });
  });

  test('and one that greets with up to 500 lines keeps it', async () => {
    const lines = Array.from({ length: 500 }, (_, at) => `OFFER${at}`);
    const { smtp, port } = await serverWith({ offers: lines });
    expect(await smtpMailer({ guard }).send(mailTo(port), '/')).toEqual({ status: 'accepted' });
    expect(smtp.mails).toHaveLength(1);
  });
});

test('an answer in clear text that follows the one to STARTTLS is not taken for an encrypted one', async () => {
  const { smtp, port } = await serverWith({
    offers: ['STARTTLS'],
    answers: { STARTTLS: '220 go on\r\n250 injected\r\n235 known' },
  });
  expect(await impatient.send(mailTo(port, {}, { security: 'starttls' }), '/')).toMatchObject({ status: 'refused' });
  expect(smtp.commands.map((line) => line.split(' ')[0]).slice(0, 2)).toEqual(['EHLO', 'STARTTLS']);
  expect(smtp.commands.join()).not.toMatch(/AUTH|MAIL|RCPT/);
});

test('a connection that is kept carries 50 mails, to a server with long answers, too (OPS-46, SEC-93)', async () => {
  const { smtp, port } = await serverWith({ answers: { '.': `250 ${'x'.repeat(1_000)}` } });
  const pooled = new PooledMailer({ guard });
  for (let at = 0; at < 51; at += 1)
    expect(await pooled.send(mailTo(port, { text: String(at) }), '/')).toEqual({ status: 'accepted' });
  pooled.close();
  expect(smtp.commands.filter((line) => line.startsWith('EHLO'))).toHaveLength(2);
});

test('a subject cannot bring a header', async () => {
  const { smtp, port } = await serverWith();
  const subject = 'Hello\r\nBcc: eve@example.org';
  expect(await smtpMailer({ guard }).send(mailTo(port, { subject }), '/')).toEqual({ status: 'accepted' });
  expect(smtp.mails[0]).toMatch(/^Subject: Hello Bcc: eve@example\.org$/m);
  expect(smtp.mails[0]).not.toMatch(/^Bcc/m);
  expect(smtp.commands.filter((line) => line.startsWith('RCPT'))).toEqual(['RCPT TO:<demo@example.org>']);
});

test('a text cannot end the mail, nor begin another', async () => {
  const { smtp, port } = await serverWith();
  await smtpMailer({ guard }).send(mailTo(port, { text: 'a\r\n.\r\nMAIL FROM:<eve@example.org>\r\nb' }), '/');
  expect(smtp.mails).toHaveLength(1);
  expect(smtp.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
});

test('delivers to the one user, from the address of the node', async () => {
  const { smtp, port } = await serverWith();
  const from = 'Assent <login@example.org>';
  expect(await smtpMailer({ guard }).send(mailTo(port, { from }), '/')).toEqual({ status: 'accepted' });
  expect(smtp.mails).toHaveLength(1);
  expect(smtp.mails[0]).toMatch(/^From: Assent <login@example\.org>$/m);
  expect(smtp.mails[0]).toMatch(/^To: demo@example\.org$/m);
  expect(smtp.mails[0]).toMatch(/^Subject: One Time Password$/m);
  expect(smtp.mails[0]).toContain('Your one-time password: 12345678');
});

test('says who we are where the node has a name', async () => {
  const { smtp, port } = await serverWith({ user: { name: 'us', password: 'secret' } });
  const credentials = { username: 'us', password: 'secret' };
  expect(await smtpMailer({ guard }).send(mailTo(port, {}, { credentials }), '/')).toEqual({ status: 'accepted' });
  expect(smtp.mails).toHaveLength(1);
});

test('does not encrypt by itself where the node says in clear', async () => {
  const { smtp, port } = await serverWith({ offers: ['STARTTLS'] });
  expect(await smtpMailer({ guard }).send(mailTo(port), '/')).toEqual({ status: 'accepted' });
  expect(smtp.commands).not.toContain('STARTTLS');
});

test('sends a mail once in a unit of work that has to be executed again, and again in the next one', async () => {
  const sent: Mail[] = [];
  const counting: Mailer = {
    async send(mail) {
      sent.push(mail);
      return { status: 'accepted' };
    },
  };
  const bind = mailerAdapter(counting);
  const submit = { realm: { realm: '/' } } as Parameters<typeof bind>[0];
  const mail = mailTo(25);
  await bind(submit).send(mail);
  await bind(submit).send({ ...mail });
  expect(sent).toHaveLength(1);
  await bind(submit).send({ ...mail, text: 'another' });
  await bind({ ...submit }).send(mail);
  expect(sent).toHaveLength(3);
});

test('a mail for readers of HTML has both, one beside the other', async () => {
  const { smtp, port } = await serverWith();
  const both = { text: 'Follow https://x.example', html: '<a href="https://x.example">Follow</a>' };
  expect(await smtpMailer({ guard }).send(mailTo(port, both), '/')).toEqual({ status: 'accepted' });
  expect(smtp.mails[0]).toMatch(/multipart\/alternative[\s\S]*text\/plain[\s\S]*text\/html/);
});

test('looks up its server in turns of the realm of the mail, over connections of that realm (SEC-93)', async () => {
  const { smtp, port } = await serverWith();
  const realms: string[] = [];
  const watched = {
    of: (realm: string) => {
      realms.push(realm);
      return guard.of(realm);
    },
  };
  const single = mailerAdapter(smtpMailer({ guard: watched }));
  const unit = { realm: { realm: '/alpha' } } as Parameters<typeof single>[0];
  expect(await single(unit).send(mailTo(port))).toEqual({ status: 'accepted' });
  const pooled = new PooledMailer({ guard: watched });
  for (const realm of ['/beta', '/beta', '/gamma']) {
    expect(await pooled.send(mailTo(port), realm)).toEqual({ status: 'accepted' });
  }
  pooled.close();
  expect(realms).toEqual(['/alpha', '/beta', '/gamma']);
  expect(smtp.mails).toHaveLength(4);
});

describe('connections that are kept', () => {
  test('carry one mail after the other, and one mail that is refused costs no other (OPS-46)', async () => {
    const { smtp, port } = await serverWith();
    const pooled = new PooledMailer({ guard });
    for (const text of ['one', 'two', 'three']) {
      expect(await pooled.send(mailTo(port, { text }), '/')).toEqual({ status: 'accepted' });
    }
    expect(await pooled.send(mailTo(port, { to: 'nobody' }), '/')).toMatchObject({ status: 'refused', isFinal: true });
    expect(smtp.mails).toHaveLength(3);
    expect(smtp.commands.filter((line) => line.startsWith('EHLO'))).toHaveLength(1);
    pooled.close();
  });

  test('are given up where a mail takes too long, and the next one gets a new one', async () => {
    const silent = await serverWith({ silent: true });
    const { smtp, port } = await serverWith();
    const pooled = new PooledMailer({ guard, patienceMillis: 150 });
    expect(await pooled.send(mailTo(silent.port), '/')).toMatchObject({ status: 'refused' });
    expect(await pooled.send(mailTo(port), '/')).toEqual({ status: 'accepted' });
    pooled.close();
    expect(await pooled.send(mailTo(port), '/')).toEqual({ status: 'accepted' });
    expect(smtp.mails).toHaveLength(2);
    pooled.close();
  });

  test('carry where a mail comes from, so that one that came twice is known (OPS-43)', async () => {
    const { smtp, port } = await serverWith();
    const pooled = new PooledMailer({ guard });
    await pooled.send(mailTo(port, { id: 'entry_1-a' }), '/');
    expect(smtp.mails[0]).toMatch(/^Message-ID: <entry_1-a@example\.org>$/m);
    pooled.close();
  });
});
