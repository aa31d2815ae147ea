import { configuring } from '@assent/store/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_USER } from '../../composition/seed.ts';
import { type ShippedJourney, type ShippedNode, toPublishedTree } from '../../journeys/shipped-journey.ts';
import { openSession } from '../../testing/account-fixture.ts';
import { inject } from '../../testing/inject.ts';
import { type RestAnswer, type RestClient, restClient } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

const VERSION = { 'accept-api-version': 'resource=2.0, protocol=1.0' };
const REALM = '/alpha';
const PASSWORD = 'correct horse';

let server: SteeredServer;
let rest: RestClient;
let users = 0;
/** What a check of a password waits for. */
let beforeCheck: () => Promise<void> = async () => {};

beforeAll(async () => {
  server = await steeredServer({
    port: 8080,
    between: (point) => (point === 'verify' ? beforeCheck() : Promise.resolve()),
  });
  rest = restClient(server);
  await server.createRealm(REALM);
});
afterAll(() => server?.assent.stop());

const newName = (word: string): string => {
  users += 1;
  return `${word}-${users}`;
};

/** Nobody has tried a password of the user yet. */
const newUser = async (realm: string): Promise<string> => {
  const username = newName('user');
  await server.createUser(realm, username, PASSWORD);
  return username;
};

const newAdministrator = async (): Promise<string> => {
  const name = await newUser('/');
  await server.setAttributes('/', name, { assentRoles: ['owner'] });
  return name;
};

const signIn = (
  name: string,
  password: string,
  { realm = '', tree, token, body = {} }: { realm?: string; tree?: string; token?: string; body?: unknown } = {},
) =>
  rest('POST', `${realm}/authenticate${tree === undefined ? '' : `?authIndexType=service&authIndexValue=${tree}`}`, {
    body,
    token,
    headers: { ...VERSION, 'x-openam-username': name, 'x-openam-password': password },
  });

/** What a stranger can tell answers apart by; the authId of each differs by itself. */
const seen = ({ status, headers, body }: RestAnswer) => {
  const { authId, ...others } = body;
  return { status, headers: Object.keys(headers).sort(), hasAuthId: authId !== undefined, ...others };
};

const REFUSED = { code: 401, reason: 'Unauthorized', message: 'Login failure', detail: { failureUrl: '' } };

const page: ShippedNode = {
  type: 'PageNode',
  displayName: 'Sign in',
  inside: [
    { type: 'UsernameCollectorNode', displayName: 'Name' },
    { type: 'PasswordCollectorNode', displayName: 'Password' },
  ],
  to: { outcome: 'check' },
};
const platformPage: ShippedNode = {
  type: 'PageNode',
  displayName: 'Sign in',
  inside: [
    { type: 'ValidatedUsernameNode', displayName: 'Name' },
    { type: 'ValidatedPasswordNode', displayName: 'Password' },
  ],
  to: { outcome: 'check' },
};
const check: ShippedNode = {
  type: 'DataStoreDecisionNode',
  displayName: 'Check',
  to: { true: 'Success', false: 'Failure' },
};
const name: ShippedNode = { type: 'UsernameCollectorNode', displayName: 'Name', to: { outcome: 'password' } };
const password: ShippedNode = { type: 'PasswordCollectorNode', displayName: 'Password', to: { outcome: 'check' } };
const message: ShippedNode = { type: 'MessageNode', displayName: 'Message', to: { true: 'page', false: 'Failure' } };
const zeroPage: ShippedNode = {
  type: 'ZeroPageLoginNode',
  displayName: 'Headers',
  to: { true: 'check', false: 'page' },
};
const again: ShippedNode = { ...check, to: { true: 'Success', false: 'page' } };
const retries: ShippedNode = {
  type: 'RetryLimitDecisionNode',
  displayName: 'Tries',
  config: { retryLimit: 2, incrementUserAttributeOnFailure: false },
  to: { Retry: 'page', Reject: 'Failure' },
};

const publish = async (
  realm: string,
  tree: string,
  entry: string,
  nodes: Readonly<Record<string, ShippedNode>>,
  settings: ShippedJourney['settings'] = {},
) => {
  const journey = { name: tree, description: '', entry, nodes, settings };
  await configuring(server.assent.store).publishTree(toPublishedTree(realm, journey));
  await server.assent.configuration.refresh();
};

