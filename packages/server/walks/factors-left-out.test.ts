import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shippedJourneys } from '../src/journeys/shipped-journeys.ts';
import { addBoundDevice, addGenerator, addPasskey, addPhone, openSession } from '../src/testing/account-fixture.ts';
import { type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';
import { type Answer, type Callback, everyWay, filledIn, oneAndTwoOf, outputOf } from './every-way.ts';

// An attacker who has the password of a user, and nothing else, tries every answer of every shipped journey (SEC-88).

const PASSWORD = 'correct horse';
const DAY = 86_400_000;
const TIMEOUT = 180_000;

const FACTORS = {
  phone: addPhone,
  'code app': addGenerator,
  passkey: addPasskey,
  'bound device': addBoundDevice,
} as const;
type Factor = keyof typeof FACTORS;
const KINDS = Object.keys(FACTORS) as readonly Factor[];
/** Users with 1 factor, and with 2. */
const WITH_FACTORS = oneAndTwoOf(KINDS).map((set): [string, readonly Factor[]] => [set.join(' and '), set]);

/** Journeys that ask for the password alone. */
const PASSWORD_ALONE = ['Login', 'ldapService', 'AdminLogin'];

/** Values by type of callback. */
type Choice = Readonly<Record<string, unknown>>;

let server: SteeredServer;
let rest: RestClient;
let users = 0;
beforeAll(async () => {
  server = await steeredServer({ port: 18_474, hashCost: 'cheap-for-tests' });
  rest = restClient(server);
});
afterAll(() => server?.assent.stop());

const userWith = async (factors: readonly Factor[]): Promise<string> => {
  users += 1;
  const username = `victim${users}`;
  await server.createUser('/', username, PASSWORD);
  for (const factor of factors) await FACTORS[factor](server, '/', username);
  return username;
};

const optionsOf = (callbacks: readonly Callback[]) =>
  (outputOf(callbacks, 'ConfirmationCallback', 'options') ?? []) as readonly unknown[];

/** All that somebody can answer to a step who knows the name and the password. */
const choicesAt = (callbacks: readonly Callback[], username: string): readonly Choice[] => {
  const types = callbacks.map(({ type }) => type);
  const has = (type: string) => types.includes(type);
  const buttons = optionsOf(callbacks).map((_label, index) => ({
    ConfirmationCallback: index,
  }));
  if (has('PasswordCallback')) {
    const form = { NameCallback: username, PasswordCallback: PASSWORD };
    // Beside the form stands the passkey of the device, which the attacker does not have.
    return [form, ...(has('HiddenValueCallback') ? [{ HiddenValueCallback: 'unsupported' }] : [])];
  }
  if (has('DeviceProfileCallback')) return [{ DeviceProfileCallback: '{"identifier":"desk"}' }];
  if (has('PollingWaitCallback')) return buttons;
  if (has('MetadataCallback')) {
    const outcomes = ['unsupported', 'ERROR::NotAllowedError:'].map((value) => ({ HiddenValueCallback: value }));
    return [...outcomes, ...buttons];
  }
  if (has('NameCallback'))
    return buttons.length > 0
      ? buttons.map((button) => ({ ...button, NameCallback: '123456' }))
      : [{ NameCallback: 'WRONG' }];
  return buttons.length > 0 ? buttons : [{}];
};

const MAX_STEPS = 12;
const MAX_RUNS = 200;

/** Every way to a session that the attacker finds, by the labels of the buttons on the way. */
const waysIn = async (journey: string, username: string, token?: string): Promise<readonly string[]> => {
  const path = `/authenticate?authIndexType=service&authIndexValue=${journey}`;
  const headers = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
  const post = async (body: object): Promise<Answer> => (await rest('POST', path, { body, headers, token })).body;
  const found: string[] = [];
  for (const chosen of everyWay(journey, MAX_RUNS)) {
    // Limits of requests and guesses are those of another day.
    server.clock.advance(DAY);
    let answer = await post({});
    const said: string[] = [];
    for (let at = 0; answer.callbacks !== undefined && at < MAX_STEPS; at += 1) {
      const { authId, callbacks } = answer;
      const choices = choicesAt(callbacks, username);
      if (choices.length === 0) break;
      const choice = choices[chosen(at, choices.length)] ?? {};
      if (typeof choice.ConfirmationCallback === 'number')
        said.push(String(optionsOf(callbacks)[choice.ConfirmationCallback]));
      answer = await post({ authId, callbacks: filledIn(callbacks, choice) });
    }
    if (answer.tokenId !== undefined) found.push(said.join(' > ') || 'password');
  }
  return found;
};

describe.each(shippedJourneys.filter(({ name }) => !PASSWORD_ALONE.includes(name)).map(({ name }) => name))(
  '%s',
  (journey) => {
    test.each(WITH_FACTORS)(
      'refuses the password alone of a user who has: %s',
      { timeout: TIMEOUT },
      async (_names, set) => {
        const username = await userWith(set);
        expect(await waysIn(journey, username)).toEqual([]);
        // Whether they have decided once to go without a device, before they had one, makes no difference.
        const optedOut = { push2faEnabled: ['1'], oath2faEnabled: ['1'], webauthn2faEnabled: ['1'] };
        await server.setAttributes('/', username, optedOut);
        expect(await waysIn(journey, username)).toEqual([]);
        const { token } = await openSession(server, '/', username);
        if (journey === 'StepUp') expect(await waysIn(journey, username, token)).toEqual([]);
      },
    );
  },
);

test.each(['PushLogin', 'PushLoginBasic'])(
  '%s lets a user without any factor skip, opt out, and pass from then on',
  { timeout: TIMEOUT },
  async (journey) => {
    const username = await userWith([]);
    const lastWords = (await waysIn(journey, username)).map((way) => way.split(' > ').at(-1));
    expect([...new Set(lastWords)]).toEqual(['Skip this step', 'Opt-out', 'password']);
    expect((await server.attributes('/', username)).push2faEnabled).toEqual(['1']);
  },
);

describe('REST', () => {
  const skip = async (username: string, type: string, facts: Parameters<typeof openSession>[3] = {}) => {
    const { token } = await openSession(server, '/', username, facts);
    const path = `/users/${username}/devices/2fa/${type}?_action=skip`;
    return (await rest('POST', path, { token, body: { value: true } })).status;
  };
  const ATTRIBUTES = { push: 'push2faEnabled', oath: 'oath2faEnabled', webauthn: 'webauthn2faEnabled' } as const;

  test.each(WITH_FACTORS)('stores no opt-out for the password of a user who has: %s', async (_names, set) => {
    const username = await userWith(set);
    for (const type of Object.keys(ATTRIBUTES)) expect([type, await skip(username, type)]).toEqual([type, 403]);
    expect(Object.keys(await server.attributes('/', username))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/2faEnabled/)]),
    );
  });

  test.each(Object.entries(ATTRIBUTES))(
    'stores an opt-out of %s for a user without any factor, and for one who has shown another',
    async (type, attribute) => {
      const [without, other] = [await userWith([]), await userWith(['bound device'])];
      expect(await skip(without, type)).toBe(200);
      expect(await skip(other, type, { factorAgeMillis: 1_000, factor: 'Binding' })).toBe(200);
      for (const username of [without, other])
        expect((await server.attributes('/', username))[attribute]).toEqual(['1']);
    },
  );

  test('stores no opt-out of a factor that the user has, whatever they have shown', async () => {
    const username = await userWith(['phone', 'code app', 'passkey']);
    for (const type of Object.keys(ATTRIBUTES))
      expect(await skip(username, type, { factorAgeMillis: 1_000 })).toBe(403);
  });
});
