import { fakeRequest, memoryIdentities, runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { passkeySetUp } from '../testing/passkey-set-up.ts';
import {
  MemoryBoundDevices,
  MemoryDevices,
  MemoryOathDevices,
  secondFactorsAmong,
  testBoundDevice,
  testDevice,
  testOathDevice,
} from '../testing/push-doubles.ts';
import { mfaRegistrationOptions } from './mfa-registration-options.node.ts';

const setUp = (mfaMethod = 'push') => {
  const pushDevices = new MemoryDevices();
  const oathDevices = new MemoryOathDevices();
  const boundDevices = new MemoryBoundDevices();
  const withPasskeys = passkeySetUp();
  const { passkeys } = withPasskeys.ports;
  const secondFactors = secondFactorsAmong(pushDevices, oathDevices, passkeys, boundDevices);
  const ports = { identities: memoryIdentities({ demo: {} }), oathDevices, passkeys, pushDevices, secondFactors };
  return {
    oathDevices,
    pushDevices,
    given: { ports, state: { username: 'demo', mfaMethod } },
    /** Gives the user a factor of each kind. */
    add: {
      phone: () => void pushDevices.devices.push(testDevice()),
      app: () => void oathDevices.devices.push(testOathDevice()),
      passkey: () => withPasskeys.add(),
      'bound device': () => void boundDevices.devices.push(testBoundDevice()),
    },
  };
};
const KINDS = ['phone', 'app', 'passkey', 'bound device'] as const;
const choose = async (index: number | string, config = {}, it = setUp()) =>
  (await runNode(mfaRegistrationOptions, { ...it.given, config })).again([undefined, index]);

describe('ends the journey', () => {
  test.each([
    [{ mfaMethod: 'push' }, 'Expected username to be set.'],
    [{ username: ' ', mfaMethod: 'push' }, 'Expected username to be set.'],
    [{ username: 'demo' }, 'Expected multi-factor authentication method to be set.'],
    [{ username: 'demo', mfaMethod: '' }, 'Expected multi-factor authentication method to be set.'],
  ])('with %j as state: %s', async (state, message) => {
    await expect(runNode(mfaRegistrationOptions, { ...setUp().given, state })).rejects.toMatchObject({ message });
  });

  test.each(['message', 'registerDeviceLabel', 'getAppLabel', 'skipStepLabel', 'optOutLabel'])(
    'never begins with an unknown locale in %s',
    async (name) => {
      const config = { [name]: { nowhere_xx: 'x' } };
      const run = runNode(mfaRegistrationOptions, { ...setUp().given, config });
      await expect(run).rejects.toThrow('Invalid locale provided');
    },
  );

  test('for an option that the settings do not have, also where a step showed it', async () => {
    const { callbacks } = await runNode(mfaRegistrationOptions, setUp().given);
    const run = runNode(mfaRegistrationOptions, {
      ...setUp().given,
      config: { mandatory: true },
      sent: callbacks,
      answers: [undefined, 3],
    });
    await expect(run).rejects.toThrow(/^Unrecognized option: 3$/);
  });

  test.each([
    [{ mandatory: true }, 2],
    [{ mandatory: true, getApp: false }, 1],
    [{}, 4],
    [{}, -1],
  ])('with settings %j an option %s is refused before it gets here', async (config, index) => {
    await expect(choose(index, config)).rejects.toMatchObject({ code: 'CALLBACK_VALUE' });
  });

  test.each([[2], [3]])('when option %s would pass by a device that appeared meanwhile (SEC-50)', async (index) => {
    const it = setUp();
    const first = await runNode(mfaRegistrationOptions, it.given);
    it.pushDevices.devices.push(testDevice());
    const answer = first.again([undefined, index]);
    await expect(answer).rejects.toThrow('has a registered device');
  });

  test.each([[2], [3]])('when option %s would pass by a generator that appeared meanwhile (SEC-50)', async (index) => {
    const it = setUp('oath');
    const first = await runNode(mfaRegistrationOptions, it.given);
    it.oathDevices.devices.push(testOathDevice());
    await expect(first.again([undefined, index])).rejects.toThrow('has a registered device');
  });

  test('when devices cannot be looked at', async () => {
    const it = setUp();
    it.pushDevices.failing = { method: 'ofUser', error: new Error('disk') };
    await expect(choose(2, {}, it)).rejects.toThrow(/^Unable to talk to datastore\.$/);
  });
});

describe('considers all factors (SEC-88)', () => {
  const config = { considersAllFactors: true };
  const offered = async (it: ReturnType<typeof setUp>, more: object = {}) =>
    (await runNode(mfaRegistrationOptions, { ...it.given, config: { ...config, ...more } })).callbacks;

  test.each(['push', 'oath', 'webauthn'].flatMap((method) => KINDS.map((kind) => [method, kind] as const)))(
    'and offers no way without one, where %s is asked for and the user has a %s',
    async (method, kind) => {
      const it = setUp(method);
      await it.add[kind]();
      const [message, buttons] = await offered(it);
      expect(buttons?.output.options).toEqual(['Register Device', 'Get the App']);
      expect(message?.output.message).not.toMatch(/skip|opt out/);
      expect((await offered(it, { getApp: false }))[1]?.output.options).toEqual(['Register Device']);
    },
  );

  test.each(KINDS.flatMap((kind) => [2, 3].map((index) => [kind, index] as const)))(
    'and refuses a way that was offered before the user had a %s: option %s',
    async (kind, index) => {
      const it = setUp();
      const first = await runNode(mfaRegistrationOptions, { ...it.given, config });
      await it.add[kind]();
      await expect(first.again([undefined, index])).rejects.toThrow('has a registered device');
    },
  );

  test('and lets a user skip or opt out who has none at all', async () => {
    expect((await choose(2, config)).action).toMatchObject({ outcome: 'skipOutcome' });
    expect((await choose(3, config)).action).toMatchObject({ outcome: 'optOutOutcome' });
  });

  test('only where the setting is on: it is off in an import, and on in a new node', () => {
    expect(mfaRegistrationOptions.config.parse({})).toMatchObject({ considersAllFactors: false });
    expect(mfaRegistrationOptions.template).toMatchObject({ considersAllFactors: true });
  });
});

describe('offers', () => {
  test.each([
    [{}, ['Register Device', 'Get the App', 'Skip this step', 'Opt-out']],
    [{ getApp: false }, ['Register Device', 'Skip this step', 'Opt-out']],
    [{ mandatory: true }, ['Register Device', 'Get the App']],
    [{ mandatory: true, getApp: false }, ['Register Device']],
  ])('with settings %j: %j', async (config, options) => {
    const { callbacks } = await runNode(mfaRegistrationOptions, { ...setUp().given, config });
    expect(callbacks).toMatchObject([
      { type: 'TextOutputCallback', output: { messageType: 0 } },
      { type: 'ConfirmationCallback', output: { options, messageType: 0, defaultOption: 0 }, input: { '': 0 } },
    ]);
    const ids = Object.keys(mfaRegistrationOptions.outcomesOf(mfaRegistrationOptions.config.parse(config), []));
    expect(ids).toHaveLength(options.length);
  });

  test('says what each choice does, and nothing of choices that are not there', async () => {
    const text = async (config: object) =>
      (await runNode(mfaRegistrationOptions, { ...setUp().given, config })).callbacks[0]?.output.message;
    expect(await text({})).toMatch(/skip.*opt out/);
    expect(await text({ mandatory: true })).not.toMatch(/skip|opt out/);
  });

  test('in the author’s words, the first of them where none is the reader’s', async () => {
    const config = {
      message: { fr: 'Choisissez', de: 'Wähle' },
      registerDeviceLabel: { de: 'Gerät' },
      getAppLabel: { de: 'App' },
      skipStepLabel: { de: 'Später' },
      optOutLabel: { de: 'Nie' },
    };
    const request = fakeRequest({ locales: ['de'] });
    const { callbacks } = await runNode(mfaRegistrationOptions, { ...setUp().given, config, request });
    expect(callbacks[0]?.output.message).toBe('Wähle');
    expect(callbacks[1]?.output.options).toEqual(['Gerät', 'App', 'Später', 'Nie']);
    const other = await runNode(mfaRegistrationOptions, {
      ...setUp().given,
      config,
      request: fakeRequest({ locales: ['ja'] }),
    });
    expect(other.callbacks[0]?.output.message).toBe('Choisissez');
  });
});

describe('goes', () => {
  test.each([
    [{}, 0, 'registerOutcome'],
    [{}, '1', 'getAppOutcome'],
    [{}, 2, 'skipOutcome'],
    [{}, 3, 'optOutOutcome'],
    [{ getApp: false }, 1, 'skipOutcome'],
    [{ getApp: false }, 2, 'optOutOutcome'],
    [{ mandatory: true }, 1, 'getAppOutcome'],
  ])('with settings %j and option %j to %s', async (config, index, outcome) => {
    const { action, shared } = await choose(index, config);
    expect(action).toMatchObject({ kind: 'goTo', outcome });
    expect(shared).toEqual({ username: 'demo', mfaMethod: 'push' });
  });

  test('past a push device where another method was asked for', async () => {
    const it = setUp('oath');
    it.pushDevices.devices.push(testDevice());
    expect((await choose(2, {}, it)).action).toMatchObject({ outcome: 'skipOutcome' });
  });
});