/** Journeys that take name and password, each in its own way. */
const TAKING: readonly [string, string, Readonly<Record<string, ShippedNode>>][] = [
  ['a page with both', 'page', { page, check }],
  ['a page of a platform', 'page', { page: platformPage, check }],
  ['one after the other', 'name', { name, password, check }],
  ['a Zero Page Login node', 'headers', { headers: zeroPage, page, check }],
  ['a page that comes again for ever', 'page', { page, check: again }],
  [
    'a page that comes again some times',
    'page',
    { page, retries, check: { ...check, to: { true: 'Success', false: 'retries' } } },
  ],
];

const HOUR = 3_600_000;

describe.each(TAKING)('by headers through %s (B7)', (_what, entry, nodes) => {
  beforeAll(() => publish(REALM, 'Own', entry, nodes));

  test('a wrong password gets the refusal of AM, and nobody of that name the same', async () => {
    const user = await newUser(REALM);
    const wrong = await signIn(user, 'wrong', { realm: REALM, tree: 'Own' });
    expect(wrong).toMatchObject({ status: 401, body: REFUSED });
    expect(seen(await signIn('nobody-at-all', 'wrong', { realm: REALM, tree: 'Own' }))).toEqual(seen(wrong));
  });

  test('five wrong passwords lock the account, as five on the page do (SEC-57)', async () => {
    const user = await newUser(REALM);
    for (let guess = 0; guess < 5; guess += 1) await signIn(user, 'wrong', { realm: REALM, tree: 'Own' });
    expect((await signIn(user, PASSWORD, { realm: REALM, tree: 'Own' })).body).toEqual(REFUSED);
    server.clock.advance(31_000);
    expect((await signIn(user, PASSWORD, { realm: REALM, tree: 'Own' })).body).toHaveProperty('tokenId');
  });

  test('four wrong passwords do not: each counts once', async () => {
    const user = await newUser(REALM);
    for (let guess = 0; guess < 4; guess += 1) await signIn(user, 'wrong', { realm: REALM, tree: 'Own' });
    expect((await signIn(user, PASSWORD, { realm: REALM, tree: 'Own' })).body).toHaveProperty('tokenId');
  });

  test('the right one ends in a session, with an empty body as with {}', async () => {
    const user = await newUser(REALM);
    for (const body of [{}, undefined]) {
      expect(await signIn(user, PASSWORD, { realm: REALM, tree: 'Own', body })).toMatchObject({
        status: 200,
        body: { tokenId: expect.any(String), successUrl: '/am/console', realm: REALM },
      });
    }
  });
});

