import { runNode, testUserId } from '@assent/engine/testing';
import { BoundPhone } from '@assent/factors/testing';
import { describe, expect, test } from 'vitest';
import { type BindingSetUp, bindingSetUp, CHALLENGE_TEXT, universalId } from '../testing/binding-set-up.ts';
import { testBoundDevice } from '../testing/push-doubles.ts';
import { deviceSigningVerifier } from './device-signing-verifier.node.ts';

type Settings = NonNullable<Parameters<typeof runNode<typeof deviceSigningVerifier>>[1]['config']>;

const APPS = { applicationIds: ['com.example.app'] };
const FAILURE = 'DeviceSigningVerifierNode.FAILURE';
const JWT = 'DeviceSigningVerifierNode.JWT';

const setUp = (state: Readonly<Record<string, unknown>> = { username: 'demo' }, phone?: BoundPhone) => {
  const it = bindingSetUp();
  const bound = phone ?? it.phone;
  it.ports.boundDevices.devices = [testBoundDevice({ uuid: bound.kid, key: bound.jwk as never })];
  return { ...it, phone: bound, state };
};
const ask = (it: BindingSetUp, config: Settings = {}) =>
  runNode(deviceSigningVerifier, { ...it, config: { ...APPS, ...config } });
const answer = async (it: BindingSetUp, said: Readonly<Record<string, unknown>>, config: Settings = {}) =>
  (await ask(it, config)).again([said]);
const signed = (it: BindingSetUp, other = {}, config: Settings = {}) =>
  answer(it, { jws: it.phone.sign(it.asked(), other) }, config);

/** What a node error says, and where it goes when it is told to go on. */
const bothWays = async (run: (config: Settings) => Promise<Awaited<ReturnType<typeof ask>>>) => {
  const message = await run({}).then(
    () => 'no error',
    (error: Error) => error.message,
  );
  const { action, shared } = await run({ captureFailure: true });
  return [message, action.kind === 'goTo' && action.outcome, shared[FAILURE]];
};

describe('Device Signing Verifier ends the journey, or goes to Failure where it is told to', () => {
  test.each([
    ['nobody', 'Failed to get the identity object', 'INVALID_USER'],
    ['gone', 'User status is not active.', 'NOT_ACTIVE_USER'],
  ])('for %s: %s', async (username, message, failure) => {
    expect(await bothWays((config) => ask(setUp({ username }), config))).toEqual([message, 'failure', failure]);
  });

  test('where users, or their devices, cannot be read', async () => {
    const users = setUp();
    const identities = { ...users.ports.identities, find: () => Promise.reject(new Error('disk')) };
    const run = (config: Settings) => ask({ ...users, ports: { ...users.ports, identities } }, config);
    expect(await bothWays(run)).toEqual(['Failed to get the identity object', 'failure', 'INVALID_USER']);
    const devices = setUp();
    devices.ports.boundDevices.failing = { method: 'ofUser', error: new Error('disk') };
    const text = 'Unable to read the bound devices of the user.';
    expect(await bothWays((config) => ask(devices, config))).toEqual([text, 'failure', 'INVALID_USER']);
  });

  test.each([
    ['of another user (WA-46)', { sub: universalId('other') }],
    ['of the user in another spelling (WA-42)', { sub: universalId('DEMO') }],
    ['of nobody', { sub: undefined }],
    ['of an empty name', { sub: '' }],
    ['of a list of users', { sub: [universalId('demo')] }],
  ])('for an answer %s', async (_what, claims) => {
    const run = (config: Settings) => signed(setUp(), { claims }, config);
    expect(await bothWays(run)).toEqual(['Invalid Subject', 'failure', 'INVALID_SUBJECT']);
  });

  test('for a phone that names nobody of the realm, where the journey has no user', async () => {
    for (const sub of [universalId('nobody'), 'demo', universalId('demo').replace('ou=user', 'ou=group')]) {
      const it = setUp({});
      const run = (config: Settings) => signed(it, { claims: { sub } }, config);
      expect(await bothWays(run)).toEqual(['User does not exist.', 'failure', 'INVALID_USER']);
      expect(it.ports.boundDevices.refusals).toEqual(Array(2).fill([undefined, 'subject']));
    }
  });

  test('for a user who was put out of use since the phone was asked (WA-15)', async () => {
    const it = setUp();
    const asked = await ask(it);
    await it.ports.identities.setActive('demo', false);
    const run = asked.again([{ jws: it.phone.sign(it.asked()) }]);
    await expect(run).rejects.toMatchObject({ message: 'User status is not active.' });
    expect(it.ports.boundDevices.uses).toEqual([]);
  });

  test.each([
    ['text', {}, 'text missing from shared state'],
    ['text', { text: '' }, 'text missing from shared state'],
    ['text', { text: 7 }, 'text missing from shared state'],
    ['', { '': 'x' }, ' missing from shared state'],
  ])('where there is nothing to sign at %j in %j (WA-47)', async (sharedStateAttribute, more, message) => {
    const run = (config: Settings) =>
      ask(setUp({ username: 'demo', ...more }), { challenge: false, sharedStateAttribute, ...config });
    expect(await bothWays(run)).toEqual([message, 'failure', undefined]);
  });
});

