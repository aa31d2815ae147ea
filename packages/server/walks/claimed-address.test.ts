import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { SmtpServer } from '../src/testing/smtp-server.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// A user who sets the address of another user hides that user from no journey that looks users up by it (SEC-87).

const PASSWORD = 'correct horse 7';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SCRIPT = '01e1a3c0-038b-4c16-956a-6c9d89328d02';

const smtp = new SmtpServer();
let server: SteeredServer;
let rest: RestClient;
let users = 0;

beforeAll(async () => {
  const hostPort = await smtp.listen();
  server = await steeredServer({ port: 18_712, insecure: true, privateHosts: ['127.0.0.1'] });
  rest = restClient(server);
  const mailServer = { hostName: '127.0.0.1', hostPort, fromEmailAddress: 'a@example.org', sslOption: 'NON_SSL' };
  const configure = configuring(server.assent.store);
  await configure.saveService({
    realm: '/',
    type: 'email',
    config: { hostname: '127.0.0.1', port: hostPort, from: 'login@example.org', sslState: 'Non SSL' },
  });
  await configure.change({
    putScripts: [
      {
        realm: '/',
        id: SCRIPT,
        name: 'address',
        description: '',
        default: false,
        language: 'JAVASCRIPT',
        context: 'AUTHENTICATION_TREE_DECISION_NODE',
        createdBy: '',
        lastModifiedBy: '',
        creationDate: 1,
        lastModifiedDate: 1,
        evaluatorVersion: '1.0',
        source: `
          var to = nodeState.get('objectAttributes').get('mail').asString();
          idRepository.setAttribute(nodeState.get('username').asString(), 'mail', [to]);
          outcome = 'true';`,
      },
    ],
  });
  const first = {
    name: ['UsernameCollectorNode', { outcome: 'secret' }],
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
  } as const;
  const checks = (to: string) => ['DataStoreDecisionNode', { true: to, false: FAILURE }] as const;
  const asks = (...attributesToCollect: string[]) => ({ attributesToCollect });
  const link = { emailTemplateName: 'link', emailAttribute: 'mail', suspendDuration: 30 };
  const form = asks('givenName', 'sn', 'mail');
  const trees = {
    Find: {
      name: ['UsernameCollectorNode', { outcome: 'mail' }],
      mail: ['EmailSuspendNode', { outcome: 'who' }, { ...link, objectLookup: true, identityAttribute: 'mail' }],
      who: ['IdentifyExistingUserNode', { true: SUCCESS, false: FAILURE }, { identityAttribute: 'mail' }],
    },
    MailCode: {
      ...first,
      check: checks('gen'),
      gen: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
      send: ['OneTimePasswordSmtpSenderNode', { outcome: 'ask' }, mailServer],
      ask: ['OneTimePasswordCollectorDecisionNode', { true: SUCCESS, false: FAILURE }],
    },
    Patch: {
      ...first,
      check: checks('ask'),
      ask: ['AttributeCollectorNode', { outcome: 'patch' }, asks('mail')],
      patch: ['PatchObjectNode', { PATCHED: SUCCESS, FAILURE }, { ignoredFields: ['password'] }],
    },
    Script: {
      ...first,
      check: checks('ask'),
      ask: ['AttributeCollectorNode', { outcome: 'script' }, asks('mail')],
      script: [
        'ScriptedDecisionNode',
        { true: SUCCESS },
        { script: SCRIPT, outcomes: ['true'], inputs: ['*'], outputs: ['*'] },
      ],
    },
    Register: {
      name: ['UsernameCollectorNode', { outcome: 'ask' }],
      ask: ['AttributeCollectorNode', { outcome: 'create' }, form],
      create: ['CreateObjectNode', { CREATED: SUCCESS, FAILURE }, { identityResource: 'managed/alpha_user' }],
    },
    RegisterByLink: {
      name: ['UsernameCollectorNode', { outcome: 'ask' }],
      ask: ['AttributeCollectorNode', { outcome: 'link' }, form],
      link: ['EmailSuspendNode', { outcome: 'create' }, link],
      create: ['CreateObjectNode', { CREATED: SUCCESS, FAILURE }, { identityResource: 'managed/alpha_user' }],
    },
    // The address is asked for again after the link to another was followed.
    RegisterElsewhere: {
      name: ['UsernameCollectorNode', { outcome: 'ask' }],
      ask: ['AttributeCollectorNode', { outcome: 'link' }, form],
      link: ['EmailSuspendNode', { outcome: 'again' }, link],
      again: ['AttributeCollectorNode', { outcome: 'create' }, asks('mail')],
      create: ['CreateObjectNode', { CREATED: SUCCESS, FAILURE }, { identityResource: 'managed/alpha_user' }],
    },
  } as const;
  for (const [tree, nodes] of Object.entries(trees)) await publishTree(server, tree, nodes);
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const body = {
    _id: 'emailTemplate/link',
    defaultLocale: 'en',
    mimeType: 'text/plain',
    subject: { en: 'Sign in' },
    message: { en: 'LINK {{object.resumeURI}} of {{object.userName}}.' },
  };
  expect((await rest('PUT', '/realm-config/email-templates/link', { token, body })).status).toBe(201);
  await server.assent.configuration.refresh();
});
afterAll(async () => {
  await server?.assent.stop();
  await smtp.close();
});

