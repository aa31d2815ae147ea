import { Writable } from 'node:stream';
import {
  type Change,
  MAX_OUTBOX_PAYLOAD,
  newOutboxRow,
  type OutboxEntry,
  type ServiceDocument,
  type UnitOfWork,
} from '@assent/engine/host';
import { fakeRequest, seededRandom, simulatedClock, testRealm } from '@assent/engine/testing';
import type { Mail, MailResult } from '@assent/nodes';
import { describe, expect, test } from 'vitest';
import { createLog } from '../platform/log.ts';
import { realmMailAdapter, templateMailSender } from './realm-mail.ts';

const SERVICE = { hostname: 'smtp.example.org', from: 'login@example.org', username: 'us', password: 's3cret' };
const TEMPLATE = { subject: { en: 'Hi {{object.userName}}', fr: 'Bonjour' }, message: { en: '<p>x</p>' } };

const setUp = ({
  services = { email: SERVICE, 'emailTemplate/welcome': TEMPLATE },
  result = { status: 'accepted' },
}: {
  services?: Record<string, object>;
  result?: MailResult;
} = {}) => {
  const sent: Mail[] = [];
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  let now = services;
  const configuration = {
    service: (realm: string, type: string) =>
      realm === '/' && type in now
        ? ({ realm, type, config: now[type] as never } satisfies ServiceDocument)
        : undefined,
  };
  const bind = realmMailAdapter({
    configuration,
    clock: simulatedClock(),
    random: seededRandom(),
    log: createLog({ level: 'info', destination }),
  });
  const sender = templateMailSender({
    configuration,
    mailer: {
      async send(given) {
        sent.push(given);
        return result;
      },
    },
  });
  const effects: (() => void)[] = [];
  const staged: Change[] = [];
  const port = (realm = '/', locales = ['en']) =>
    bind({
      realm: testRealm({ realm }),
      request: fakeRequest({ locales }),
      stage: (change) => void staged.push(change),
      afterCommit: (effect) => void effects.push(effect),
    } as Partial<UnitOfWork> as UnitOfWork);
  const entries = () => staged.map(({ entry }) => entry as OutboxEntry);
  return {
    sent,
    lines,
    port,
    entries,
    reconfigure: (services: Record<string, object>) => {
      now = services;
    },
    /** Sends what was staged, as the outbox does, and says what came of each. */
    deliver: async () => {
      for (const effect of effects.splice(0)) effect();
      return Promise.all(entries().map((entry) => sender.send(newOutboxRow(entry))));
    },
    audit: (outcome: string) => entries().map((entry) => sender.audit(newOutboxRow(entry), 7, outcome)),
  };
};
const welcome = { template: 'welcome', to: 'demo@example.org', object: { userName: 'demo' } };

test('a mail is part of the commit, and sent by the outbox (OPS-43)', async () => {
  const it = setUp();
  it.port().sendLater({ ...welcome, userId: 'user-1' });
  expect(it.sent).toEqual([]);
  expect(it.entries()).toMatchObject([{ kind: 'mail', realm: '/', recipient: 'mail server', userId: 'user-1' }]);
  expect(await it.deliver()).toEqual([{ status: 'settled', outcome: 'sent' }]);
  expect(it.sent).toEqual([
    {
      server: {
        host: 'smtp.example.org',
        port: 465,
        security: 'tls',
        credentials: { username: 'us', password: 's3cret' },
      },
      from: 'login@example.org',
      to: 'demo@example.org',
      subject: 'Hi demo',
      text: 'x',
      html: '<p>x</p>',
      id: it.entries()[0]?.id,
    },
  ]);
});

test.each([
  ['SSL', 'tls'],
  ['Start TLS', 'starttls'],
  ['Non SSL', 'none'],
])('a mail service with %s speaks %s', async (sslState, security) => {
  const it = setUp({ services: { email: { ...SERVICE, username: '', sslState }, 'emailTemplate/welcome': TEMPLATE } });
  it.port().sendLater(welcome);
  await it.deliver();
  expect(it.sent[0]?.server).toEqual({ host: 'smtp.example.org', port: 465, security });
});

