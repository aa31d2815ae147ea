import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAILURE, treeDocument } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_USER } from '../../composition/seed.ts';
import { inject } from '../../testing/inject.ts';
import { restClient, signIn as signInByRest } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

let server: SteeredServer;
let administrator: string;
let user: string;

const HOST = { host: 'localhost:18431' };

const call = async (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
) => {
  const answer = await inject(server.assent, {
    method,
    url: `/am/json/realms/root/${path}`,
    headers: { ...HOST, ...(token && { iplanetdirectorypro: token }), 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
};

interface Step {
  readonly tokenId?: string;
  readonly callbacks: { type: string; input?: { name: string; value: unknown }[] }[];
}

/** Signs in by the password alone. */
const signIn = async (name: string, password: string): Promise<string> => {
  const at = 'authenticate?authIndexType=service&authIndexValue=Login';
  const { body: step } = (await call('POST', at)) as unknown as { body: Step };
  for (const { type, input } of step.callbacks) {
    const [first] = input ?? [];
    if (first && type === 'NameCallback') first.value = name;
    if (first && type === 'PasswordCallback') first.value = password;
  }
  const { body } = await call('POST', at, { body: step });
  return String((body as Step).tokenId);
};

const base64 = (text: string) => Buffer.from(text).toString('base64');
const ID = '0a1b2c3d-0000-4000-8000-000000000001';
const other = (at: number) => `0a1b2c3d-0000-4000-8000-00000000010${at}`;
const document = (given: Readonly<Record<string, unknown>> = {}) => ({
  name: 'Decide',
  description: 'd',
  script: base64('outcome = "true"; // ü'),
  context: 'AUTHENTICATION_TREE_DECISION_NODE',
  language: 'JAVASCRIPT',
  evaluatorVersion: '1.0',
  ...given,
});

beforeAll(async () => {
  server = await steeredServer({ port: 18431, hashCost: 'cheap-for-tests' });
  administrator = await signIn(TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  user = await signIn(DEMO_USER.name, DEMO_USER.password);
});
afterAll(() => server.assent.stop());

describe('who may not', () => {
  test.each([
    ['GET', 'scripts?_queryFilter=true'],
    ['GET', `scripts/${ID}`],
    ['PUT', `scripts/${ID}`],
    ['POST', 'scripts?_action=create'],
    ['DELETE', `scripts/${ID}`],
  ] as const)('%s %s: 401 without a session, 403 for a user', async (method, path) => {
    const body = method === 'PUT' || method === 'POST' ? document() : undefined;
    expect(await call(method, path, { body })).toMatchObject({
      status: 401,
      body: { code: 401, reason: 'Unauthorized', message: 'Access Denied' },
    });
    expect(await call(method, path, { token: user, body })).toMatchObject({
      status: 403,
      body: { code: 403, reason: 'Forbidden', message: 'User is not authorized' },
    });
  });
});

const NO_SCRIPT = { script: base64('var a = 1;\nvar b = = 2;') };

describe('what is refused', () => {
  const put = (body: unknown, headers: Record<string, string> = {}) =>
    call('PUT', `scripts/${ID}`, { token: administrator, body, headers });

  test.each([
    ['no name', { name: '' }, 'name must have'],
    ['no base64', { script: '<script>' }, 'not UTF-8 text in base64'],
    ['bytes that are no text', { script: '/w==' }, 'not UTF-8 text in base64'],
    ['more than 64 KiB', { script: base64('/'.repeat(64 * 1024 + 1)) }, 'larger than 65536 bytes'],
    ['a language that can be none', { language: 'Java Script' }, 'language is not valid'],
    ['an unknown engine', { evaluatorVersion: '3.0' }, 'evaluatorVersion must be 1.0 or 2.0'],
  ])('%s', async (_what, given, message) => {
    expect(await put(document(given))).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(message) },
    });
  });

  test('a new script that cannot be compiled', async () => {
    const body = document({ ...NO_SCRIPT, name: 'typed' });
    expect(await call('POST', 'scripts?_action=create', { token: administrator, body })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('cannot be compiled in line 2') },
    });
  });

  test('an id that can be none', async () => {
    expect(await call('PUT', 'scripts/of%20mine', { token: administrator, body: document() })).toMatchObject({
      status: 400,
    });
  });

  test('what is not there: 404; another action: 501; another filter: 400', async () => {
    const token = administrator;
    expect(await call('GET', `scripts/${other(9)}`, { token })).toMatchObject({ status: 404 });
    expect(await call('DELETE', `scripts/${other(9)}`, { token })).toMatchObject({ status: 404 });
    expect(await call('POST', 'scripts?_action=validate', { token, body: {} })).toMatchObject({ status: 501 });
    expect(await call('GET', 'scripts?_queryFilter=name+co+%22x%22', { token })).toMatchObject({ status: 400 });
  });

  test('a body over 64 KiB anywhere else', async () => {
    const body = { x: 'y'.repeat(70 * 1024) };
    expect(await call('POST', 'authenticate', { body })).toMatchObject({ status: 413 });
  });
});

