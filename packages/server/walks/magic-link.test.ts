import { SUCCESS, treeDocument } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_USER } from '../src/composition/seed.ts';
import { restClient, signIn } from '../src/testing/rest-client.ts';
import { SmtpServer } from '../src/testing/smtp-server.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

let server: SteeredServer;
let administrator: string | undefined;
const smtp = new SmtpServer();
let smtpPort = 0;
const rest: ReturnType<typeof restClient> = (...call) => restClient(server)(...call);

const signedIn = () => signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);

beforeAll(async () => {
  server = await steeredServer({ port: 18_474, insecure: true });
  await server.createRealm('/alpha');
  administrator = await signedIn();
  await server.setAttributes('/', DEMO_USER.name, { mail: ['demo@example.org'] });
  const nodes = {
    name: { nodeType: 'UsernameCollectorNode', connections: { outcome: 'mail' } },
    mail: { nodeType: 'EmailSuspendNode', connections: { outcome: SUCCESS } },
  };
  await configuring(server.assent.store).publishTree({
    realm: '/',
    name: 'MagicLink',
    tree: treeDocument.parse({ entryNodeId: 'name', nodes }),
    nodes: {
      name: { id: 'name', type: 'UsernameCollectorNode', config: {} },
      mail: {
        id: 'mail',
        type: 'EmailSuspendNode',
        config: { objectLookup: true, emailTemplateName: 'magicLink', suspendDuration: 30 },
      },
    },
  });
  await server.assent.configuration.refresh();
  smtpPort = await smtp.listen();
  const config = { hostname: '127.0.0.1', port: smtpPort, sslState: 'Non SSL', from: 'login@example.org' };
  const service = await rest('PUT', '/realm-config/services/email', { token: administrator, body: config });
  expect(service.status).toBe(201);
  const template = {
    // As an export has it: the members that we know nothing of are kept.
    _id: 'emailTemplate/magicLink',
    displayName: 'Magic link',
    defaultLocale: 'en',
    mimeType: 'text/plain',
    subject: { en: 'Sign in, {{object.userName}}' },
    message: { en: 'LINK {{object.resumeURI}}' },
  };
  const saved = await rest('PUT', '/realm-config/email-templates/magicLink', { token: administrator, body: template });
  expect(saved).toMatchObject({ status: 201, body: { _id: 'emailTemplate/magicLink', displayName: 'Magic link' } });
});
afterAll(async () => {
  await server.assent.stop();
  await smtp.close();
});

const MAGIC_LINK = '/authenticate?authIndexType=service&authIndexValue=MagicLink';
interface Step {
  readonly authId?: string;
  readonly callbacks?: readonly { type: string; input?: { name: string; value: unknown }[] }[];
}
const suspended = async (username: string = DEMO_USER.name) => {
  const step = (await rest('POST', MAGIC_LINK, { body: {} })).body as Step;
  const callbacks = step.callbacks?.map((callback) => ({
    ...callback,
    input: [{ name: 'IDToken1', value: username }],
  }));
  return (await rest('POST', MAGIC_LINK, { body: { ...step, callbacks } })).body as Step;
};
/** The link in the next mail that has one, which lines up to 76 characters break with `=`; other mails tell that the address was changed. */
const linkInMail = async (): Promise<URL> => {
  for (;;) {
    const text = (await smtp.nextMail()).replace(/=\n/g, '').replaceAll('=3D', '=');
    const [, link] = /LINK (\S+)/.exec(text) ?? [];
    if (link !== undefined) return new URL(link);
  }
};
const follow = (link: URL, realm = '') => rest('POST', `${realm}/authenticate${link.search}`, { headers: {} });
/** One source gets few mails to one address within an hour. */
const anHourLater = () => server.clock.advance(3_600_000);
const GONE = {
  code: 401,
  reason: 'Unauthorized',
  message:
    'org.forgerock.openam.auth.nodes.framework.token.SuspendedAuthSessionException: Token not found. It may have expired.',
};

