import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { SmtpServer } from '../src/testing/smtp-server.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// A journey that has looked up a user by an address is bound to this user: a followed link and right answers are proofs of this user only
// (SEC-85, docs/adr/0138).

const PASSWORD = 'correct horse 7';
const HOUR = 3_600_000;
const smtp = new SmtpServer();
let server: SteeredServer;
let rest: RestClient;
let admin: string | undefined;
let users = 0;

const link = { emailTemplateName: 'link', emailAttribute: 'mail', suspendDuration: 30, objectLookup: true };
const byMail = { identityAttribute: 'mail' };
const patched = { PATCHED: SUCCESS, FAILURE } as const;
const TREES = {
  /** Who types the mail address as user name, with AM's nodes in AM's order. */
  Find: {
    name: ['UsernameCollectorNode', { outcome: 'mail' }],
    mail: ['EmailSuspendNode', { outcome: 'who' }, { ...link, ...byMail }],
    who: ['IdentifyExistingUserNode', { true: SUCCESS, false: FAILURE }, byMail],
  },
  /** Signs in without a second look-up. */
  Link: {
    name: ['UsernameCollectorNode', { outcome: 'mail' }],
    mail: ['EmailSuspendNode', { outcome: SUCCESS }, { ...link, ...byMail }],
  },
  ByName: {
    name: ['UsernameCollectorNode', { outcome: 'mail' }],
    mail: ['EmailSuspendNode', { outcome: SUCCESS }, link],
  },
  ShowName: {
    ask: ['AttributeCollectorNode', { outcome: 'mail' }, { attributesToCollect: ['mail'], required: true }],
    mail: ['EmailSuspendNode', { outcome: 'show' }, { ...link, ...byMail }],
    show: ['DisplayUserNameNode', { outcome: SUCCESS }, { ...byMail, userName: 'userName' }],
  },
  Reset: {
    ask: ['AttributeCollectorNode', { outcome: 'who' }, { attributesToCollect: ['mail'], required: true }],
    who: ['IdentifyExistingUserNode', { true: 'mail', false: 'mail' }, byMail],
    mail: ['EmailSuspendNode', { outcome: 'next' }, { ...link, ...byMail }],
    next: ['ValidatedPasswordNode', { outcome: 'patch' }],
    patch: ['PatchObjectNode', patched, { ...byMail, ignoredFields: ['userName'] }],
  },
  MakeAnswers: {
    name: ['UsernameCollectorNode', { outcome: 'secret' }],
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
    check: ['DataStoreDecisionNode', { true: 'kba', false: FAILURE }],
    kba: ['KbaCreateNode', { outcome: 'patch' }],
    patch: ['PatchObjectNode', patched, { ignoredFields: ['password'] }],
  },
  Answers: {
    name: ['UsernameCollectorNode', { outcome: 'ask' }],
    ask: ['KbaVerifyNode', { true: SUCCESS, false: FAILURE }, byMail],
  },
  /** A link as a second step, for users who sign in by their name. */
  SecondStep: {
    name: ['UsernameCollectorNode', { outcome: 'secret' }],
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
    check: ['DataStoreDecisionNode', { true: 'mail', false: FAILURE }],
    mail: ['EmailSuspendNode', { outcome: SUCCESS }, { ...link, ...byMail }],
  },
  /** Looks up by the typed name after the password. */
  PasswordThenFind: {
    name: ['UsernameCollectorNode', { outcome: 'secret' }],
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
    check: ['DataStoreDecisionNode', { true: 'ask', false: FAILURE }],
    ask: ['AttributeCollectorNode', { outcome: 'who' }, { attributesToCollect: ['mail'], required: true }],
    who: ['IdentifyExistingUserNode', { true: SUCCESS, false: FAILURE }, byMail],
  },
  /** A user who has signed in, and a link to another: the one who approves. */
  Approved: {
    name: ['UsernameCollectorNode', { outcome: 'secret' }],
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
    check: ['DataStoreDecisionNode', { true: 'whose', false: FAILURE }],
    whose: ['AttributeCollectorNode', { outcome: 'mail' }, { attributesToCollect: ['mail'], required: true }],
    mail: ['EmailSuspendNode', { outcome: SUCCESS }, { ...link, ...byMail }],
  },
} as const;