test('a stored script decides in a journey at once, and its log line and failure are in the journey log', async () => {
  const { store, configuration } = server.assent;
  const body = document({ name: 'Runs', script: base64("logger.warn('here'); outcome = 'true';") });
  await call('PUT', `scripts/${other(5)}`, { token: administrator, body });
  const node = { nodeType: 'ScriptedDecisionNode', displayName: 'Decide', connections: { true: FAILURE } };
  await configuring(store).publishTree({
    realm: '/',
    name: 'Scripted',
    tree: treeDocument.parse({ entryNodeId: 'n1', nodes: { n1: node } }),
    nodes: { n1: { id: 'n1', type: 'ScriptedDecisionNode', config: { script: other(5), outcomes: ['true'] } } },
  });
  await configuration.refresh();
  const start = () => call('POST', 'authenticate?authIndexType=service&authIndexValue=Scripted');
  expect(await start()).toMatchObject({ status: 401, body: { message: 'Login failure' } });
  expect(server.logged()).toContainEqual(
    expect.objectContaining({ msg: 'here', fields: { script: 'Runs' }, nodeId: 'n1' }),
  );
  await call('DELETE', `scripts/${other(5)}`, { token: administrator });
  expect(await start()).toMatchObject({ status: 401 });
  const msg = 'Data validation failed for the attribute, Script';
  expect(server.logged()).toContainEqual(expect.objectContaining({ msg, nodeId: 'n1' }));
});

test('the revision that a save answers is that of the stored script, whatever keeps it (B5)', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-scripts-'));
  const onDisk = await steeredServer({ port: 8080, dataDir });
  try {
    const rest = restClient(onDisk);
    const token = await signInByRest(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const headers = { 'accept-api-version': 'protocol=2.1,resource=1.0' };
    const at = `/scripts/${ID}`;
    const created = await rest('PUT', at, { token, headers, body: { ...document(), unknown: { b: 1, a: 2 } } });
    expect((await rest('GET', at, { token, headers })).body).toEqual(created.body);
    const ifMatch = { ...headers, 'if-match': `"${String(created.body._rev)}"` };
    expect(await rest('PUT', at, { token, headers: ifMatch, body: document() })).toMatchObject({ status: 200 });
    expect(await rest('PUT', at, { token, headers: ifMatch, body: document() })).toMatchObject({ status: 412 });
  } finally {
    await onDisk.assent.stop();
    rmSync(dataDir, { recursive: true });
  }
});