describe('a magic link', () => {
  test('leads to our login page, and signs in whoever follows it, once (A097)', async () => {
    const step = await suspended();
    expect(step.callbacks?.map(({ type, input }) => [type, input])).toEqual([
      ['SuspendedTextOutputCallback', undefined],
    ]);
    const link = await linkInMail();
    expect(link.origin + link.pathname).toBe('http://localhost:18474/am/login');
    expect(Object.fromEntries(link.searchParams)).toMatchObject({
      realm: '/',
      authIndexType: 'service',
      authIndexValue: 'MagicLink',
    });
    const { status, body } = await follow(link);
    expect({ status, body }).toMatchObject({ status: 200, body: { tokenId: expect.any(String), realm: '/' } });
    expect(await follow(link)).toMatchObject({ status: 401, body: GONE });
  });

  test('that the mail server did not take comes when it does (OPS-43, OPS-46)', async () => {
    const setPort = (port: number) =>
      rest('PUT', '/realm-config/services/email', {
        token: administrator,
        body: { hostname: '127.0.0.1', port, sslState: 'Non SSL', from: 'login@example.org' },
      });
    const closed = new SmtpServer();
    const nobody = await closed.listen();
    await closed.close();
    await server.createUser('/', 'ida', 'correct horse');
    await server.setAttributes('/', 'ida', { mail: ['ida@example.org'] });
    await setPort(nobody);
    expect(await suspended('ida')).toHaveProperty('callbacks');
    await server.assent.outbox.idle();
    const waiting = await server.assent.store.outbox.list({ kind: 'mail' }, 9);
    expect(waiting).toMatchObject([{ tries: 1, cause: expect.stringContaining('ECONNREFUSED') }]);
    await setPort(smtpPort);
    server.clock.advance(2_000);
    await server.assent.outbox.wake();
    expect((await follow(await linkInMail())).body).toHaveProperty('tokenId');
    await server.assent.outbox.idle();
    expect(await server.assent.store.outbox.list({ kind: 'mail' }, 9)).toEqual([]);
  });

  test('leads to the login page that the realm has elsewhere, and says what that needs to go on (B7)', async () => {
    // Mails to one address are limited, and others count them here.
    await server.createUser('/', 'ann', 'correct horse');
    await server.setAttributes('/', 'ann', { mail: ['ann@example.org'] });
    const set = (externalLoginPageUrl: unknown) =>
      rest('PUT', '/realm-config/authentication', {
        token: administrator,
        body: { general: { externalLoginPageUrl } },
      });
    const elsewhere = 'https://sign-in.example.org/start?brand=blue&realm=%2Fother#/login';
    expect((await set(elsewhere)).body).toMatchObject({ general: { externalLoginPageUrl: elsewhere } });
    await suspended('ann');
    const link = await linkInMail();
    expect([link.origin + link.pathname, link.hash]).toEqual(['https://sign-in.example.org/start', '#/login']);
    expect(Object.fromEntries(link.searchParams)).toEqual({
      brand: 'blue',
      realm: '/',
      authIndexType: 'service',
      authIndexValue: 'MagicLink',
      suspendedId: expect.any(String),
    });
    expect((await follow(link)).body).toHaveProperty('tokenId');
    // What is left out stays; an empty text puts our own page back.
    await rest('PUT', '/realm-config/authentication', { token: administrator, body: { general: { locale: 'en' } } });
    expect((await set('')).body).toMatchObject({ general: { locale: 'en' } });
    await suspended('ann');
    expect((await linkInMail()).href).toContain('http://localhost:18474/am/login?');
  });

  test.each([
    'http://sign-in.example.org/',
    'javascript:alert(1)',
    'sign-in.example.org',
    'https://me:secret@sign-in.example.org/',
    7,
    `https://sign-in.example.org/${'x'.repeat(1_024)}`,
  ])('never leads to %j: the setting is refused by name (B7)', async (externalLoginPageUrl) => {
    const body = { general: { externalLoginPageUrl } };
    const { status, body: answer } = await rest('PUT', '/realm-config/authentication', { token: administrator, body });
    expect({ status, answer }).toMatchObject({
      status: 400,
      answer: { detail: { attribute: 'externalLoginPageUrl' } },
    });
  });

  test('works in another browser than the one that asked, and that one gets no further', async () => {
    const step = await suspended();
    const link = await linkInMail();
    expect((await rest('POST', MAGIC_LINK, { body: step })).body).toMatchObject({ callbacks: step.callbacks });
    expect((await follow(link)).body).toHaveProperty('tokenId');
    expect((await rest('POST', MAGIC_LINK, { body: step })).body).toMatchObject({ detail: { errorCode: '110' } });
  });

  test('is good for as long as the node says, after the time limit of the journey, too', async () => {
    await suspended();
    const link = await linkInMail();
    server.clock.advance(30 * 60_000 - 1_000);
    expect((await follow(link)).body).toHaveProperty('tokenId');
    await suspended();
    const late = await linkInMail();
    server.clock.advance(30 * 60_000);
    expect(await follow(late)).toMatchObject({ status: 401, body: GONE });
  });

  test.each([
    ['another secret', (id: string) => `${id.slice(0, -3)}AAA`],
    ['what the database holds', (id: string) => id.split('.')[0] ?? ''],
    ['an id that is none', () => 'x'],
  ])('with %s is refused', async (_what, change) => {
    anHourLater();
    await suspended();
    const link = await linkInMail();
    link.searchParams.set('suspendedId', change(link.searchParams.get('suspendedId') ?? ''));
    expect(await follow(link)).toMatchObject({ status: 401, body: GONE });
  });

  test('is dead once its user has another password (SEC-61)', async () => {
    await suspended();
    const link = await linkInMail();
    const path = `/users/${DEMO_USER.name}`;
    const token = await signedIn();
    for (const userpassword of ['another one', DEMO_USER.password])
      expect((await rest('PUT', path, { token, body: { userpassword } })).status).toBe(200);
    expect(await follow(link)).toMatchObject({ status: 401, body: GONE });
  });

  test('is refused in another realm, which does not use it up', async () => {
    anHourLater();
    await suspended();
    const link = await linkInMail();
    const inRealm = new URL(link);
    inRealm.searchParams.delete('realm');
    expect(await follow(inRealm, '/alpha')).toMatchObject({ status: 401, body: GONE });
    expect((await follow(link)).body).toHaveProperty('tokenId');
  });

  test('is mailed to nobody for a user who does not exist, and the browser sees no difference', async () => {
    const { callbacks } = await suspended('nobody');
    expect(callbacks).toEqual((await suspended()).callbacks);
    await linkInMail();
    expect(smtp.mails).toEqual([]);
  });
});