test('speaks the language of whoever began, and sends from where the template says', async () => {
  const template = { ...TEMPLATE, from: 'help@example.org' };
  const it = setUp({ services: { email: SERVICE, 'emailTemplate/welcome': template } });
  it.port('/', ['fr']).sendLater(welcome);
  await it.deliver();
  expect(it.sent[0]).toMatchObject({ from: 'help@example.org', subject: 'Bonjour' });
});

test('keeps of the user no more than the template names until it is sent (I5)', async () => {
  const it = setUp();
  const object = { userName: 'demo', password: 'Ch4ng31t!', telephoneNumber: '+49' };
  it.port().sendLater({ ...welcome, object });
  it.port().sendLater({ ...welcome, object });
  const [one, other] = it.entries();
  expect(JSON.parse(one?.payload ?? '')).toMatchObject({ object: { userName: 'demo' }, locales: ['en'] });
  expect(one?.payload).not.toMatch(/Ch4ng31t|\+49/);
  expect(one?.id).not.toBe(other?.id);
});

describe('says in the log alone why a mail can never be sent, and never what it said or with which password', () => {
  test.each([
    ['without a mail service', { services: { 'emailTemplate/welcome': TEMPLATE } }, welcome, 'no service "email"'],
    ['without the template', { services: { email: SERVICE } }, welcome, 'no such email template'],
    [
      'with a name that is longer than any',
      {},
      { ...welcome, object: { userName: 'demo'.repeat(MAX_OUTBOX_PAYLOAD) } },
      'too long',
    ],
  ])('%s', async (_what, given, mail, cause) => {
    const it = setUp(given);
    it.port().sendLater(mail);
    await it.deliver();
    expect(it.entries()).toEqual([]);
    expect(it.lines).toMatchObject([
      {
        msg: 'A mail could not be sent.',
        realm: '/',
        template: 'welcome',
        transactionId: 'test-transaction',
        cause: expect.stringContaining(cause),
      },
    ]);
    expect(JSON.stringify(it.lines)).not.toMatch(/s3cret|demo@example|Hi demo/);
  });

  test('in another realm than that of the template', async () => {
    const it = setUp();
    it.port('/alpha').sendLater(welcome);
    await it.deliver();
    expect(it.sent).toEqual([]);
    expect(it.lines).toHaveLength(1);
  });
});

describe('is tried again where it may be sent later, and given up where it may not (OPS-46)', () => {
  test.each([
    ['the service is gone by then', { 'emailTemplate/welcome': TEMPLATE }, 'no service "email"'],
    ['the service has no server', { email: {}, 'emailTemplate/welcome': TEMPLATE }, 'no usable hostname'],
    ['the template is gone by then', { email: SERVICE }, 'no email template "welcome" any more'],
    [
      'the template is switched off by then',
      { email: SERVICE, 'emailTemplate/welcome': { ...TEMPLATE, enabled: false } },
      'is off',
    ],
    [
      'the template names a value too often by then',
      {
        email: SERVICE,
        'emailTemplate/welcome': { ...TEMPLATE, message: { en: '{{object.userName}}'.repeat(70_000) } },
      },
      'more than 262144 characters',
    ],
  ])('%s', async (_what, services, cause) => {
    const it = setUp();
    it.port().sendLater(welcome);
    it.reconfigure(services);
    expect(await it.deliver()).toEqual([{ status: 'failed', cause: expect.stringContaining(cause) }]);
  });

  test.each([
    [{ status: 'refused', cause: 'The mail server answered 451 to DATA.' } as const, 'failed'],
    [{ status: 'refused', cause: 'The mail server answered 550 to RCPT.', isFinal: true } as const, 'refused'],
  ])('the server says %j', async (result, status) => {
    const it = setUp({ result });
    it.port().sendLater(welcome);
    expect(await it.deliver()).toEqual([{ status, cause: result.cause }]);
  });
});

test('the trail says which template was sent to whom, and not where', () => {
  const it = setUp();
  it.port().sendLater({ ...welcome, userId: 'user-1' });
  const [row] = it.audit('sent');
  expect(row).toEqual({
    type: 'audit.append',
    event: {
      at: 7,
      event: 'MAIL',
      realm: '/',
      transactionId: 'test-transaction',
      outcome: 'sent',
      detail: { template: 'welcome' },
      userId: 'user-1',
    },
  });
});