describe('what is kept', () => {
  test('create, read, replace, find by name and delete, each as it was stored', async () => {
    const token = administrator;
    const at = `scripts/${ID}`;
    const created = await call('PUT', at, { token, body: { ...document(), _id: ID, _rev: 'x' } });
    expect(created).toMatchObject({
      status: 201,
      headers: { etag: `"${(created.body as { _rev: string })._rev}"`, location: expect.stringContaining(ID) },
      body: { ...document(), _id: ID, default: false, createdBy: 'id=amadmin,ou=user,ou=am-config' },
    });
    expect((await call('GET', at, { token })).body).toEqual(created.body);

    expect(await call('PUT', at, { token, body: document(), headers: { 'if-none-match': '*' } })).toMatchObject({
      status: 412,
    });
    expect(await call('PUT', at, { token, body: document(), headers: { 'if-match': '"0"' } })).toMatchObject({
      status: 412,
    });
    const etag = String(created.headers.etag);
    const changed = document({ script: base64('outcome = "false";') });
    const replaced = await call('PUT', at, { token, body: changed, headers: { 'if-match': etag } });
    expect(replaced).toMatchObject({ status: 200, body: changed });
    expect(replaced.headers.etag).not.toBe(etag);

    expect(await call('PUT', `scripts/${other(1)}`, { token, body: document() })).toMatchObject({ status: 409 });
    const second = await call('POST', 'scripts?_action=create', { token, body: document({ name: 'Second "one"' }) });
    expect(second).toMatchObject({ status: 201 });
    const filter = encodeURIComponent('name eq "Second \\"one\\""');
    expect((await call('GET', `scripts?_queryFilter=${filter}`, { token })).body).toMatchObject({
      resultCount: 1,
      result: [{ name: 'Second "one"' }],
    });
    expect((await call('GET', 'scripts?_queryFilter=true', { token })).body).toMatchObject({ resultCount: 2 });

    expect(await call('DELETE', at, { token })).toMatchObject({ status: 200, body: changed });
    expect(await call('GET', at, { token })).toMatchObject({ status: 404 });
  });

  test('a script of the largest size, and a realm apart', async () => {
    await server.createRealm('/alpha');
    await server.assent.configuration.refresh();
    const big = document({ name: 'Big', script: base64(`//${'x'.repeat(64 * 1024 - 2)}`) });
    const token = administrator;
    const put = await call('PUT', `realms/alpha/scripts/${ID}`, { token, body: big });
    expect(put).toMatchObject({ status: 201 });
    expect(await call('GET', `scripts/${ID}`, { token })).toMatchObject({ status: 404 });
  });

  test('every change stands in the audit trail', async () => {
    const { store } = server.assent;
    const administratorId = (await store.identities.find('/', TEST_ADMINISTRATOR.name))?.id ?? '';
    const events = await store.audit.ofUser(administratorId, 100);
    const changes = events.filter(({ event, detail }) => event === 'CONFIG_CHANGE' && detail?.kind === 'script');
    expect(changes.map(({ outcome, detail }) => [outcome, detail?.name]).reverse()).toEqual([
      ['create', 'Runs'],
      ['delete', 'Runs'],
      ['create', 'Decide'],
      ['update', 'Decide'],
      ['create', 'Second "one"'],
      ['delete', 'Decide'],
      ['create', 'Big'],
    ]);
  });
});

