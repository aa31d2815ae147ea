import { Writable } from 'node:stream';
import type { ServiceDocument, UnitOfWork } from '@assent/engine/host';
import { fakeRequest, testRealm } from '@assent/engine/testing';
import type { Mail, MailResult } from '@assent/nodes';
import { describe, expect, test } from 'vitest';
import { createLog } from '../platform/log.ts';
import { RealmMail } from './realm-mail.ts';

const SERVICE = { hostname: 'smtp.example.org', from: 'login@example.org', username: 'us', password: 's3cret' };
const TEMPLATE = { subject: { en: 'Hi {{object.userName}}', fr: 'Bonjour' }, message: { en: '<p>x</p>' } };

const setUp = ({
  services = { email: SERVICE, 'emailTemplate/welcome': TEMPLATE },
  result = { status: 'accepted' },
}: {
  services?: Record<string, object>;
  result?: MailResult | Error;
} = {}) => {
  const sent: Mail[] = [];
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const mail = new RealmMail({
    configuration: {
      service: (realm, type) =>
        realm === '/' && type in services
          ? ({ realm, type, config: services[type] as never } satisfies ServiceDocument)
          : undefined,
    },
    mailer: {
      async send(given) {
        if (result instanceof Error) throw result;
        sent.push(given);
        return result;
      },
    },
    log: createLog('info', destination),
  });
  const effects: (() => void)[] = [];
  const port = (realm = '/', locales = ['en']) =>
    mail.bind({
      realm: testRealm({ realm }),
      request: fakeRequest({ locales }),
      afterCommit: (effect) => void effects.push(effect),
    } as Partial<UnitOfWork> as UnitOfWork);
  return {
    sent,
    lines,
    effects,
    port,
    async commit() {
      for (const effect of effects.splice(0)) effect();
      await mail.idle();
    },
  };
};
const welcome = { template: 'welcome', to: 'demo@example.org', object: { userName: 'demo' } };

test('mails nothing before the commit, and nothing at all where there is none', async () => {
  const it = setUp();
  it.port().sendLater(welcome);
  expect(it.sent).toEqual([]);
  await it.commit();
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
  await it.commit();
  expect(it.sent[0]?.server).toEqual({ host: 'smtp.example.org', port: 465, security });
});

test('speaks the language of whoever began, and sends from where the template says', async () => {
  const template = { ...TEMPLATE, from: 'help@example.org' };
  const it = setUp({ services: { email: SERVICE, 'emailTemplate/welcome': template } });
  it.port('/', ['fr']).sendLater(welcome);
  await it.commit();
  expect(it.sent[0]).toMatchObject({ from: 'help@example.org', subject: 'Bonjour' });
});

describe('says in the log alone why a mail could not be sent, and never what it said or with which password', () => {
  test.each([
    ['without a mail service', { services: { 'emailTemplate/welcome': TEMPLATE } }, 'no service "email"'],
    ['without the template', { services: { email: SERVICE } }, 'no such email template'],
    [
      'with a template that is switched off',
      { services: { email: SERVICE, 'emailTemplate/welcome': { ...TEMPLATE, enabled: false } } },
      'switched off',
    ],
    [
      'where the server refuses it',
      { result: { status: 'refused', cause: 'The mail server answered 550 to RCPT.' } as const },
      '550',
    ],
  ])('%s', async (_what, given, cause) => {
    const it = setUp(given);
    it.port().sendLater(welcome);
    await it.commit();
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

  test('where something breaks', async () => {
    const it = setUp({ result: new Error('boom') });
    it.port().sendLater(welcome);
    await it.commit();
    expect(it.lines).toMatchObject([{ msg: 'A mail could not be sent.', template: 'welcome' }]);
  });

  test('in another realm than that of the template', async () => {
    const it = setUp();
    it.port('/alpha').sendLater(welcome);
    await it.commit();
    expect(it.sent).toEqual([]);
    expect(it.lines).toHaveLength(1);
  });
});
