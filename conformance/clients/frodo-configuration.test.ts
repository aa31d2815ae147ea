import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Administered, asAdministrator } from '../support/administrator.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { ADMINISTRATOR, broughtExport, FRODO_MAY_COME_IN, Frodo, textOf } from './frodo.ts';

// Everything at once, as frodo exports and imports it: nothing breaks it off, and nothing is lost on the way (B6).

const REALM_CONFIG = '/json/realms/root/realm-config';
/** What frodo prints of what it could not do; it goes on after most of it, and ends well. */
const TROUBLE = /error|cannot read|status: \d|undefined/i;

interface Configuration {
  readonly global: Readonly<Record<string, object>>;
  readonly realm: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

let from: ServerProcess;
let to: ServerProcess;
let frodo: Frodo;
let there: Frodo;
let everything: Configuration;

/** Settings as an export of AM has them: more than this server uses, and a mail server that is not named. */
const AUTHENTICATION = {
  accountlockout: { loginFailureCount: 5, lockoutDuration: 0 },
  general: { locale: 'de', twoFactorRequired: false, identityType: ['agent', 'user'] },
  trees: { authenticationSessionsStateManagement: 'JWT', authenticationSessionsMaxDuration: 7 },
};
const EMAIL = { emailAddressAttribute: 'mail', emailRateLimitSeconds: 1, port: 465, sslState: 'SSL' };

beforeAll(async () => {
  [from, to] = await Promise.all([startServerProcess(FRODO_MAY_COME_IN), startServerProcess(FRODO_MAY_COME_IN)]);
  frodo = new Frodo(from);
  there = new Frodo(to);
  const owned: Administered = { am: from.am, administrator: ADMINISTRATOR };
  const saved = [
    await asAdministrator(owned, 'PUT', `${REALM_CONFIG}/authentication`, AUTHENTICATION),
    await asAdministrator(owned, 'PUT', `${REALM_CONFIG}/services/email`, EMAIL),
  ];
  expect(saved.map(({ status }) => status)).toEqual([200, 201]);
  const script = {
    name: 'Of another house',
    script: Buffer.from('def outcome = "true"').toString('base64'),
    language: 'GROOVY',
    context: 'AUTHENTICATION_TREE_DECISION_NODE',
    evaluatorVersion: 'V1_0',
    exports: [{ id: 'greet', type: 'Function', arity: 1 }],
  };
  const path = '/json/realms/root/scripts/7d7c8acb-0000-4000-8000-000000000040';
  expect((await asAdministrator(owned, 'PUT', path, script)).status).toBe(201);
  for (const name of ['scripts', 'foreign-nodes']) {
    frodo.write(`${name}.json`, broughtExport(name));
    await frodo.do(['journey', 'import', '-f', `${name}.json`]);
  }
});
afterAll(() => Promise.all([from?.close(), to?.close()]));

describe('the whole configuration', () => {
  test('is exported, to one file', async () => {
    expect(await frodo.do(['config', 'export', '-a', '-f', 'all.json'])).not.toMatch(TROUBLE);
    everything = frodo.read('all.json') as unknown as Configuration;
    expect(everything.realm.root).toMatchObject({
      authentication: AUTHENTICATION,
      service: { assent: {}, email: EMAIL, pushNotification: {}, validation: {} },
      trees: { PushLogin: {}, ScriptedDoor: {}, ForeignDoor: {} },
    });
    expect(Object.values(everything.realm.root?.script ?? {})).toContainEqual(
      expect.objectContaining({ language: 'GROOVY', evaluatorVersion: 'V1_0', exports: [expect.any(Object)] }),
    );
  });

  test('of a realm alone is the same realm', async () => {
    expect(await frodo.do(['config', 'export', '-ar', '-f', 'realm.json'])).not.toMatch(TROUBLE);
    expect(textOf((frodo.read('realm.json') as unknown as Configuration).realm)).toBe(textOf(everything.realm));
  });

  test('comes into a fresh server without trouble, and is exported there as it came', async () => {
    there.write('all.json', everything);
    expect(await there.do(['config', 'import', '-a', '-f', 'all.json'])).not.toMatch(TROUBLE);
    await there.do(['config', 'export', '-a', '-f', 'back.json']);
    const back = there.read('back.json') as unknown as Configuration;
    expect(textOf({ global: back.global, realm: back.realm })).toBe(
      textOf({ global: everything.global, realm: everything.realm }),
    );
    const owned: Administered = { am: to.am, administrator: ADMINISTRATOR };
    const { body } = await asAdministrator(owned, 'GET', `${REALM_CONFIG}/authentication`);
    expect(body).toMatchObject(AUTHENTICATION);
  });
});

test.each([
  [['script', 'export', '-a', '-f', 'scripts-back.json'], 'scripts-back.json'],
  [['service', 'export', '-a', '-f', 'services-back.json'], 'services-back.json'],
  [['agent', 'export', '-a', '-f', 'agents-back.json'], undefined],
])('frodo %j breaks off at nothing', async (command, file) => {
  expect(await frodo.do(command)).not.toMatch(TROUBLE);
  if (file !== undefined) expect(frodo.files()).toContain(file);
});