describe('what this server cannot run, or has no use for, is kept whole (B5)', () => {
  test('JavaScript that cannot be compiled here comes in by PUT, and the log says so', async () => {
    const body = document({ ...NO_SCRIPT, name: 'imported' });
    const path = `scripts/${other(7)}`;
    expect(await call('PUT', path, { token: administrator, body })).toMatchObject({ status: 201 });
    expect(await call('GET', path, { token: administrator })).toMatchObject({ status: 200, body: NO_SCRIPT });
    expect(server.logged().map(({ msg }) => msg)).toContainEqual(
      expect.stringMatching(
        /^The script cannot be compiled in line 2: .* It is kept, and fails a journey that reaches it\.$/,
      ),
    );
    expect(await call('DELETE', path, { token: administrator })).toMatchObject({ status: 200 });
  });

  const FOREIGN = document({
    name: 'Of another house',
    language: 'GROOVY',
    script: base64('def outcome = [a: 1] as Map<String, ?>'),
    exports: [{ id: 'greet', arity: 1, type: 'Function' }],
    owner: null,
  });

  test('comes back as it came, is in the list, and the log says what has no effect', async () => {
    const token = administrator;
    const { status, body } = await call('PUT', `scripts/${other(6)}`, { token, body: FOREIGN });
    expect([status, body]).toMatchObject([201, FOREIGN]);
    expect(await call('GET', `scripts/${other(6)}`, { token })).toMatchObject({ status: 200, body: FOREIGN });
    const { body: all } = await call('GET', 'scripts?_queryFilter=true', { token });
    expect(all.result).toContainEqual(expect.objectContaining(FOREIGN));
    const of = { script: FOREIGN.name, realm: '/' };
    expect(server.logged()).toContainEqual(
      expect.objectContaining({ ...of, msg: expect.stringContaining('is written in GROOVY') }),
    );
    expect(server.logged()).toContainEqual(expect.objectContaining({ ...of, unknown: ['exports', 'owner'] }));
    expect(await call('PUT', `scripts/${other(6)}`, { token, body })).toMatchObject({ status: 200, body });
  });

  test('an id with a digit less than a UUID, as one of the scripts that AM brings has', async () => {
    const path = 'scripts/0a1b2c3d-0000-4000-8000-00000000001';
    const body = document({ name: 'One digit less' });
    expect(await call('PUT', path, { token: administrator, body })).toMatchObject({ status: 201 });
    expect(await call('DELETE', path, { token: administrator })).toMatchObject({ status: 200 });
  });

  test.each(['V1_0', 'V2_0', '1.0', '2.0'])(
    'the name %s of an engine comes back as it came',
    async (evaluatorVersion) => {
      const token = administrator;
      const path = `scripts/${other(7)}`;
      const { body } = await call('PUT', path, { token, body: document({ name: 'Engine', evaluatorVersion }) });
      expect(body.evaluatorVersion).toBe(evaluatorVersion);
      expect((await call('GET', path, { token })).body.evaluatorVersion).toBe(evaluatorVersion);
    },
  );

  test('a script that is saved under the usual name of its engine has no other name from then on', async () => {
    const token = administrator;
    const path = `scripts/${other(7)}`;
    await call('PUT', path, { token, body: document({ name: 'Engine', evaluatorVersion: 'V2_0' }) });
    const { body } = await call('PUT', path, { token, body: document({ name: 'Engine', evaluatorVersion: '2.0' }) });
    expect(body.evaluatorVersion).toBe('2.0');
  });

  test('a script that asks for values of esv is saved with a warning, and the check names the node that runs it', async () => {
    const token = administrator;
    const script = base64("outcome = systemEnv.getProperty('esv.url', 'true');");
    const body = document({ name: 'Asks the environment', script });
    expect(await call('PUT', `scripts/${other(9)}`, { token, body })).toMatchObject({ status: 201 });
    expect(server.logged()).toContainEqual(
      expect.objectContaining({ script: body.name, msg: expect.stringContaining('asks systemEnv for values of esv') }),
    );
    const base = 'realm-config/authentication/authenticationtrees';
    const settings = { script: other(9), outcomes: ['true'] };
    await call('PUT', `${base}/nodes/ScriptedDecisionNode/${other(9)}`, { token, body: settings });
    const nodes = { [other(9)]: { nodeType: 'ScriptedDecisionNode', connections: { true: FAILURE } } };
    const tree = { entryNodeId: other(9), nodes };
    expect(await call('PUT', `${base}/trees/Asking`, { token, body: tree })).toMatchObject({ status: 201 });
    const { body: checked } = await call('POST', `${base}/trees/Asking?_action=check`, { token, body: {} });
    expect(checked.result).toContainEqual(
      expect.objectContaining({
        code: 'J13',
        severity: 'warning',
        nodeId: other(9),
        message: expect.stringContaining('systemEnv'),
      }),
    );
  });

  test('a journey that reaches it fails by that, and the check tells of it beforehand', async () => {
    const token = administrator;
    await call('PUT', `scripts/${other(8)}`, { token, body: { ...FOREIGN, name: 'Reached' } });
    const base = 'realm-config/authentication/authenticationtrees';
    const node = `${base}/nodes/ScriptedDecisionNode/${other(8)}`;
    await call('PUT', node, { token, body: { script: other(8), outcomes: ['true'] } });
    const connections = { true: FAILURE };
    const nodes = { [other(8)]: { nodeType: 'ScriptedDecisionNode', displayName: 'Decide', connections } };
    const tree = { entryNodeId: other(8), nodes };
    expect(await call('PUT', `${base}/trees/Reaching`, { token, body: tree })).toMatchObject({ status: 201 });
    const { body } = await call('POST', `${base}/trees/Reaching?_action=check`, { token, body: {} });
    expect(body.result).toContainEqual(
      expect.objectContaining({ code: 'J13', severity: 'warning', message: expect.stringContaining('GROOVY') }),
    );
    const start = await call('POST', 'authenticate?authIndexType=service&authIndexValue=Reaching');
    expect(start).toMatchObject({ status: 401, body: { message: 'Login failure' } });
    expect(server.logged()).toContainEqual(
      expect.objectContaining({
        journey: 'Reaching',
        msg: expect.stringContaining('The script "Reached" (engine 1.0) failed: it is written in GROOVY'),
      }),
    );
  });
});
