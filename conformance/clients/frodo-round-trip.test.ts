import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Phone } from '../support/phone.ts';
import { hiddenValue, RestClient, setupCode } from '../support/rest-client.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { sendByFetch } from '../support/wire.ts';
import { broughtExport, FRODO_MAY_COME_IN, Frodo, textOf } from './frodo.ts';

// Everything that a realm has, from one server to another: scripts, inner journeys and nodes of other vendors included.

interface Journeys {
  readonly trees: Readonly<Record<string, unknown>>;
}

type Nodes = Readonly<Record<string, { readonly _type: { readonly _id: string; readonly version: string } }>>;

const scripts = broughtExport('scripts');
const foreign = broughtExport('foreign-nodes');
const inner = broughtExport('inner-journeys') as unknown as Journeys;
const BROUGHT = { trees: { ScriptedDoor: scripts, ForeignDoor: foreign, ...inner.trees } };

let from: ServerProcess;
let to: ServerProcess;
let rest: RestClient;
let exported: string;

beforeAll(async () => {
  [from, to] = await Promise.all([startServerProcess(FRODO_MAY_COME_IN), startServerProcess(FRODO_MAY_COME_IN)]);
  rest = new RestClient(to.am);
});
afterAll(() => Promise.all([from?.close(), to?.close()]));

describe('all journeys of one server', () => {
  test('are exported with what they need', async () => {
    const frodo = new Frodo(from);
    frodo.write('brought.json', BROUGHT);
    await frodo.do(['journey', 'import', '-a', '-f', 'brought.json']);
    await frodo.do(['journey', 'export', '-a', '-f', 'all.json']);
    const { trees } = frodo.read('all.json') as unknown as Journeys;
    expect(Object.keys(trees)).toEqual(expect.arrayContaining([...Object.keys(BROUGHT.trees), 'PushLogin']));
    exported = textOf(trees);
  });

  test('replace those of another, and are exported there as they came, byte for byte but for metadata', async () => {
    const frodo = new Frodo(to);
    await frodo.run(['journey', 'delete', '-a']);
    expect(await rest.start('PushLogin')).toMatchObject({ status: 400 });
    // It still signs in: the journey that administrators sign in by cannot be deleted.

    frodo.write('all.json', { trees: JSON.parse(exported) });
    await frodo.do(['journey', 'import', '-a', '-f', 'all.json']);
    await frodo.do(['journey', 'export', '-a', '-f', 'again.json']);
    expect(textOf(frodo.read('again.json').trees)).toBe(exported);
  });

  test('keep the versions of their nodes, the first beside later ones, and run as these (A13)', async () => {
    const { nodes, innerNodes } = JSON.parse(exported).PasskeyLogin as Readonly<Record<string, Nodes>>;
    const versions = Object.values({ ...nodes, ...innerNodes }).map(
      ({ _type: { _id, version } }) => `${_id} ${version}`,
    );
    expect(versions).toEqual(
      expect.arrayContaining([
        'PageNode 1.0',
        'PageNode 2.0',
        'UsernameCollectorNode 1.0',
        'UsernameCollectorNode 2.0',
        'WebAuthnAuthenticationNode 2.0',
      ]),
    );
    const { callbacks } = await rest.start('PasskeyLogin');
    expect(callbacks.map(({ type }) => type)).toEqual([
      'NameCallback',
      'PasswordCallback',
      'MetadataCallback',
      'HiddenValueCallback',
      'ConfirmationCallback',
    ]);
    expect(callbacks[2]?.output[0]?.value).toMatchObject({ mediation: 'conditional', _allowCredentials: [] });
    expect(callbacks[0]?.output).toContainEqual({ name: 'autocompleteValues', value: ['username', 'webauthn'] });
  });

  test('sign people in there: the example journey with a phone', async () => {
    const phone = new Phone({ send: sendByFetch, now: Date.now });
    const setup = await rest.chooseRegister(await rest.passPassword('demo', 'Ch4ng31t!', 'PushLogin'));
    await phone.register(setupCode(setup));
    const codes = await rest.submit(setup);
    const wait = await rest.submit(codes);
    expect((await phone.approve(await phone.request(), hiddenValue(wait, 'pushChallengeNumber'))).status).toBe(200);
    const { tokenId } = await rest.submit(wait);
    expect((await rest.session('getSessionInfo', String(tokenId))).body.username).toBe('demo');
  });

  test('sign people in there: through journeys in journeys', async () => {
    const step = await rest.start('FrontDoor');
    expect(step.body.header).toBe('Inside');
    expect((await rest.submit(step, { 0: 'demo', 1: 'wrong' })).status).toBe(401);
    expect((await rest.passPassword('demo', 'Ch4ng31t!', 'FrontDoor')).tokenId).toMatch(/.{32}/);
    expect(await rest.start('Middle%20Door')).toMatchObject({ status: 400 });
  });
});