interface Callback {
  readonly type: string;
  readonly input?: readonly JsonObject[];
}

const post = async (tree: string, body: JsonObject): Promise<JsonObject> =>
  (await rest('POST', `/authenticate?authIndexType=service&authIndexValue=${tree}`, { body })).body as JsonObject;
const answered = (step: JsonObject, values: readonly string[]): JsonObject => ({
  authId: step.authId ?? '',
  callbacks: (step.callbacks as unknown as readonly Callback[]).map((it, at) => ({
    ...it,
    input: [{ ...it.input?.[0], value: values[at] ?? '' }],
  })) as never,
});
/** Walks a journey; each entry answers the callbacks of one step. */
const walk = async (tree: string, ...answers: readonly (readonly string[])[]): Promise<JsonObject> => {
  let step = await post(tree, {});
  for (const values of answers) step = await post(tree, answered(step, values));
  return step;
};

const textOfNext = async (pattern: RegExp): Promise<RegExpExecArray> => {
  for (;;) {
    const found = pattern.exec((await smtp.nextMail()).replace(/=\n/g, '').replaceAll('=3D', '='));
    if (found !== null) return found;
  }
};
const follow = async (): Promise<JsonObject> => {
  const [, link = ''] = await textOfNext(/LINK (\S+)/);
  return (await rest('POST', `/authenticate${new URL(link).search}`, { headers: {} })).body as JsonObject;
};

const attributesOf = async (name: string) => (await server.assent.store.identities.find('/', name))?.attributes ?? {};
/** Who is found by the address: the user whom a magic link is mailed to. */
const foundBy = async (mail: string): Promise<string | undefined> => {
  server.clock.advance(HOUR);
  server.takeLogged();
  smtp.mails.length = 0;
  await walk('Find', [mail]);
  if (server.takeLogged().some(({ msg }) => String(msg).startsWith('There is no address to mail'))) return undefined;
  return (await textOfNext(/LINK \S+ of (\w+)\./))[1];
};

const someone = async (kind: string, mail?: string): Promise<string> => {
  users += 1;
  const name = `${kind}${users}`;
  await server.createUser('/', name, PASSWORD);
  if (mail !== undefined) await server.setAttributes('/', name, { mail: [mail] });
  return name;
};
let addresses = 0;
const newAddress = () => {
  addresses += 1;
  return `address${addresses}@example.org`;
};

const writers: Readonly<Record<string, (mail: string) => Promise<unknown>>> = {
  'over REST': async (mail) => {
    const name = await someone('mallory');
    const token = await signIn(rest, '/', name, PASSWORD);
    const answer = await rest('PUT', `/users/${name}`, {
      token,
      body: { mail },
      headers: { currentpassword: PASSWORD },
    });
    expect(answer.status).toBe(200);
  },
  'by the node Patch Object': async (mail) =>
    expect(await walk('Patch', [await someone('mallory')], [PASSWORD], [mail])).toHaveProperty('tokenId'),
  'by a script': async (mail) =>
    expect(await walk('Script', [await someone('mallory')], [PASSWORD], [mail])).toHaveProperty('tokenId'),
  'by a registration': async (mail) => {
    users += 1;
    expect(await walk('Register', [`mallory${users}`], ['M', 'M', mail])).toHaveProperty('tokenId');
  },
  'by a registration with a link to another address': async (mail) => {
    users += 1;
    smtp.mails.length = 0;
    await walk('RegisterElsewhere', [`mallory${users}`], ['M', 'M', 'mallory@evil.example']);
    expect(await post('RegisterElsewhere', answered(await follow(), [mail]))).toHaveProperty('tokenId');
  },
};

