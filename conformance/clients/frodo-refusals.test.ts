import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Administered, asAdministrator } from '../support/administrator.ts';
import { RestClient } from '../support/rest-client.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { sendByFetch } from '../support/wire.ts';
import { ADMINISTRATOR, broughtExport, FRODO_MAY_COME_IN, Frodo } from './frodo.ts';

// What the author of a wrong journey reads in frodo, and what becomes of changes that cross each other.

const TREES = '/json/realms/root/realm-config/authentication/authenticationtrees/trees';
const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';

let server: ServerProcess;
let frodo: Frodo;
let owned: Administered;

beforeAll(async () => {
  server = await startServerProcess(FRODO_MAY_COME_IN);
  frodo = new Frodo(server);
  owned = { am: server.am, administrator: ADMINISTRATOR };
});
afterAll(() => server?.close());

let made = 0;

/** A journey of one node, as an export has it. */
const journeyOf = (name: string, type: string, outcomes: readonly string[], settings: object) => {
  made += 1;
  const id = `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
  const connections = Object.fromEntries(outcomes.map((outcome, at) => [outcome, at === 0 ? SUCCESS : FAILURE]));
  return {
    tree: {
      _id: name,
      entryNodeId: id,
      nodes: { [id]: { nodeType: type, displayName: name, connections, x: 0, y: 0 } },
    },
    nodes: { [id]: { _id: id, _type: { _id: type }, ...settings } },
  };
};

const registration = (name: string, settings: object) =>
  journeyOf(name, 'PushRegistrationNode', ['successOutcome', 'failureOutcome', 'timeoutOutcome'], settings);
const message = (name: string, settings: object) => journeyOf(name, 'MessageNode', ['true', 'false'], settings);
const inner = (name: string, tree: string) => journeyOf(name, 'InnerTreeEvaluatorNode', ['true', 'false'], { tree });

describe('a wrong journey is refused, and frodo shows what to mend', () => {
  let told: string;
  beforeAll(async () => {
    const withoutEntry = message('NoEntry', {});
    frodo.write('wrong.json', {
      trees: {
        WrongType: message('WrongType', { message: { en: 1 } }),
        WrongNumber: registration('WrongNumber', { timeout: 'a minute' }),
        BadLocale: message('BadLocale', { message: { 'english, please': 'Hello' } }),
        Colon: registration('Colon', { issuer: 'Example: the door' }),
        Social: {
          ...message('Social', {}),
          socialIdentityProviders: { acme: { _id: 'acme', _type: { _id: 'oidcConfig' }, clientId: 'door' } },
        },
        LeadsNowhere: broughtExport('leads-nowhere'),
        NoScript: broughtExport('missing-script'),
        Garbage: broughtExport('garbage-script'),
        NoEntry: { ...withoutEntry, tree: { ...withoutEntry.tree, nodes: {} } },
        InACircle: inner('InACircle', 'Login'),
        Login: inner('Login', 'InACircle'),
      },
    });
    told = (await frodo.run(['journey', 'import', '-a', '-f', 'wrong.json'])).text;
  });

  test.each([
    ['a setting of the wrong type', /attribute, message\.en: .*string.*\(MessageNode 0/],
    ['a text for a number', /attribute, timeout: .*expected number, received string \(PushRegistrationNode 0/],
    ['a language that is none', /attribute, message\.english, please: Invalid locale provided \(MessageNode 0/],
    ['a colon in the issuer', /attribute, issuer: .*colon.*\(PushRegistrationNode 0/i],
    [
      'an outcome that leads nowhere',
      /outcome "true" of MessageNode \S+ "Terms & "more"" leads to \S+, which is no node of the tree\. Add it, or connect/,
    ],
    [
      'a script that is missing',
      /Missing script \S{36} referenced by node \S+ \(ScriptedDecisionNode\) in journey NoScript/,
    ],
    ['a script that is no id', /Missing script function \(\) .* in journey GarbageScript/],
    [
      'a provider of social login, which there is none of',
      /Error importing provider acme in journey Social[\s\S]*?404/,
    ],
    [
      'journeys in a circle',
      /recursive loop: InACircle\. The tree Login would run itself\. Name another tree\. \(InnerTree/,
    ],
    [
      'an entry that is not there',
      /must exist in the tree\. 00000000-\S+ is none of the nodes\. Name one of them, or add it\./,
    ],
  ])('%s', (_, expected) => expect(told).toMatch(expected));

  test('none of it is there afterwards, what it would have replaced still runs, and a journey is not lost for its providers', async () => {
    const { body } = await asAdministrator(owned, 'GET', `${TREES}?_queryFilter=true`);
    const names = (body.result as { _id: string }[]).map(({ _id }) => _id);
    for (const name of ['WrongType', 'WrongNumber', 'BadLocale', 'Colon', 'LeadsNowhere', 'NoScript', 'NoEntry']) {
      expect(names).not.toContain(name);
    }
    expect(names).toContain('Social');
    expect(await new RestClient(server.am).passPassword('demo', 'Ch4ng31t!', 'Login')).toMatchObject({ status: 200 });
  });
});

test('a journey that runs one which nobody has is not begun', async () => {
  frodo.write('missing.json', broughtExport('missing-inner-journey'));
  const { code, text } = await frodo.run(['journey', 'import', '-f', 'missing.json']);
  expect([code, text]).toEqual([1, expect.stringContaining('LooksForMore requires NobodyHasThis')]);
});

test('a setting that no node has is kept, and the log names it (B5)', async () => {
  frodo.write('foreign.json', message('Foreign', { message: { en: 'Hello' }, nodeVersion: '2.0', colour: 'blue' }));
  const told = await frodo.do(['journey', 'import', '-f', 'foreign.json', '--verbose']);
  expect(told).toContain('Imported Foreign');
  expect(told).not.toContain('Removing invalid attribute');
  expect(server.output()).toContain('"unknown":["colour","nodeVersion"]');
  await frodo.do(['journey', 'export', '-i', 'Foreign', '-f', 'back.json']);
  expect(Object.values(frodo.read('back.json').nodes as object)).toMatchObject([
    { nodeVersion: '2.0', colour: 'blue' },
  ]);
});

describe('of changes that cross each other', () => {
  let token: string;
  beforeAll(async () => {
    token = String(
      (await new RestClient(server.am).passPassword('amadmin', ADMINISTRATOR.password, 'AdminLogin')).tokenId,
    );
  });
  const call = (method: 'GET' | 'PUT', body?: object, ifMatch?: unknown) =>
    sendByFetch({
      method,
      url: `${server.am}${TREES}/Login`,
      headers: {
        'accept-api-version': 'resource=1.0',
        iPlanetDirectoryPro: token,
        ...(ifMatch !== undefined && { 'if-match': String(ifMatch) }),
      },
      body,
    });
  const read = async () => (await call('GET')).body;
  const put = (body: object, rev: unknown) => call('PUT', body, rev);

  test('one over what somebody else has changed since is refused', async () => {
    const before = await read();
    await put({ ...before, description: 'Changed' }, before._rev);
    const late = await put({ ...before, description: 'Too late' }, before._rev);
    expect(late).toMatchObject({ status: 412, body: { message: expect.stringContaining('Read it again') } });
    expect((await read()).description).toBe('Changed');
  });

  test('ten at once are all there in the end, since whoever was overtaken is told', async () => {
    const writers = Array.from({ length: 10 }, (_, at) => `writer ${at}`);
    let overtaken = 0;
    const write = async (writer: string): Promise<void> => {
      const before = await read();
      const uiConfig = { ...(before.uiConfig as object | undefined), [writer]: 'was here' };
      const { status } = await put({ ...before, uiConfig }, before._rev);
      if (status === 200) return;
      expect(status).toBe(412);
      overtaken += 1;
      await write(writer);
    };
    await Promise.all(writers.map(write));
    expect(Object.keys((await read()).uiConfig as object).sort()).toEqual(writers);
    expect(overtaken).toBeGreaterThan(0);
  });
});
