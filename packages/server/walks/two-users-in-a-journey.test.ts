import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type MailWorld, mailWorld, PASSWORD } from './mail-world.ts';

// SEC-85, docs/adr/0138: what one user has shown in a journey signs in no other, whichever name or address is typed next.

const MALLORYS = 'mallory has this 9';
const FROM = { address: '203.0.113.9' };
let world: MailWorld;
let users = 0;

const toMail = {
  attributes: ['AttributeCollectorNode', { outcome: 'find' }, { attributesToCollect: ['mail'], required: true }],
  find: ['IdentifyExistingUserNode', { true: SUCCESS, false: FAILURE }, { identityAttribute: 'mail' }],
} as const;

beforeAll(async () => {
  world = await mailWorld(18_724);
  const { server } = world;
  const sender = (type: string) => {
    const tree = server.assent.configuration.tree(
      '/',
      type === 'OneTimePasswordSmsSenderNode' ? 'SmsCode' : 'MailCode',
    );
    return Object.values(tree?.nodes ?? {}).find((node) => node.type === type)?.config;
  };
  const byMail = [
    'OneTimePasswordSmtpSenderNode',
    { outcome: 'ask' },
    sender('OneTimePasswordSmtpSenderNode'),
  ] as const;
  const bySms = ['OneTimePasswordSmsSenderNode', { outcome: 'ask' }, sender('OneTimePasswordSmsSenderNode')] as const;
  const code = (first: string, then: string, otherwise: string, send: typeof byMail | typeof bySms = byMail) => ({
    [first]: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
    send,
    ask: ['OneTimePasswordCollectorDecisionNode', { true: then, false: otherwise }],
  });
  const name = (next: string) => ['UsernameCollectorNode', { outcome: next }];
  const password = (next: string, otherwise: string) => ({
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
    check: ['DataStoreDecisionNode', { true: next, false: otherwise }],
  });
  const trees = {
    CodeThenFind: { name: name('gen'), ...code('gen', 'attributes', FAILURE), ...toMail },
    CodeThenName: { name: name('gen'), ...code('gen', 'another', FAILURE), another: name(SUCCESS) },
    CodeThenReset: {
      name: name('gen'),
      ...code('gen', 'attributes', FAILURE),
      attributes: ['AttributeCollectorNode', { outcome: 'next' }, { attributesToCollect: ['mail'], required: true }],
      next: ['ValidatedPasswordNode', { outcome: 'patch' }],
      patch: [
        'PatchObjectNode',
        { PATCHED: SUCCESS, FAILURE },
        { identityAttribute: 'mail', ignoredFields: ['userName'] },
      ],
    },
    FindThenCode: {
      name: name('attributes'),
      attributes: toMail.attributes,
      find: [
        'IdentifyExistingUserNode',
        { true: 'gen', false: FAILURE },
        { identifier: '', identityAttribute: 'mail' },
      ],
      ...code('gen', SUCCESS, FAILURE, bySms),
    },
    TwoFactors: { name: name('secret'), ...password('gen', 'name'), ...code('gen', SUCCESS, 'name') },
    NameAndCode: { name: name('gen'), ...code('gen', SUCCESS, 'name') },
    CodeOfBefore: { name: name('gen'), ...code('gen', SUCCESS, 'another'), another: name('ask') },
    PasswordThenDevice: {
      name: name('secret'),
      ...password('attributes', FAILURE),
      attributes: toMail.attributes,
      find: ['IdentifyExistingUserNode', { true: 'device', false: FAILURE }, { identityAttribute: 'mail' }],
      device: ['OathRegistrationNode', { successOutcome: SUCCESS }, { generateRecoveryCodes: false }],
    },
    CodeThenDevice: {
      name: name('gen'),
      ...code('gen', 'another', FAILURE),
      another: name('device'),
      device: ['OathRegistrationNode', { successOutcome: SUCCESS }, { generateRecoveryCodes: false }],
    },
    RegisterByCode: {
      name: name('attributes'),
      attributes: [
        'AttributeCollectorNode',
        { outcome: 'gen' },
        { attributesToCollect: ['mail', 'givenName', 'sn'], required: true },
      ],
      ...code('gen', 'create', FAILURE),
      create: ['CreateObjectNode', { CREATED: SUCCESS, FAILURE: 'again' }],
      again: name('create'),
    },
    Level: {
      name: name('secret'),
      ...password('level', FAILURE),
      level: ['AuthLevelDecisionNode', { true: 'confirm', false: 'choose' }, { authLevelRequirement: 20 }],
      choose: [
        'ChoiceCollectorNode',
        { code: 'gen', without: 'confirm' },
        { choices: ['code', 'without'], defaultChoice: 'code', prompt: 'How' },
      ],
      ...code('gen', 'plus', FAILURE),
      plus: ['ModifyAuthLevelNode', { outcome: 'mark' }, { authLevelIncrement: 20 }],
      mark: ['SetSessionPropertiesNode', { outcome: 'confirm' }, { properties: { checked: 'yes' } }],
      confirm: [
        'ChoiceCollectorNode',
        { go: SUCCESS, other: 'name' },
        { choices: ['go', 'other'], defaultChoice: 'go', prompt: 'Go on, or use another account' },
      ],
    },
  };
  for (const [tree, nodes] of Object.entries(trees)) await publishTree(server, tree, nodes as never);
  await server.assent.configuration.refresh();
});
afterAll(() => world?.stop());