describe('templates', () => {
  // The clock was moved on further than a session lasts.
  beforeAll(async () => {
    administrator = await signedIn();
  });

  const at = (name: string) => `/realm-config/email-templates/${name}`;
  const call = (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown, headers = {}) =>
    rest(method, path, { token: administrator, headers, ...(body !== undefined && { body }) });
  const welcome = { subject: { en: 'Welcome' }, message: { en: 'Hello {{object.userName}}' } };

  test.each([
    ['a language that does not exist', { subject: { qq_QQ: 'x' } }, 'subject/qq_QQ', 'Invalid locale provided'],
    ['a helper', { message: { en: '{{#if object.a}}x{{/if}}' } }, 'message', 'Only {{object.name}} is understood'],
    ['another kind of mail', { mimeType: 'text/rtf' }, 'mimeType', ''],
  ])('with %s are refused, by the name of the member', async (_what, body, attribute, reason) => {
    const { status, body: answer } = await call('PUT', at('welcome'), { ...welcome, ...body });
    expect(status).toBe(400);
    expect(answer).toMatchObject({ detail: { attribute }, message: expect.stringContaining(reason) });
    expect((await call('GET', at('welcome'))).status).toBe(404);
  });

  test.each(['a%20b', '-', 'a'.repeat(65)])('called %s are refused', async (name) => {
    expect((await call('PUT', at(name), welcome)).status).toBe(400);
  });

  test('are saved, read, listed, changed on condition, and deleted', async () => {
    const created = await call('PUT', at('welcome'), welcome, { 'if-none-match': '*' });
    expect(created.status).toBe(201);
    expect((await call('PUT', at('welcome'), welcome, { 'if-none-match': '*' })).status).toBe(412);
    const { _rev: rev, ...read } = (await call('GET', at('welcome'))).body;
    expect(read).toEqual({
      _id: 'emailTemplate/welcome',
      enabled: true,
      from: '',
      defaultLocale: 'en',
      mimeType: 'text/html',
      ...welcome,
    });
    expect((await call('PUT', at('welcome'), welcome, { 'if-match': '"0"' })).status).toBe(412);
    const changed = { ...welcome, mimeType: 'text/plain' };
    expect((await call('PUT', at('welcome'), changed, { 'if-match': `"${String(rev)}"` })).status).toBe(200);
    const list = (await call('GET', '/realm-config/email-templates?_queryFilter=true')).body.result;
    expect((list as { _id: string }[]).map(({ _id }) => _id).sort()).toEqual([
      'emailTemplate/magicLink',
      'emailTemplate/welcome',
    ]);
    expect((await call('GET', '/alpha/realm-config/email-templates?_queryFilter=true')).body.result).toEqual([]);
    expect((await call('DELETE', at('welcome'))).body).toMatchObject({ _id: 'emailTemplate/welcome' });
    expect((await call('DELETE', at('welcome'))).status).toBe(404);
  });

  test('are for administrators', async () => {
    const user = await signIn(rest, '/', DEMO_USER.name, DEMO_USER.password);
    expect((await rest('GET', at('magicLink'))).status).toBe(401);
    expect((await rest('PUT', at('magicLink'), { token: user, body: welcome })).status).toBe(403);
  });
});