describe.each(Object.keys(writers))('an address of another user that is set %s', (how) => {
  test('hides its owner from no look-up, however many set it, and also after 7 days (SEC-87)', async () => {
    const mail = newAddress();
    const jane = await someone('jane', mail);
    for (const spelling of [mail, mail.toUpperCase(), mail]) await writers[how]?.(spelling);
    expect(await server.assent.store.identities.findByAttribute('/', 'mail', mail)).toHaveLength(2);
    expect(await foundBy(mail)).toBe(jane);
    server.clock.advance(8 * DAY);
    expect(await foundBy(mail)).toBe(jane);
  });
});

describe('an address that a user claims', () => {
  const claimedBy = async (mail: string) => {
    users += 1;
    const name = `jane${users}`;
    await walk('Register', [name], ['J', 'J', mail]);
    expect(await attributesOf(name)).toHaveProperty('assentClaimedMail');
    return name;
  };

  test('finds the one user who has it, and neither of two (SEC-87)', async () => {
    const mail = newAddress();
    const jane = await claimedBy(mail);
    expect(await foundBy(mail)).toBe(jane);
    await writers['by a registration']?.(mail);
    expect(await foundBy(mail)).toBeUndefined();
  });

  test('is proven by a link that was sent there, and then wins (SEC-87)', async () => {
    const mail = newAddress();
    const jane = await claimedBy(mail);
    smtp.mails.length = 0;
    await walk('Find', [mail]);
    expect(await follow()).toHaveProperty('tokenId');
    expect(await attributesOf(jane)).not.toHaveProperty('assentClaimedMail');
    await writers['by a registration']?.(mail);
    expect(await foundBy(mail)).toBe(jane);
  });

  test('is proven by a code that was sent there, and then wins (SEC-87)', async () => {
    const mail = newAddress();
    const jane = await claimedBy(mail);
    const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    expect((await rest('PUT', `/users/${jane}`, { token, body: { userpassword: PASSWORD } })).status).toBe(200);
    smtp.mails.length = 0;
    const step = await walk('MailCode', [jane], [PASSWORD]);
    const [, code = ''] = await textOfNext(/Password: (\d+)/);
    expect(await post('MailCode', answered(step, [code]))).toHaveProperty('tokenId');
    expect(await attributesOf(jane)).not.toHaveProperty('assentClaimedMail');
    await writers['by a registration']?.(mail);
    expect(await foundBy(mail)).toBe(jane);
  });

  test('is proven by the link of a registration (SEC-87)', async () => {
    users += 1;
    const name = `jane${users}`;
    const mail = newAddress();
    smtp.mails.length = 0;
    await walk('RegisterByLink', [name], ['J', 'J', mail]);
    expect(await follow()).toHaveProperty('tokenId');
    expect(await attributesOf(name)).not.toHaveProperty('assentClaimedMail');
  });

  test('is not proven by a link to one of several addresses, or to one that the user has changed since (SEC-87)', async () => {
    for (const now of [['own@example.org', 'jane@example.org'], ['jane@example.org']]) {
      const mail = newAddress();
      const name = await claimedBy(mail);
      smtp.mails.length = 0;
      await walk('Find', [mail]);
      const { id, rev } = (await server.assent.store.identities.find('/', name)) ?? { id: '', rev: 0 };
      await server.assent.store.committer.commit([
        {
          type: 'identity.attributes',
          id,
          seenRev: rev,
          attributes: { mail: now.map((it) => (it.startsWith('own') ? mail : it)) },
        },
      ]);
      await follow();
      expect(await attributesOf(name)).toHaveProperty('assentClaimedMail');
    }
  });

  test('is vouched for by an administrator, and the user cannot remove the mark (SEC-87)', async () => {
    const mail = newAddress();
    const name = await claimedBy(newAddress());
    const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const mark = { assentClaimedMail: [] };
    await rest('PUT', `/users/${name}`, { token, body: mark });
    expect(await attributesOf(name)).toHaveProperty('assentClaimedMail');
    expect((await rest('PUT', `/users/${name}`, { token, body: { mail } })).status).toBe(200);
    expect(await attributesOf(name)).not.toHaveProperty('assentClaimedMail');
  });

  test('two users who have it proven are found neither (SEC-87)', async () => {
    const mail = newAddress();
    await someone('jane', mail);
    await someone('john', mail);
    expect(await foundBy(mail)).toBeUndefined();
  });
});