const newPair = async () => {
  users += 1;
  world.server.clock.advance(3_600_000);
  const [jane, mallory] = [`jane${users}`, `mallory${users}`];
  for (const [user, secret] of [
    [jane, PASSWORD],
    [mallory, MALLORYS],
  ] as const) {
    await world.server.createUser('/', user, secret);
    await world.server.setAttributes('/', user, {
      mail: [`${user}@example.org`],
      telephoneNumber: [`phone-of-${user}@sms.example`],
    });
  }
  return { jane, mallory };
};

/** Answers one step after the other; a function is asked for its value when its turn comes. */
const walk = async (tree: string, ...values: readonly (string | number | (() => Promise<string>))[]) => {
  let step = await world.post(tree, {}, FROM);
  for (const value of values) {
    const given = typeof value === 'function' ? await value() : value;
    const callbacks = step.body.callbacks as readonly JsonObject[] | undefined;
    if (callbacks === undefined) break;
    const answered = callbacks.map((it) => {
      const [first, ...others] = it.input as readonly JsonObject[];
      return { ...it, input: [{ ...first, value: given }, ...others] };
    });
    step = await world.post(tree, { authId: step.body.authId as string, callbacks: answered }, FROM);
  }
  return step;
};

const sessionsOf = async (user: string) => {
  const { store } = world.server.assent;
  const { id = '' } = (await store.identities.find('/', user)) ?? {};
  return store.sessions.ofUser(id, world.server.clock.now());
};
const codeTo = (user: string) => () => world.codeFor(`${user}@`);
const mailOf = (user: string) => `${user}@example.org`;