describe('Device Signing Verifier goes to Failure, and says why', () => {
  test.each([
    ['an app that is not listed', { claims: { iss: 'com.example.evil' } }, 'INVALID_CLAIM', 'issuer'],
    ['another challenge', { claims: { challenge: 'x' } }, 'INVALID_CLAIM', 'challenge'],
    ['an end that is over', { claims: { exp: 1 } }, 'INVALID_CLAIM', 'expired'],
    ['another algorithm', { header: { alg: 'RS256' } }, 'INVALID_SIGNATURE', 'algorithm'],
  ])('for %s', async (_what, other, failure, reason) => {
    const it = setUp();
    const { action, shared, journey, transient } = await signed(it, other);
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(shared[FAILURE]).toBe(failure);
    expect(it.log.lines).toMatchObject([{ msg: `Device Signing failed: ${reason}` }]);
    expect(it.ports.boundDevices.refusals).toEqual([[testUserId('demo'), reason]]);
    expect(journey).toMatchObject({ nodeTypes: [], proven: [], identified: undefined });
    expect(transient).toEqual({});
  });

  test('for a signature of another key of that name (WA-46)', async () => {
    const it = setUp();
    const stranger = new BoundPhone({ kid: it.phone.kid });
    const { action, shared } = await answer(it, { jws: stranger.sign(it.asked(), { header: { jwk: stranger.jwk } }) });
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(shared[FAILURE]).toBe('INVALID_SIGNATURE');
  });

  test('for what is no signed text', async () => {
    const it = setUp();
    const { action, shared } = await answer(it, { jws: 'x.y.z' });
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(shared[FAILURE]).toBe('INVALID_CLAIM');
  });

  test('for an answer to a step of which this visit knows no challenge (WA-41)', async () => {
    const it = setUp();
    const { callbacks: sent } = await ask(it);
    const other = Buffer.alloc(32, 9).toString('base64');
    const answers = [{ jws: it.phone.sign(it.asked('demo', other)) }];
    const { action, shared } = await runNode(deviceSigningVerifier, { ...it, config: APPS, sent, answers });
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(shared[FAILURE]).toBe('INVALID_CLAIM');
  });

  test.each(['success', 'keyNotFound', 'timeout', 'x'])('for an app that says %s (WA-40)', async (clientError) => {
    const it = setUp();
    expect((await answer(it, { clientError })).action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines).toMatchObject([{ msg: 'The app reports an error that the settings do not list.' }]);
  });

  test('for the same answer a second time, where a text is signed (WA-41)', async () => {
    const it = setUp({ username: 'demo', text: 'Pay 12' });
    it.ports.boundDevices.isNew = false;
    const config = { challenge: false, sharedStateAttribute: 'text' };
    const { action, shared } = await answer(it, { jws: it.phone.sign(it.asked('demo', 'Pay 12')) }, config);
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(shared[FAILURE]).toBe('INVALID_CLAIM');
    expect(it.log.lines).toMatchObject([{ msg: 'Device Signing failed: the same answer was taken before' }]);
  });
});