describe('headers', () => {
  beforeAll(() => publish(REALM, 'Own', 'page', { page, check }));
  const word = (text: string, form: 'B' | 'Q') =>
    form === 'B'
      ? `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
      : `=?UTF-8?Q?${[...Buffer.from(text)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join('')}?=`;

  test('may carry any text as encoded words (B7)', async () => {
    const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((it) => it.trim() === it);
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('B', 'Q'), async (secret, form) => {
        const user = newName('jürgen');
        await server.createUser(REALM, user, secret);
        const answer = await signIn(word(user, form), word(secret, form), { realm: REALM, tree: 'Own' });
        expect(answer.body).toHaveProperty('tokenId');
      }),
      { numRuns: 10 },
    );
  });

  test.each(['x-openam-username', 'x-openam-password'])(
    'of which %s stands twice are refused by name',
    async (twice) => {
      const response = await inject(server.assent, {
        method: 'POST',
        url: '/am/json/alpha/authenticate?authIndexType=service&authIndexValue=Own',
        headers: {
          host: 'localhost:8080',
          ...VERSION,
          'x-openam-username': 'a',
          'x-openam-password': 'b',
          [twice]: ['a', 'b'],
        },
      });
      expect(response.statusCode).toBe(400);
      expect(response.body).toContain(twice);
    },
  );

  test.each([
    ['x-openam-username', 256],
    ['x-openam-password', 2_048],
  ])('of which %s is longer than %i characters are refused by name, and count as no guess', async (name, longest) => {
    const user = await newUser(REALM);
    for (const tree of ['Own', 'ldapService', undefined]) {
      const { status, body } = await rest(
        'POST',
        `${REALM}/authenticate${tree === undefined ? '' : `?authIndexType=service&authIndexValue=${tree}`}`,
        {
          body: {},
          headers: {
            ...VERSION,
            'x-openam-username': user,
            'x-openam-password': 'wrong',
            [name]: 'x'.repeat(longest + 1),
          },
        },
      );
      const message = `The header ${name} is longer than ${longest} characters.`;
      expect([tree, status, body.message]).toEqual([tree, 400, expect.stringContaining(message)]);
    }
  });

  test('are not looked at after the first request', async () => {
    const user = await newUser(REALM);
    const first = (
      await rest('POST', `${REALM}/authenticate?authIndexType=service&authIndexValue=Own`, {
        body: {},
        headers: VERSION,
      })
    ).body as { authId: string };
    const next = await signIn(user, PASSWORD, { realm: REALM, body: { authId: first.authId } });
    expect(next.body).toMatchObject({ authId: expect.any(String), callbacks: [{}, {}] });
  });

  test.each(['GET', 'POST'] as const)('are not tried where a page is drawn (%s)', async (method) => {
    const user = await newUser(REALM);
    const drawn = await inject(server.assent, {
      method,
      url: '/am/login?realm=/alpha&authIndexType=service&authIndexValue=Own',
      headers: {
        host: 'localhost:8080',
        origin: 'http://localhost:8080',
        'x-openam-username': user,
        'x-openam-password': PASSWORD,
        ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(method === 'POST' && { payload: '' }),
    });
    expect(String(drawn.headers['set-cookie'] ?? '')).not.toContain('iPlanetDirectoryPro=ey');
    const identity = await server.assent.store.identities.find(REALM, user);
    expect(await server.assent.store.sessions.ofUser(identity?.id ?? '', server.clock.now())).toEqual([]);
  });

  test('of which one is missing change nothing', async () => {
    const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=Own`;
    const { body } = await rest('POST', path, { body: {}, headers: { ...VERSION, 'x-openam-username': 'sam' } });
    expect(body).toHaveProperty('callbacks');
  });

  test('that a first step has no use for get that step, and try nothing', async () => {
    await publish(REALM, 'Asks', 'message', { message, page, check });
    const user = await newUser(REALM);
    const answer = await signIn(user, PASSWORD, { realm: REALM, tree: 'Asks' });
    expect(answer.body).toMatchObject({
      callbacks: [{ type: 'TextOutputCallback' }, { type: 'ConfirmationCallback' }],
    });
  });

  test('leave what comes after the password to the client, another password included', async () => {
    const code: ShippedNode = { type: 'PasswordCollectorNode', displayName: 'Code', to: { outcome: 'Success' } };
    await publish(REALM, 'More', 'page', { page, code, check: { ...check, to: { true: 'code', false: 'Failure' } } });
    const user = await newUser(REALM);
    const answer = await signIn(user, PASSWORD, { realm: REALM, tree: 'More' });
    expect(answer.body).toMatchObject({ authId: expect.any(String), callbacks: [{ type: 'PasswordCallback' }] });
    expect((await signIn(user, 'wrong', { realm: REALM, tree: 'More' })).body).toEqual(REFUSED);
  });

  test('count also where the journey leads elsewhere for a wrong password', async () => {
    const check = { type: 'DataStoreDecisionNode', displayName: 'Check', to: { true: 'Success', false: 'message' } };
    await publish(REALM, 'Says', 'page', { page, check, message });
    const user = await newUser(REALM);
    for (let guess = 0; guess < 5; guess += 1) {
      const wrong = await signIn(user, 'wrong', { realm: REALM, tree: 'Says' });
      expect(wrong.body).toMatchObject({ callbacks: [{ type: 'TextOutputCallback' }, {}] });
    }
    expect((await signIn(user, PASSWORD, { realm: REALM, tree: 'Says' })).body).not.toHaveProperty('tokenId');
  });
});

describe('ldapService (B7)', () => {
  test.each(['', REALM])(
    'is in the realm "%s" from the beginning, and takes name and password from headers',
    async (realm) => {
      const user = await newUser(realm === '' ? '/' : realm);
      expect((await signIn(user, PASSWORD, { realm, tree: 'ldapService' })).body).toHaveProperty('tokenId');
      expect((await signIn(user, 'wrong', { realm, tree: 'ldapService' })).body).toEqual(REFUSED);
    },
  );

  test('asks whoever sends none by one page', async () => {
    const path = '/authenticate?authIndexType=service&authIndexValue=ldapService';
    const { body } = await rest('POST', path, { body: {}, headers: VERSION });
    expect(body).toMatchObject({ callbacks: [{ type: 'NameCallback' }, { type: 'PasswordCallback' }] });
  });
});

