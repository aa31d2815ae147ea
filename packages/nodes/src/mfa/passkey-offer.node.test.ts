import { Unavailable } from '@assent/engine';
import { USER_TOO_LARGE_TEXT } from '@assent/engine/host';
import { fakeRequest, type GivenToNode, runNode, simulatedClock, TEST_START, testUserId } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { passkeySetUp } from '../testing/passkey-set-up.ts';
import { memorySkipSettings } from '../testing/push-doubles.ts';
import { passkeyOffer } from './passkey-offer.node.ts';

type Given = Partial<GivenToNode<typeof passkeyOffer>>;

const DAY = 86_400_000;
const [ADD, NOT_NOW, NEVER] = [0, 1, 2].map((index) => [undefined, index]);
const request = fakeRequest({ pageCan: ['userVerifyingPlatformAuthenticator'] });

const offerSetUp = () => {
  const it = passkeySetUp();
  const clock = simulatedClock();
  const ports = { ...it.ports, clock };
  return {
    ...it,
    clock,
    ports,
    /** Somebody who has just shown a phone, at a browser that can make a passkey. */
    run: (given: Given = {}) =>
      runNode(passkeyOffer, {
        log: it.log,
        state: it.state,
        ports,
        request,
        nodeTypes: ['AuthenticatorPush'],
        ...given,
      }),
    said: async () => (await ports.identities.find('demo'))?.attributes.passkeyOffer,
    says: (...values: readonly string[]) => ports.identities.update('demo', 'passkeyOffer', () => values),
  };
};
const SKIPPED = { kind: 'goTo', outcome: 'skip' };

describe('nothing is asked, and nothing written', () => {
  test.each<[string, Given]>([
    ['where the realm does not want it', { realm: { passkeyUpgrade: 'off' } }],
    ['by another client than a page of ours', { request: fakeRequest() }],
    ['by a page of ours whose browser keeps no passkeys', { request: fakeRequest({ pageCan: [] }) }],
    [
      'by one that can make one without asking, where the realm asks',
      { request: fakeRequest({ pageCan: ['conditionalCreate'] }) },
    ],
    ['by one that cannot, where the realm does not ask', { realm: { passkeyUpgrade: 'quiet' } }],
    ['with nobody in the journey', { state: {} }],
    ['for a name that nobody has', { state: { username: 'nobody' }, identified: testUserId('nobody') }],
    ['after a password alone (WA-18)', { nodeTypes: ['DataStore'] }],
    ['where another user has shown a factor (WA-18)', { identified: testUserId('other') }],
  ])('%s', async (_what, given) => {
    const it = offerSetUp();
    expect((await it.run(given)).action).toEqual(SKIPPED);
    expect(await it.said()).toBeUndefined();
  });

  test('where a script names another user than the one who has shown a factor', async () => {
    const it = offerSetUp();
    const given = { state: { username: 'other' }, identified: testUserId('demo') };
    expect((await it.run(given)).action).toEqual(SKIPPED);
  });

  test.each(['offer', 'quiet'] as const)('where the user has a passkey already: %s', async (passkeyUpgrade) => {
    const it = offerSetUp();
    await it.add();
    const pageCan = ['userVerifyingPlatformAuthenticator', 'conditionalCreate'] as const;
    expect((await it.run({ realm: { passkeyUpgrade }, request: fakeRequest({ pageCan }) })).action).toEqual(SKIPPED);
  });

  test('at an IP address (WA-04)', async () => {
    const it = offerSetUp();
    Object.assign(it.ports.passkeys, { relyingParty: () => undefined });
    expect((await it.run()).action).toEqual(SKIPPED);
  });

  test('where the journey ends before one would be made', async () => {
    const it = offerSetUp();
    it.clock.advance(180_001);
    expect((await it.run()).action).toEqual(SKIPPED);
  });

  test('where the store cannot be read, which costs nobody the sign-in', async () => {
    const it = offerSetUp();
    Object.assign(it.stored, { ofUser: () => Promise.reject(new Error('disk')) });
    expect((await it.run()).action).toEqual(SKIPPED);
    expect(it.log.lines.at(-1)?.msg).toBe('Nothing was offered, since the store could not be read.');
  });

  test.each([
    ['said never', 'never'],
    ['put it off less than 30 days ago', new Date(TEST_START - 30 * DAY + 1).toISOString()],
  ])('where the user %s', async (_what, value) => {
    const it = offerSetUp();
    await it.says(value);
    expect((await it.run()).action).toEqual(SKIPPED);
  });
});

describe('where the store does not keep the answer, the user is signed in, and the log has the cause', () => {
  const full = () => {
    const it = offerSetUp();
    Object.assign(it.ports.identities, { update: () => Promise.reject(new RangeError(USER_TOO_LARGE_TEXT)) });
    return it;
  };
  const reported = {
    msg: 'The answer to the offer of a passkey was not stored. The user is asked again at the next sign-in.',
    fields: { cause: { message: USER_TOO_LARGE_TEXT } },
  };

  test.each([
    [NOT_NOW, 'notNow'],
    [NEVER, 'never'],
  ])('%j', async (pressed, answer) => {
    const it = full();
    expect((await (await it.run()).again(pressed)).action).toEqual({ ...SKIPPED, detail: { answer } });
    expect(it.log.lines.at(-1)).toMatchObject(reported);
  });

  test('where the browser makes one by itself', async () => {
    const it = full();
    const given = {
      realm: { passkeyUpgrade: 'quiet' },
      request: fakeRequest({ pageCan: ['conditionalCreate'] }),
    } as const;
    expect((await it.run(given)).action).toEqual({ kind: 'goTo', outcome: 'quiet' });
    expect(it.log.lines.at(-1)).toMatchObject(reported);
  });

  test('but a store that is away has the step tried again', async () => {
    const it = offerSetUp();
    const shown = await it.run();
    Object.assign(it.ports.identities, { update: () => Promise.reject(new Unavailable('away')) });
    await expect(shown.again(NOT_NOW)).rejects.toThrow(Unavailable);
  });
});