describe('Device Signing Verifier', () => {
  test('asks the app by all that it reads, in AM’s order', async () => {
    const { callbacks } = await ask(setUp(), { description: { en: 'Sign in' } });
    expect(callbacks).toEqual([
      {
        type: 'DeviceSigningVerifierCallback',
        output: {
          userId: universalId('demo'),
          challenge: CHALLENGE_TEXT,
          title: 'Authentication required',
          subtitle: 'Cryptography device binding',
          description: 'Sign in',
          timeout: 60,
        },
        input: { jws: '', clientError: '' },
      },
    ]);
    expect(Object.keys(callbacks[0]?.output ?? {})).toEqual(
      'userId challenge title subtitle description timeout'.split(' '),
    );
  });

  test('asks the same again where the app says nothing', async () => {
    const asked = await ask(setUp());
    expect((await asked.again([{}])).callbacks).toEqual(asked.callbacks);
  });

  test('tells who has nothing bound, and which key is not there', async () => {
    const it = setUp({ username: 'other' });
    expect((await ask(it)).action).toMatchObject({ outcome: 'noDeviceRegistered' });
    const gone = setUp();
    const asked = await ask(gone);
    gone.ports.boundDevices.devices = [];
    const jws = gone.phone.sign(gone.asked());
    expect(gone.ports.boundDevices.refusals).toEqual([]);
    expect((await asked.again([{ jws }])).action).toMatchObject({ outcome: 'noDeviceRegistered' });
    const stranger = new BoundPhone();
    const other = setUp();
    expect((await answer(other, { jws: stranger.sign(gone.asked()) })).action).toMatchObject({
      outcome: 'keyNotFound',
    });
    // Nothing was proven: it counts as any other wrong answer does (WA-28).
    for (const { ports } of [gone, other]) expect(ports.boundDevices.refusals).toEqual([[testUserId('demo'), 'key']]);
  });

  test.each(['Unsupported', 'Abort', 'Timeout', 'ClientNotRegistered'])(
    'goes where the app says that it cannot: %s',
    async (clientError) => {
      expect((await answer(setUp(), { clientError })).action).toMatchObject({ outcome: clientError });
    },
  );

  test.each(['android', 'ios'] as const)(
    'lets in whose phone of %s has signed, and proves the bound device',
    async (platform) => {
      const it = setUp({ username: 'DEMO' }, new BoundPhone({ platform }));
      const jws = it.phone.sign(it.asked(), { claims: { username: 'admin' } });
      const { action, journey, shared, transient } = await answer(it, { jws });
      expect(action).toMatchObject({ outcome: 'success', detail: { device: it.phone.kid } });
      expect(it.ports.boundDevices.uses).toEqual([[it.phone.kid, undefined]]);
      expect(journey).toMatchObject({
        identified: testUserId('demo'),
        nodeTypes: ['Binding'],
        proven: [{ user: testUserId('demo'), method: 'boundDevice', device: { kind: 'binding', uuid: it.phone.kid } }],
      });
      // A claim is never a value of the journey (WA-46).
      expect(shared).toEqual({ username: 'demo' });
      expect(transient).toEqual({ [JWT]: jws });
    },
  );

  test('lets in whom the phone names, where the journey names nobody', async () => {
    const it = setUp({});
    const asked = await ask(it);
    expect(asked.callbacks[0]?.output).toMatchObject({ userId: '' });
    const { action, journey, shared } = await asked.again([{ jws: it.phone.sign(it.asked()) }]);
    expect(action).toMatchObject({ outcome: 'success' });
    expect(journey.identified).toBe(testUserId('demo'));
    expect(shared).toEqual({ username: 'demo' });
  });

  test('has a text of the journey signed, each answer once (WA-47)', async () => {
    const text = 'Pay 12 € to Zoë';
    const it = setUp({ username: 'demo', text });
    const config = { challenge: false, sharedStateAttribute: 'text' };
    const asked = await ask(it, config);
    expect(asked.callbacks[0]?.output).toMatchObject({ challenge: text });
    const jws = it.phone.sign(it.asked('demo', text));
    expect((await asked.again([{ jws }])).action).toMatchObject({ outcome: 'success' });
    const [head, claims] = jws.split('.');
    expect(it.ports.boundDevices.uses).toEqual([
      [it.phone.kid, { answer: `${head}.${claims}`, until: expect.any(Number) }],
    ]);
    const changed = it.phone.sign(it.asked('demo', 'Pay 92 € to Zoë'));
    expect((await answer(it, { jws: changed }, config)).action).toMatchObject({ outcome: 'failure' });
  });

  test('has an outcome for each error of the app behind its own', () => {
    const outcomes = deviceSigningVerifier.outcomesOf(deviceSigningVerifier.config.parse({}), []);
    expect(outcomes).toEqual({
      success: 'Success',
      failure: 'Failure',
      noDeviceRegistered: 'No Registered Device',
      keyNotFound: 'Key not found',
      Unsupported: 'Unsupported',
      Abort: 'Abort',
      Timeout: 'Timeout',
      ClientNotRegistered: 'ClientNotRegistered',
    });
  });
});

test('the app is told what to say to its user, and for how long; its errors are the outcomes that are listed', async () => {
  const config = {
    title: { en: 'Sign' },
    subtitle: { en: 'With this phone' },
    timeout: 30,
    clientErrorOutcomes: ['Lost'],
  };
  const asked = await ask(setUp(), config);
  expect(asked.callbacks[0]?.output).toMatchObject({ title: 'Sign', subtitle: 'With this phone', timeout: 30 });
  expect((await asked.again([{ clientError: 'Lost' }])).action).toMatchObject({ outcome: 'Lost' });
});