beforeAll(async () => {
  const hostPort = await smtp.listen();
  server = await steeredServer({ port: 18_721, insecure: true, privateHosts: ['127.0.0.1'] });
  rest = restClient(server);
  await configuring(server.assent.store).saveService({
    realm: '/',
    type: 'email',
    config: { hostname: '127.0.0.1', port: hostPort, from: 'login@example.org', sslState: 'Non SSL' },
  });
  for (const [tree, nodes] of Object.entries(TREES)) await publishTree(server, tree, nodes);
  admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const template = {
    _id: 'emailTemplate/link',
    defaultLocale: 'en',
    mimeType: 'text/plain',
    subject: { en: 'Sign in' },
    message: { en: 'LINK {{object.resumeURI}} of {{object.userName}}.' },
  };
  expect((await rest('PUT', '/realm-config/email-templates/link', { token: admin, body: template })).status).toBe(201);
  const kba = { questions: { '1': { en: 'First pet?' } }, minimumAnswersToDefine: 1, minimumAnswersToVerify: 1 };
  expect((await rest('PUT', '/realm-config/services/selfservice.kba', { token: admin, body: kba })).status).toBe(201);
  await server.assent.configuration.refresh();
});
afterAll(async () => {
  await server?.assent.stop();
  await smtp.close();
});
beforeEach(async () => {
  // Whatever was sent, and counted, in the test before this one.
  server.clock.advance(HOUR);
  smtp.mails.length = 0;
  admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});

interface Callback {
  readonly input?: readonly JsonObject[];
}

const post = async (tree: string, body: JsonObject): Promise<JsonObject> =>
  (await rest('POST', `/authenticate?authIndexType=service&authIndexValue=${tree}`, { body })).body as JsonObject;
/** An answer to each callback; a list has the values of its first inputs, and the others stay as they came. */
const answered = (step: JsonObject, values: readonly (string | readonly string[])[]): JsonObject => ({
  authId: step.authId ?? '',
  callbacks: (step.callbacks as unknown as readonly Callback[]).map((it, at) => ({
    ...it,
    input: it.input?.map((input, n) => {
      const value = [values[at] ?? ''].flat()[n];
      return value === undefined ? input : { ...input, value };
    }),
  })) as never,
});
const walk = async (
  tree: keyof typeof TREES,
  ...answers: readonly (readonly (string | readonly string[])[])[]
): Promise<JsonObject> => {
  let step = await post(tree, {});
  for (const values of answers) step = await post(tree, answered(step, values));
  return step;
};

const newUser = async (mail: readonly string[] = [], name = `user${++users}`): Promise<string> => {
  await server.createUser('/', name, PASSWORD);
  if (mail.length > 0) await server.setAttributes('/', name, { mail });
  return name;
};
/** A user who sets an address of the own mailbox and one that belongs to no user, with the password. */
const claimant = async (wanted: string): Promise<{ readonly name: string; readonly drop: () => Promise<number> }> => {
  const own = `mallory${++users}@attacker.example`;
  const name = await newUser([own]);
  const token = await signIn(rest, '/', name, PASSWORD);
  const set = async (mail: readonly string[]): Promise<number> =>
    (await rest('PUT', `/users/${name}`, { token, body: { mail }, headers: { currentpassword: PASSWORD } })).status;
  expect(await set([own, wanted])).toBe(200);
  return { name, drop: () => set([own]) };
};
/** Notices to users go to the same mail server. */
const nextLink = async (): Promise<{ readonly query: string; readonly of: string; readonly to: string }> => {
  for (;;) {
    const mail = (await smtp.nextMail()).replace(/=\r?\n/g, '').replaceAll('=3D', '=');
    const [, url, of = ''] = /LINK (\S+) of (\S+)\./.exec(mail) ?? [];
    const [, to = ''] = /^To: (.*?)\r?$/m.exec(mail) ?? [];
    if (url !== undefined) return { query: new URL(url).search, of, to };
  }
};
const follow = async (query: string) => rest('POST', `/authenticate${query}`, { headers: {} });
const whose = async (body: unknown): Promise<unknown> => {
  const { tokenId: token } = body as { readonly tokenId?: string };
  if (token === undefined) return undefined;
  return ((await rest('POST', '/sessions?_action=getSessionInfo', { token, body: {} })).body as JsonObject).username;
};

/** How a user comes to an address that an attacker has set before, while a link to the attacker is on its way. */
const ARRIVALS: Readonly<Record<string, (mail: string) => Promise<string>>> = {
  'an administrator creates a user': async (mail) => {
    const username = `user${++users}`;
    const body = { username, userpassword: PASSWORD, mail: [mail] };
    expect((await rest('POST', '/users?_action=create', { token: admin, body })).status).toBe(201);
    return username;
  },
  'an administrator changes the address of a user': async (mail) => {
    const name = await newUser(['before@example.org']);
    expect((await rest('PUT', `/users/${name}`, { token: admin, body: { mail: [mail] } })).status).toBe(200);
    return name;
  },
  'a user changes the own address': async (mail) => {
    const name = await newUser(['before@example.org']);
    const token = await signIn(rest, '/', name, PASSWORD);
    const headers = { currentpassword: PASSWORD };
    expect((await rest('PUT', `/users/${name}`, { token, body: { mail: [mail] }, headers })).status).toBe(200);
    return name;
  },
};