const useAtTheRoot = async (settings: { readonly defaultTree?: string; readonly adminTree?: string }) => {
  const root = server.assent.configuration.realm('/');
  if (root !== undefined) await configuring(server.assent.store).saveRealm({ ...root, ...settings });
  await server.assent.configuration.refresh();
};

/** Default journeys of the root realm, with those that have no use for headers, or go on after a wrong password. */
const DEFAULTS: readonly [string, string, Readonly<Record<string, ShippedNode>>][] = [
  ...TAKING,
  ['a message first', 'message', { message, page, check }],
  [
    'a message after a wrong password',
    'page',
    { page, message, check: { ...check, to: { true: 'Success', false: 'message' } } },
  ],
  ['a check of nothing', 'check', { check }],
  [
    'headers, else a message',
    'headers',
    { headers: { ...zeroPage, to: { true: 'check', false: 'message' } }, message, page, check },
  ],
];

/** A wrong password tells a stranger nothing about whose it is, and counts once, whoever's it is. */
const expectWrongPasswordsAlike = async (): Promise<void> => {
  const user = await newUser('/');
  const boss = await newAdministrator();
  const ofNobody = seen(await signIn('nobody-at-all', 'wrong'));
  for (let guess = 0; guess < 4; guess += 1) {
    expect(seen(await signIn(user, 'wrong'))).toEqual(ofNobody);
    expect(seen(await signIn(boss, 'wrong'))).toEqual(ofNobody);
  }
  // Nor to somebody who has a session already.
  const { token } = await openSession(server, '/', user);
  const withSession = async (name: string) => seen(await signIn(name, 'wrong', { token }));
  expect(await withSession(await newAdministrator())).toEqual(await withSession('nobody-at-all'));
  // Four do not lock an administrator, five do.
  expect((await signIn(boss, PASSWORD)).body).toHaveProperty('tokenId');
  for (let guess = 0; guess < 5; guess += 1) await signIn(boss, 'wrong');
  expect(seen(await signIn(boss, PASSWORD))).toEqual(ofNobody);
};

/** Encoded words (RFC 2047), so that every character can be in a header. */
const encoded = (text: string): string => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

/** Wrong passwords that no keyboard enters, and the limit of what a page takes from both sides. */
const STRANGE_PASSWORDS: Readonly<Record<string, string>> = {
  'of 1,025 characters': 'x'.repeat(1_025),
  'of the most characters that a page takes': 'x'.repeat(2_048),
  'of one character more': 'x'.repeat(2_049),
  'that fills the headers': 'x'.repeat(12_000),
  'that is empty': '',
  'of white space': encoded('   '),
  'with a NUL': encoded('\0'),
  'of half a character': '=?UTF-8?B?w/A=?=',
  'that looks like an encoded word': '=?koi8-r?B?xx==?=',
};

/** Whatever the password is, the answer does not tell who is a user, who administers, and who is disabled. */
const expectStrangePasswordsAlike = async (): Promise<void> => {
  const [user, boss, disabled] = [await newUser('/'), await newAdministrator(), await newAdministrator()];
  await server.setAttributes('/', disabled, { inetUserStatus: ['Inactive'] });
  for (const [what, text] of Object.entries(STRANGE_PASSWORDS)) {
    const ofNobody = seen(await signIn('nobody-at-all', text));
    for (const name of [user, boss, disabled]) expect([what, seen(await signIn(name, text))]).toEqual([what, ofNobody]);
    server.clock.advance(HOUR);
  }
};

describe.each(DEFAULTS)('with a default journey of the root realm by %s', (_what, entry, nodes) => {
  beforeAll(async () => {
    // All guesses of this file come from one address, which may guess wrong a hundred times an hour.
    server.clock.advance(HOUR);
    await publish('/', 'Default', entry, nodes);
    await useAtTheRoot({ defaultTree: 'Default', adminTree: 'AdminLogin' });
  });

  test('a wrong password tells nobody who administers, and counts once in either case (I7, SEC-57)', () =>
    expectWrongPasswordsAlike());

  test('a password of strange characters or length tells nobody who administers (I7)', () =>
    expectStrangePasswordsAlike());
});

