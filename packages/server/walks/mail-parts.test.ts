import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { restClient, signIn } from '../src/testing/rest-client.ts';
import { SmtpServer } from '../src/testing/smtp-server.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { PAGE } from '../src/testing/waiting-page.ts';

// An attacker with the password, or who knows no more than the mail address, has codes and links sent from many addresses. What the owner asks for
// from a known browser or a known address is sent each time (SEC-87).

const PASSWORD = 'correct horse 7';
const HOUR = 3_600_000;
const PART = 10;

const smtp = new SmtpServer();
let server: SteeredServer;
let users = 0;
let strangers = 0;

beforeAll(async () => {
  const hostPort = await smtp.listen();
  server = await steeredServer({
    port: 18_711,
    insecure: true,
    privateHosts: ['127.0.0.1'],
    trustedProxies: ['127.0.0.1'],
  });
  const mailServer = { hostName: '127.0.0.1', hostPort, fromEmailAddress: 'a@example.org', sslOption: 'NON_SSL' };
  await configuring(server.assent.store).saveService({
    realm: '/',
    type: 'email',
    config: { hostname: '127.0.0.1', port: hostPort, from: 'login@example.org', sslState: 'Non SSL' },
  });
  const name = (next: string) => ['UsernameCollectorNode', { outcome: next }] as const;
  const code = (sender: string) =>
    ({
      name: name('secret'),
      secret: ['PasswordCollectorNode', { outcome: 'check' }],
      check: ['DataStoreDecisionNode', { true: 'gen', false: FAILURE }],
      gen: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
      send: [sender, { outcome: 'ask' }, mailServer],
      ask: ['OneTimePasswordCollectorDecisionNode', { true: SUCCESS, false: FAILURE }],
    }) as const;
  const byMail = { emailTemplateName: 'link', identityAttribute: 'mail' };
  const trees = {
    MailCode: code('OneTimePasswordSmtpSenderNode'),
    SmsCode: code('OneTimePasswordSmsSenderNode'),
    Link: {
      name: name('mail'),
      mail: ['EmailSuspendNode', { outcome: SUCCESS }, { ...byMail, objectLookup: true, suspendDuration: 30 }],
    },
    Template: {
      name: name('mail'),
      mail: ['EmailTemplateNode', { EMAIL_SENT: FAILURE, EMAIL_NOT_SENT: FAILURE }, byMail],
    },
  } as const;
  for (const [tree, nodes] of Object.entries(trees)) await publishTree(server, tree, nodes);
  const rest = restClient(server);
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const body = {
    _id: 'emailTemplate/link',
    defaultLocale: 'en',
    mimeType: 'text/plain',
    subject: { en: 'Sign in' },
    message: { en: 'LINK' },
  };
  const saved = await rest('PUT', '/realm-config/email-templates/link', { token, body });
  expect(saved.status).toBe(201);
  await server.assent.configuration.refresh();
});
afterAll(async () => {
  await server?.assent.stop();
  await smtp.close();
});
beforeEach(() => {
  server.clock.advance(HOUR);
  smtp.mails.length = 0;
});

interface From {
  readonly address: string;
  readonly cookie?: string;
}
interface Callback {
  readonly type: string;
  readonly input?: readonly JsonObject[];
}

const stranger = (): From => {
  strangers += 1;
  return { address: `198.51.${100 + Math.floor(strangers / 250)}.${1 + (strangers % 250)}` };
};

const post = async (tree: string, body: object, { address, cookie }: From) => {
  const answer = await inject(server.assent, {
    method: 'POST',
    url: `/am/json/authenticate?authIndexType=service&authIndexValue=${tree}`,
    headers: {
      host: 'localhost:18711',
      'content-type': 'application/json',
      'accept-api-version': 'resource=2.1, protocol=1.0',
      ...PAGE,
      'x-forwarded-for': address,
      ...(cookie && { cookie }),
    },
    payload: JSON.stringify(body),
  });
  return { body: answer.json<JsonObject>(), cookies: [answer.headers['set-cookie'] ?? []].flat().map(String) };
};
const answer = async (tree: string, { authId, callbacks }: JsonObject, value: string, from: From) =>
  post(
    tree,
    {
      authId,
      callbacks: (callbacks as unknown as readonly Callback[]).map((it) => ({
        ...it,
        input: [{ ...it.input?.[0], value }],
      })),
    },
    from,
  );
const walk = async (tree: string, values: readonly string[], from: From) => {
  let step = await post(tree, {}, from);
  for (const value of values) step = await answer(tree, step.body, value, from);
  return step;
};

/** A user with a browser and an address that a mailed code has made known. */
const someone = async () => {
  users += 1;
  const name = `jane${users}`;
  const mail = `${name}@example.org`;
  await server.createUser('/', name, PASSWORD);
  await server.setAttributes('/', name, { mail: [mail], telephoneNumber: [`${name}@sms.example`] });
  const address = `203.0.113.${users}`;
  const step = await walk('MailCode', [name, PASSWORD], { address });
  let code: string | undefined;
  // Mails of the test before may still arrive.
  while (code === undefined) {
    const text = await smtp.nextMail();
    if (text.includes(mail)) code = /Password: (\d+)/.exec(text)?.[1];
  }
  const ended = await answer('MailCode', step.body, code, { address });
  const cookie = ended.cookies.map((it) => it.split(';')[0] ?? '').find((it) => /kb=/.test(it)) ?? '';
  expect(cookie).not.toBe('');
  // What this sign-in has counted is over.
  server.clock.advance(HOUR);
  smtp.mails.length = 0;
  return { name, mail, browser: { address: '192.0.2.77', cookie }, home: { address } };
};

/** How many of so many walks mail something. The outbox mails templates later, so that what was refused is counted in the log. */
const mailsOf = async (count: number, one: () => Promise<unknown>): Promise<number> => {
  server.takeLogged();
  for (let number = 0; number < count; number += 1) await one();
  return count - server.takeLogged().filter(({ msg }) => String(msg).startsWith('Too many m')).length;
};

describe.each(['MailCode', 'SmsCode', 'Link', 'Template'])('%s', (tree) => {
  test('is sent to the owner from a known browser and a known address after 30 tries of strangers (SEC-87)', async () => {
    const { name, mail, browser, home } = await someone();
    const values = tree.endsWith('Code') ? [name, PASSWORD] : [mail];
    expect(await mailsOf(3 * PART, () => walk(tree, values, stranger()))).toBe(PART);
    expect(await mailsOf(PART, () => walk(tree, values, browser))).toBe(PART);
    expect(await mailsOf(PART, () => walk(tree, values, home))).toBe(PART);
    // Above the parts there is no more.
    expect(await mailsOf(2, () => walk(tree, values, browser))).toBe(0);
    expect(await mailsOf(2, () => walk(tree, values, home))).toBe(0);
  });

  test('is sent to the owner each time, while strangers try every 5 minutes (SEC-87)', async () => {
    const { name, mail, browser, home } = await someone();
    const values = tree.endsWith('Code') ? [name, PASSWORD] : [mail];
    await mailsOf(PART, () => walk(tree, values, stranger()));
    let toOwner = 0;
    for (let number = 0; number < 12; number += 1) {
      server.clock.advance(180_000);
      await mailsOf(1, () => walk(tree, values, stranger()));
      server.clock.advance(120_000);
      toOwner += await mailsOf(1, () => walk(tree, values, number % 2 === 0 ? browser : home));
    }
    expect(toOwner).toBe(12);
  });
});