describe('the code of one user', () => {
  test.each([
    ['CodeThenFind', mailOf],
    ['CodeThenName', (user: string) => user],
  ])('signs in no other who is named after it: %s (SEC-85)', async (tree, typed) => {
    const { jane, mallory } = await newPair();
    const step = await walk(tree, mallory, codeTo(mallory), typed(jane));
    expect(step.isSuccess).toBe(false);
    expect(await sessionsOf(jane)).toEqual([]);
    expect((await walk(tree, jane, codeTo(jane), typed(jane))).isSuccess).toBe(true);
  });

  test('signs in no other who was found by a mail address before it (SEC-85)', async () => {
    const { jane, mallory } = await newPair();
    expect((await walk('FindThenCode', mallory, mailOf(jane), codeTo(`phone-of-${mallory}`))).isSuccess).toBe(false);
    expect(await sessionsOf(jane)).toEqual([]);
  });

  test('sets the password of no other (SEC-85)', async () => {
    const { jane, mallory } = await newPair();
    const taken = 'set by mallory 7 7';
    expect((await walk('CodeThenReset', mallory, codeTo(mallory), mailOf(jane), taken)).isSuccess).toBe(false);
    expect((await walk('Password', jane, taken)).isSuccess).toBe(false);
    expect((await walk('Password', jane, PASSWORD)).isSuccess).toBe(true);
    expect((await walk('CodeThenReset', jane, codeTo(jane), mailOf(jane), 'set by jane 7 7')).isSuccess).toBe(true);
  });

  test('is wrong for another who is named later, and right for its user (SEC-85)', async () => {
    const { jane, mallory } = await newPair();
    let code = '';
    const first = async () => {
      code = await codeTo(mallory)();
      return '00000000';
    };
    expect((await walk('CodeOfBefore', mallory, first, jane, async () => code)).isSuccess).toBe(false);
    expect(await sessionsOf(jane)).toEqual([]);
    expect((await walk('CodeOfBefore', mallory, first, mallory, async () => code)).isSuccess).toBe(true);
  });
});

describe('a device', () => {
  test.each([
    ['PasswordThenDevice', MALLORYS, mailOf],
    ['CodeThenDevice', '', (user: string) => user],
  ])('of one user is not registered for another who is only named: %s (SEC-85)', async (tree, secret, typed) => {
    const { jane, mallory } = await newPair();
    const shown = async (user: string, given: string, named: string) =>
      (await walk(tree, user, given === '' ? codeTo(user) : given, typed(named))).body;
    expect(await shown(mallory, secret, jane)).not.toHaveProperty('callbacks');
    expect(await shown(jane, secret && PASSWORD, jane)).toHaveProperty('callbacks');
  });
});

test('a code to an address that was collected binds a registration to no user whose name was typed first', async () => {
  const { jane } = await newPair();
  const fresh = `fresh${users}`;
  const step = await walk('RegisterByCode', jane, mailOf(fresh), codeTo(fresh), fresh);
  expect(step.isSuccess).toBe(true);
  expect(await sessionsOf(fresh)).toHaveLength(1);
  expect(await sessionsOf(jane)).toEqual([]);
});

describe('the code for a second user', () => {
  test.each([
    ['TwoFactors', [MALLORYS], [PASSWORD]],
    ['NameAndCode', [], []],
  ])('is mailed to that user, after one for the first: %s (SEC-85)', async (tree, mallorys, janes) => {
    const { jane, mallory } = await newPair();
    const wrong = async () => {
      await codeTo(mallory)();
      return '00000000';
    };
    const step = await walk(tree, mallory, ...mallorys, wrong, jane, ...janes, codeTo(jane));
    expect(step.isSuccess).toBe(true);
    expect(world.smtp.mails.filter((mail) => mail.includes(mailOf(mallory)))).toEqual([]);
    // The first user is served as before once the name is typed again.
    const again = await walk(tree, mallory, ...mallorys, wrong, mallory, ...mallorys, codeTo(mallory));
    expect(again.isSuccess).toBe(true);
  });
});

test('what another user has come to gives a session no level and no properties (SEC-85)', async () => {
  const { jane, mallory } = await newPair();
  const CODE = 0;
  const WITHOUT = 1;
  const [GO, OTHER] = [0, 1];
  const step = await walk('Level', mallory, MALLORYS, CODE, codeTo(mallory), OTHER, jane, PASSWORD, WITHOUT, GO);
  expect(step.isSuccess).toBe(true);
  const [session] = await sessionsOf(jane);
  expect(session?.properties).toMatchObject({ AuthLevel: '0' });
  expect(session?.properties).not.toHaveProperty('checked');
  expect(session?.properties.AuthFactors).toMatch(/^password@\d+$/);

  await walk('Level', mallory, MALLORYS, CODE, codeTo(mallory), GO);
  expect((await sessionsOf(mallory))[0]?.properties).toMatchObject({ AuthLevel: '20', checked: 'yes' });
});
