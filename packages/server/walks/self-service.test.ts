import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';
const dataDir = mkdtempSync(join(tmpdir(), 'assent-self-service-'));

let server: SteeredServer;
let rest: RestClient;
let root: string | undefined;

type Nodes = Readonly<Record<string, { type: string; config?: object; to?: Readonly<Record<string, string>> }>>;

/** A page is written as the types inside it, with their settings. */
const publish = (name: string, entryNodeId: string, nodes: Nodes) =>
  configuring(server.assent.store).publishTree({
    realm: '/',
    name,
    tree: {
      entryNodeId,
      enabled: true,
      nodes: Object.fromEntries(
        Object.entries(nodes).flatMap(([id, { type, to }]) =>
          to === undefined ? [] : [[id, { displayName: id, nodeType: type, connections: to }]],
        ),
      ),
    } as never,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, { type, config = {} }]) => [id, { id, type, config } as never]),
    ),
  });

const pageOf = (inside: Nodes) => ({
  nodes: Object.entries(inside).map(([_id, { type }]) => ({ _id, nodeType: type, displayName: _id })),
});

beforeAll(async () => {
  server = await steeredServer({ port: 18_470, dataDir });
  rest = restClient(server);
  root = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);

  const form: Nodes = {
    name: { type: 'ValidatedUsernameNode', config: { validateInput: true } },
    attributes: {
      type: 'AttributeCollectorNode',
      config: {
        attributesToCollect: ['givenName', 'sn', 'mail', 'preferences/updates'],
        required: true,
        validateInputs: true,
      },
    },
    password: { type: 'ValidatedPasswordNode', config: { validateInput: true } },
    questions: { type: 'KbaCreateNode' },
    terms: { type: 'AcceptTermsAndConditionsNode' },
  };
  await publish('Register', 'page', {
    ...form,
    page: { type: 'PageNode', config: pageOf(form), to: { outcome: 'create' } },
    create: {
      type: 'CreateObjectNode',
      config: { identityResource: 'managed/alpha_user' },
      to: { CREATED: 'count', FAILURE },
    },
    count: { type: 'IncrementLoginCountNode', to: { outcome: SUCCESS } },
  });
  const again: Nodes = { next: { type: 'ValidatedPasswordNode', config: { validateInput: true } } };
  await publish('Reset', 'mail', {
    ...again,
    mail: {
      type: 'AttributeCollectorNode',
      config: { attributesToCollect: ['mail'], required: true },
      to: { outcome: 'who' },
    },
    who: { type: 'IdentifyExistingUserNode', to: { true: 'ask', false: FAILURE } },
    ask: { type: 'KbaVerifyNode', to: { true: 'page', false: FAILURE } },
    page: { type: 'PageNode', config: pageOf(again), to: { outcome: 'patch' } },
    patch: { type: 'PatchObjectNode', to: { PATCHED: SUCCESS, FAILURE } },
  });
  await server.assent.configuration.refresh();
});
afterAll(async () => {
  await server.assent.stop();
  rmSync(dataDir, { recursive: true });
});

interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly message?: string;
  readonly callbacks: {
    type: string;
    output: { name: string; value: unknown }[];
    input: { name: string; value: unknown }[];
  }[];
}

const post = async (tree: string, body: object = {}): Promise<Step> => {
  const path = `/authenticate?authIndexType=service&authIndexValue=${tree}`;
  const headers = { 'accept-api-version': 'protocol=1.0,resource=2.1' };
  return (await rest('POST', path, { body, headers })).body as unknown as Step;
};

/** Answers by position; several inputs of one callback in a list. */
const answer = (tree: string, step: Step, ...answers: readonly unknown[]): Promise<Step> => {
  const callbacks = step.callbacks.map((callback, at) => {
    const values = [answers[at]].flat();
    return {
      ...callback,
      input: callback.input.map((input, part) => ({ ...input, value: values[part] ?? input.value })),
    };
  });
  return post(tree, { authId: step.authId, callbacks });
};
const failuresIn = (step: Step) =>
  step.callbacks.flatMap(
    ({ output }) => (output.find(({ name }) => name === 'failedPolicies')?.value ?? []) as string[],
  );

const service = (id: string, body: object) => rest('PUT', `/realm-config/services/${id}`, { token: root, body });

const answersOf = (name: string) => [
  name,
  'New',
  'User',
  `${name}@example.org`,
  true,
  'first password',
  ['First pet?', ' My  Dog '],
  true,
];

describe('services of the realm', () => {
  test.each([
    [
      'selfservice.terms',
      { active: '2', versions: [{ version: '1', termsTranslations: { en: 'x' }, createDate: '2026-01-01T00:00:00Z' }] },
      'active',
    ],
    [
      'selfservice.terms',
      { active: '1', versions: [{ version: '1', termsTranslations: {}, createDate: '2026-01-01T00:00:00Z' }] },
      'active',
    ],
    [
      'selfservice.terms',
      { active: '1', versions: [{ version: '1', termsTranslations: { en: 'x' }, createDate: 'today' }] },
      'versions',
    ],
    ['selfservice.kba', { questions: { '1': { klingon1: 'x' } } }, 'questions'],
    ['selfservice.kba', { minimumAnswersToVerify: 3 }, 'minimumAnswersToVerify'],
    ['selfservice.kba', { kbaPropertyName: 'mail' }, 'kbaPropertyName'],
    ['selfservice.consent', { mappings: [{ name: '' }] }, 'mappings'],
  ])('%s refuses %j', async (id, body, attribute) => {
    const { status, body: refused } = await service(id, body);
    expect(status).toBe(400);
    expect(refused).toMatchObject({ detail: { attribute } });
  });

  test('take what identity management has', async () => {
    const versions = [{ version: '1', termsTranslations: { en: 'Be kind.' }, createDate: '2026-01-01T00:00:00.000Z' }];
    expect((await service('selfservice.terms', { _id: 'selfservice.terms', active: '1', versions })).status).toBe(201);
    const questions = { '1': { en: 'First pet?' }, '2': { en: 'First street?' } };
    expect((await service('selfservice.kba', { questions, minimumAnswersToDefine: 1 })).status).toBe(201);
  });
});