describe('how long a link is good for, where its node does not say', () => {
  const AUTHENTICATION = '/realm-config/authentication';
  const publish = (config: Record<string, unknown>) =>
    configuring(server.assent.store).publishTree({
      realm: '/',
      name: 'MagicLink',
      tree: treeDocument.parse({
        entryNodeId: 'name',
        nodes: {
          name: { nodeType: 'UsernameCollectorNode', connections: { outcome: 'mail' } },
          mail: { nodeType: 'EmailSuspendNode', connections: { outcome: SUCCESS } },
        },
      }),
      nodes: {
        name: { id: 'name', type: 'UsernameCollectorNode', config: {} },
        mail: { id: 'mail', type: 'EmailSuspendNode', config },
      },
    });

  test.each([0, 43_201, '5', 1.5])('is not %j minutes', async (minutes) => {
    const body = { trees: { suspendedAuthenticationTimeout: minutes } };
    expect(await rest('PUT', AUTHENTICATION, { token: administrator, body })).toMatchObject({
      status: 400,
      body: { detail: { attribute: 'suspendedAuthenticationTimeout' } },
    });
  });

  test('is five minutes, or what the realm says', async () => {
    expect((await rest('GET', AUTHENTICATION, { token: administrator })).body).toMatchObject({
      trees: { suspendedAuthenticationTimeout: 5 },
    });
    const body = { trees: { suspendedAuthenticationTimeout: 7 } };
    expect((await rest('PUT', AUTHENTICATION, { token: administrator, body })).status).toBe(200);
    await publish({ objectLookup: true, emailTemplateName: 'magicLink' });
    await server.assent.configuration.refresh();
    // One address gets so many mails an hour.
    server.clock.advance(2 * 3_600_000);
    await suspended();
    const link = await linkInMail();
    server.clock.advance(7 * 60_000 - 1_000);
    expect((await follow(link)).body).toHaveProperty('tokenId');
    await suspended();
    const late = await linkInMail();
    server.clock.advance(7 * 60_000);
    expect(await follow(late)).toMatchObject({ status: 401, body: GONE });
  });
});

test('the password of the mail server is written and never read back', async () => {
  administrator = await signedIn();
  const path = '/realm-config/services/email';
  const { _id, _rev, _type, ...config } = (await rest('GET', path, { token: administrator })).body;
  await rest('PUT', path, { token: administrator, body: { ...config, password: 's3cret' } });
  expect((await rest('GET', path, { token: administrator })).body).toMatchObject({ password: null });
});