test('many wrong passwords at once tell nobody who administers: all names wait in such a line (I7)', async () => {
  server.clock.advance(HOUR);
  await publish('/', 'Default', 'message', { message, page, check });
  await useAtTheRoot({ defaultTree: 'Default', adminTree: 'AdminLogin' });
  // One guess at a name is checked while 16 wait. The check ends after the other guesses were refused.
  const [places, others] = [17, 7];
  const refusedAtOnce = async (name: string): Promise<number> => {
    let refused = 0;
    let endCheck = (): void => {};
    const othersRefused = new Promise<void>((resolve) => {
      endCheck = resolve;
    });
    beforeCheck = () => othersRefused;
    const guess = async (): Promise<void> => {
      if ((await signIn(name, 'wrong')).status !== 503) return;
      refused += 1;
      if (refused === others) endCheck();
    };
    await Promise.all(Array.from({ length: places + others }, guess));
    return refused;
  };
  expect(await refusedAtOnce('nobody-at-all')).toBe(others);
  expect(await refusedAtOnce(await newAdministrator())).toBe(others);
});

describe.each([
  ['that was deleted', 'Deleted', undefined],
  ['that only other journeys may run', 'Default', { innerTreeOnly: true }],
] as const)('with a default journey of the root realm %s', (_what, defaultTree, settings) => {
  beforeAll(async () => {
    server.clock.advance(HOUR);
    await publish('/', 'Default', 'page', { page, check }, settings);
    await useAtTheRoot({ defaultTree, adminTree: 'AdminLogin' });
  });

  test('administrators sign in, and put it right (B7)', async () => {
    expect((await signIn(TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)).body).toHaveProperty('tokenId');
    expect(await signIn(await newUser('/'), PASSWORD)).toMatchObject({
      status: 400,
      body: { message: 'No Configuration found' },
    });
  });

  test('a wrong password tells nobody who administers, and counts once in either case (I7, SEC-57)', () =>
    expectWrongPasswordsAlike());

  test('a password of strange characters or length tells nobody who administers (I7)', () =>
    expectStrangePasswordsAlike());
});

describe('of administrators', () => {
  beforeAll(() => {
    server.clock.advance(HOUR);
    return useAtTheRoot({ defaultTree: 'PushLogin', adminTree: 'AdminLogin' });
  });
  const { name: who, password: right } = TEST_ADMINISTRATOR;

  test('a call that names no journey runs theirs, and that of a user the default one', async () => {
    expect((await signIn(who, right)).body).toHaveProperty('tokenId');
    // The password was right, and the default journey has more to ask.
    expect((await signIn(DEMO_USER.name, DEMO_USER.password)).body).toMatchObject({
      callbacks: [{ type: 'DeviceProfileCallback' }],
    });
    expect((await signIn(DEMO_USER.name, 'wrong')).body).toEqual(REFUSED);
  });

  test.each([
    ['that asks for something else first', 'message', { message, page, check }],
    ['that fails in itself', 'check', { check }],
  ] as const)('a journey %s tells nobody who administers', async (_what, entry, nodes) => {
    await publish('/', 'Own', entry, nodes);
    await useAtTheRoot({ adminTree: 'Own' });
    expect((await signIn(who, right)).body).toEqual(REFUSED);
  });

  test('a journey that is gone tells nobody either', async () => {
    await useAtTheRoot({ adminTree: 'Nowhere' });
    expect((await signIn(who, right)).body).toEqual(REFUSED);
  });

  test('a journey that asks for more after the password hands its step to whoever knew the password', async () => {
    const more = { ...check, to: { true: 'message', false: 'Failure' } };
    await publish('/', 'Own', 'name', { name, password, check: more, message, page });
    await useAtTheRoot({ adminTree: 'Own' });
    const { body } = await signIn(who, right);
    expect(body).toMatchObject({ callbacks: [{ type: 'TextOutputCallback' }, { type: 'ConfirmationCallback' }] });
    expect((await signIn(who, 'wrong')).body).toEqual(REFUSED);
  });
});