describe('the offer', () => {
  test('is a message and three buttons, of which none is pressed', async () => {
    const { callbacks } = await offerSetUp().run();
    expect(callbacks).toMatchObject([
      { type: 'TextOutputCallback', output: { message: expect.stringMatching(/^With a passkey you sign in/) } },
      {
        type: 'ConfirmationCallback',
        output: { prompt: 'Sign in faster next time', options: ['Add a passkey', 'Not now', 'Do not ask again'] },
        input: { '': 100 },
        // The page goes on by itself a minute before the journey ends.
        forPages: { webauthn: { kind: 'offer', options: { goOnIn: 240_000 } } },
      },
    ]);
  });

  test('is not gone at once where the journey lives longer than browsers can wait', async () => {
    const it = offerSetUp();
    const { callbacks } = await it.run({ ports: { ...it.ports, clock: simulatedClock(TEST_START - 40 * DAY) } });
    expect(callbacks[1]?.forPages).toMatchObject({ webauthn: { options: { goOnIn: 2_147_483_647 } } });
  });

  test('is in the words of the settings', async () => {
    const it = offerSetUp();
    const config = {
      title: { en: 'Tired of phones?' },
      message: { en: 'Faster?' },
      addLabel: { en: 'Yes' },
      notNowLabel: { en: 'Later' },
      neverLabel: { en: 'No' },
    };
    expect((await it.run({ config })).callbacks).toMatchObject([
      { output: { message: 'Faster?' } },
      { output: { prompt: 'Tired of phones?', options: ['Yes', 'Later', 'No'] } },
    ]);
  });

  test.each([
    ['30 days after it was put off', new Date(TEST_START - 30 * DAY).toISOString()],
    ['where the attribute says nothing that is understood', 'soon'],
  ])('comes back %s', async (_what, value) => {
    const it = offerSetUp();
    await it.says(value);
    expect((await it.run()).action).toMatchObject({ kind: 'send' });
  });

  test('leads to a passkey, and remembers nothing', async () => {
    const it = offerSetUp();
    expect((await (await it.run()).again(ADD)).action).toEqual({
      kind: 'goTo',
      outcome: 'add',
      detail: { answer: 'add' },
    });
    expect(await it.said()).toBeUndefined();
  });

  test.each([
    [NOT_NOW, 'notNow', new Date(TEST_START).toISOString()],
    [NEVER, 'never', 'never'],
  ])('is declined with one click: %j', async (pressed, answer, kept) => {
    const it = offerSetUp();
    expect((await (await it.run()).again(pressed)).action).toEqual({ ...SKIPPED, detail: { answer } });
    expect(await it.said()).toEqual([kept]);
    expect((await it.run()).action).toEqual(SKIPPED);
  });

  test('that nobody has answered counts as nothing', async () => {
    const it = offerSetUp();
    expect((await (await it.run()).again()).action).toEqual(SKIPPED);
    expect(await it.said()).toBeUndefined();
  });

  test.each([3, -1])('has no answer %i', async (index) => {
    const shown = await offerSetUp().run();
    await expect((async () => shown.again([undefined, index]))()).rejects.toMatchObject({ code: 'CALLBACK_VALUE' });
  });

  test('that was declined for good in another tab stays so', async () => {
    const it = offerSetUp();
    const [one, other] = [await it.run(), await it.run()];
    await one.again(NEVER);
    await other.again(NOT_NOW);
    expect(await it.said()).toEqual(['never']);
  });

  test('that was declined in one tab may be taken in another, where it still stands', async () => {
    const it = offerSetUp();
    const [one, other] = [await it.run(), await it.run()];
    await one.again(NEVER);
    expect((await other.again(ADD)).action).toMatchObject({ outcome: 'add' });
  });

  test('to somebody who was erased meanwhile writes nothing', async () => {
    const it = offerSetUp();
    const shown = await it.run();
    Object.assign(it.ports.identities, { find: async () => undefined });
    for (const pressed of [NOT_NOW, NEVER]) expect((await shown.again(pressed)).action).toEqual(SKIPPED);
  });
});

test('where the browser makes one by itself there is no screen, and it is tried once a month', async () => {
  const it = offerSetUp();
  const run = () =>
    it.run({ realm: { passkeyUpgrade: 'quiet' }, request: fakeRequest({ pageCan: ['conditionalCreate'] }) });
  expect((await run()).action).toEqual({ kind: 'goTo', outcome: 'quiet' });
  expect((await run()).action).toEqual(SKIPPED);
  await it.says(new Date(TEST_START - 30 * DAY).toISOString());
  expect((await run()).action).toMatchObject({ outcome: 'quiet' });
});

test('a user who has opted out of passkeys is offered none', async () => {
  const it = offerSetUp();
  const ports = { ...it.ports, skipSettings: memorySkipSettings(it.ports.passkeys, 'SKIPPABLE') };
  expect((await it.run({ ports })).action).toMatchObject(SKIPPED);
});