test('what breaks a rule is asked for again, and names it', async () => {
  const step = await post('Register');
  expect(step.callbacks.map(({ type }) => type)).toEqual([
    'ValidatedCreateUsernameCallback',
    'StringAttributeInputCallback',
    'StringAttributeInputCallback',
    'StringAttributeInputCallback',
    'BooleanAttributeInputCallback',
    'ValidatedCreatePasswordCallback',
    'KbaCreateCallback',
    'TermsAndConditionsCallback',
  ]);
  const wrong = answersOf('wrong').with(3, 'no address').with(5, 'short');
  const again = await answer('Register', step, ...wrong);
  expect(failuresIn(again).map((text) => JSON.parse(text).policyRequirement)).toEqual([
    'VALID_EMAIL_ADDRESS_FORMAT',
    'MIN_LENGTH',
  ]);
  expect(JSON.stringify(again)).not.toContain('My  Dog');
});

test('a user registers, is signed in at once, and shows to nobody what was kept for secret', async () => {
  const { tokenId } = await answer('Register', await post('Register'), ...answersOf('new'));
  expect(tokenId).toEqual(expect.any(String));
  const { body } = await rest('GET', '/users/new', { token: root });
  expect(body).toMatchObject({
    givenName: ['New'],
    mail: ['new@example.org'],
    'preferences/updates': ['true'],
    'termsAccepted/termsVersion': ['1'],
    loginCount: ['1'],
    createTimestamp: [expect.stringMatching(/^\d{14}Z$/)],
  });
  expect(body).not.toHaveProperty('kbaInfo');
  const filter = `/users?_queryFilter=${encodeURIComponent('kbaInfo pr')}`;
  expect((await rest('GET', filter, { token: root })).body.resultCount).toBe(0);
  const put = await rest('PUT', '/users/new', { token: root, body: { kbaInfo: ['{}'] } });
  expect(put).toMatchObject({ status: 400, body: { detail: { field: 'kbaInfo' } } });
  expect((await server.attributes('/', 'new')).kbaInfo?.[0]).toMatch(/^\{"questionId":"1","answer":"\$argon2id\$/);
  expect(await signIn(rest, '/', 'new', 'first password')).toEqual(expect.any(String));
});

test('of ten who register one name at once, one gets it, and the others learn that it is taken', async () => {
  const steps = await Promise.all(Array.from({ length: 10 }, () => post('Register')));
  const ends = await Promise.all(steps.map((step) => answer('Register', step, ...answersOf('rush'))));
  expect(ends.filter(({ tokenId }) => tokenId !== undefined)).toHaveLength(1);
  expect(ends.filter(({ message }) => message?.startsWith('The account could not be created.'))).toHaveLength(9);
});

describe('a forgotten password', () => {
  const ask = async (mail: string) => answer('Reset', await post('Reset'), mail);

  test('is nothing to a stranger: an unknown address and a wrong answer end the journey', async () => {
    expect((await ask('nobody@example.org')).tokenId).toBeUndefined();
    const asked = await ask('new@example.org');
    expect(asked.callbacks).toMatchObject([
      { type: 'PasswordCallback', output: [{ name: 'prompt', value: 'First pet?' }] },
    ]);
    const end = await answer('Reset', asked, 'my cat');
    expect(end).toMatchObject({ message: 'Login failure' });
  });

  test('is set anew after the right answer, and ends what the old one opened', async () => {
    const session = await signIn(rest, '/', 'new', 'first password');
    const asked = await ask('NEW@example.org');
    const page = await answer('Reset', asked, 'MY DOG');
    const { tokenId } = await answer('Reset', page, 'second password');
    expect(tokenId).toEqual(expect.any(String));
    expect((await rest('GET', '/users/new', { token: session })).status).toBe(401);
    expect((await rest('GET', '/users/new', { token: tokenId })).status).toBe(200);
    expect(await signIn(rest, '/', 'new', 'first password')).toBeUndefined();
    expect(await signIn(rest, '/', 'new', 'second password')).toEqual(expect.any(String));
  });

  test('cannot be guessed: ten wrong answers lock, also over several journeys', async () => {
    const guesses: (string | undefined)[] = [];
    // Five are counted as those of a stranger. The user has signed in from this address, which has five more (docs/adr/0139).
    for (let guess = 0; guess < 10; guess += 1) {
      const asked = await ask('new@example.org');
      guesses.push((await answer('Reset', asked, `guess ${guess}`)).message);
    }
    expect(new Set(guesses)).toEqual(new Set(['Login failure']));
    expect((await ask('new@example.org')).callbacks).toBeUndefined();
    server.clock.advance(3_601_000);
    expect((await ask('new@example.org')).callbacks).toHaveLength(1);
  });
});