describe.each(Object.keys(ARRIVALS))('a link that was mailed before %s who has the typed address', (arrival) => {
  const arrive = async (tree: keyof typeof TREES) => {
    const wanted = `wanted${++users}@example.org`;
    const mallory = await claimant(wanted);
    await walk(tree, [wanted]);
    const { query, of, to } = await nextLink();
    expect([of, to]).toEqual([mallory.name, expect.stringMatching(/attacker\.example$/)]);
    const victim = (await ARRIVALS[arrival]?.(wanted)) ?? '';
    await mallory.drop();
    return { query, mallory: mallory.name, victim };
  };

  test('signs in no other user than the one it went to', async () => {
    const { query, mallory } = await arrive('Find');
    expect(await whose((await follow(query)).body)).toBe(mallory);
  });

  test('shows the name of no other user', async () => {
    const { query, victim } = await arrive('ShowName');
    expect(JSON.stringify((await follow(query)).body)).not.toContain(victim);
  });

  test('sets the password of no other user', async () => {
    const { query, victim } = await arrive('Reset');
    const step = (await follow(query)).body as JsonObject;
    expect(await whose(await post('Reset', answered(step, ['stolen horse 99'])))).toBeUndefined();
    await expect(signIn(rest, '/', victim, 'stolen horse 99')).resolves.toBeUndefined();
    await expect(signIn(rest, '/', victim, PASSWORD)).resolves.toBeDefined();
  });
});

describe('where the typed value is the name of one user and an address of another', () => {
  test('the link signs in the user to whom it went', async () => {
    const { name } = await claimant(TEST_ADMINISTRATOR.name);
    await walk('Link', [TEST_ADMINISTRATOR.name]);
    const { query, of } = await nextLink();
    expect(of).toBe(name);
    expect(await whose((await follow(query)).body)).toBe(name);
  });

  test('security answers sign in the user whose they are', async () => {
    const named = await newUser();
    const { name } = await claimant(named);
    await walk('MakeAnswers', [name], [PASSWORD], [['First pet?', 'rex']]);
    expect((await server.assent.store.identities.find('/', name))?.attributes).toHaveProperty('kbaInfo');
    expect(await whose(await walk('Answers', [named], ['rex']))).toBe(name);
  });
});

describe.each([
  ['Find', 'mail'],
  ['Link', 'mail'],
  ['ByName', 'name'],
] as const)('a link of %s, which looks up by %s', (tree, by) => {
  const mailed = async () => {
    const mail = `owner${++users}@example.org`;
    const name = await newUser([mail]);
    await walk(tree, [by === 'mail' ? mail : name]);
    return { name, ...(await nextLink()) };
  };

  test('signs in the user to whom it went', async () => {
    const { name, query } = await mailed();
    expect(await whose((await follow(query)).body)).toBe(name);
  });

  test.each<[string, (name: string) => Promise<readonly number[]>]>([
    [
      'the password is set by an administrator',
      async (name) => [
        (await rest('PUT', `/users/${name}`, { token: admin, body: { userpassword: 'another horse 8' } })).status,
      ],
    ],
    [
      'the user is disabled and enabled again',
      async (name) => [
        (await rest('PUT', `/users/${name}`, { token: admin, body: { inetUserStatus: 'Inactive' } })).status,
        (await rest('PUT', `/users/${name}`, { token: admin, body: { inetUserStatus: 'Active' } })).status,
      ],
    ],
    [
      'the factors are reset',
      async (name) => [
        (await rest('POST', `/users/${name}/devices/2fa/push?_action=reset`, { token: admin, body: {} })).status,
      ],
    ],
  ])('is over once %s (SEC-61, SEC-90)', async (_what, change) => {
    const { name, query } = await mailed();
    expect(new Set(await change(name))).toEqual(new Set([200]));
    expect((await follow(query)).status).toBe(401);
  });
});

test('a link to another user changes nothing for one who has signed in', async () => {
  const approver = `approver${++users}@example.org`;
  await newUser([approver]);
  const name = await newUser();
  await walk('Approved', [name], [PASSWORD], [approver]);
  expect(await whose((await follow((await nextLink()).query)).body)).toBe(name);
});

test('a link as a second step goes to the user of the password, also where the name is an address of another', async () => {
  const mail = `owner${++users}@example.org`;
  const name = await newUser([mail]);
  await claimant(name);
  await walk('SecondStep', [name], [PASSWORD]);
  expect(await nextLink()).toMatchObject({ of: name, to: mail });
});

test('a password of one user signs in no other who is looked up afterwards', async () => {
  const mail = `owner${++users}@example.org`;
  await newUser([mail]);
  expect(await whose(await walk('PasswordThenFind', [await newUser()], [PASSWORD], [mail]))).toBeUndefined();
});
