import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ceremony } from '../step/step.ts';
import { askForPasskey, canFillIn, endPasskeyRequest } from './ask-for-passkey.ts';
import { credentialAnswer } from './credential-answer.ts';
import { pageCapabilities } from './page-capabilities.ts';
import { isMendable, problemOf } from './passkey-problem.ts';

const bytes = (...given: readonly number[]): ArrayBuffer => Uint8Array.from(given).buffer;
const clientDataJSON = new TextEncoder().encode('{"origin":"http://[::1]"}').buffer as ArrayBuffer;
const assertion = {
  rawId: bytes(251, 255, 254),
  authenticatorAttachment: 'platform',
  response: { clientDataJSON, authenticatorData: bytes(0, 127, 128, 255), signature: bytes(1), userHandle: bytes(97) },
};

describe('the answer of a passkey (spec: webauthn §4)', () => {
  test('has the client data as they are, bytes with a sign, and ids in base64url without padding', () => {
    expect(JSON.parse(credentialAnswer(assertion, 'Linux'))).toEqual({
      legacyData: '{"origin":"http://[::1]"}::0,127,-128,-1::1::-__-::YQ',
      authenticatorAttachment: 'platform',
    });
  });

  test('of one that names no user, by a browser that does not say where it is, has neither', () => {
    const { authenticatorAttachment: _, ...unplaced } = assertion;
    const { userHandle: __, ...response } = unplaced.response;
    for (const given of [
      { ...unplaced, response },
      { ...unplaced, response: { ...response, userHandle: null }, authenticatorAttachment: null },
      { ...unplaced, response: { ...response, userHandle: bytes() } },
    ]) {
      const answer = JSON.parse(credentialAnswer(given, undefined));
      expect(Object.keys(answer)).toEqual(['legacyData']);
      expect(answer.legacyData).toMatch(/::1::-__-(::)?$/);
    }
  });

  test('of one that was made has its attestation, its id and what it is called', () => {
    const made = { rawId: bytes(1), response: { clientDataJSON, attestationObject: bytes(160) } };
    const legacyOf = (name: string | undefined) => JSON.parse(credentialAnswer(made, name)).legacyData;
    expect(legacyOf('iPhone')).toBe('{"origin":"http://[::1]"}::-96::AQ::iPhone');
    expect(legacyOf(undefined)).toBe('{"origin":"http://[::1]"}::-96::AQ');
  });
});

describe('an error of the browser', () => {
  test.each([
    ['NotAllowedError', 'get', false, 'cancelled'],
    ['NotAllowedError', 'get', true, 'timed-out'],
    ['TimeoutError', 'create', false, 'timed-out'],
    ['InvalidStateError', 'create', false, 'exists'],
    ['InvalidStateError', 'get', false, 'none'],
    ['NotSupportedError', 'create', false, 'unsupported'],
    ['ConstraintError', 'create', false, 'unsupported'],
    ['SecurityError', 'get', false, 'address'],
    ['UnknownError', 'get', false, 'failed'],
    ['', 'get', false, 'failed'],
    ['AbortError', 'get', false, undefined],
  ] as const)('%s at %s (time is up: %s) is %s', (name, kind, isTimeUp, problem) => {
    expect(problemOf(name, { kind, isTimeUp })).toBe(problem);
  });

  test('is worth another try unless the browser or the address cannot do it', () => {
    expect((['cancelled', 'none', 'exists', 'timed-out', 'failed'] as const).every(isMendable)).toBe(true);
    expect((['unsupported', 'address'] as const).some(isMendable)).toBe(false);
  });
});

describe('asking the browser', () => {
  type Asked = CredentialRequestOptions & CredentialCreationOptions & { readonly signal: AbortSignal };
  let asked: { readonly options: Asked; give(credential: unknown): void; refuse(error: unknown): void }[];
  let page: EventTarget;
  let tab: EventTarget & { visibilityState: string; isFocused: boolean; hasFocus(): boolean };
  const get: Ceremony = { kind: 'get', options: { challenge: 'AQID', allowCredentials: [{ id: '-_8' }] } };
  const create: Ceremony = {
    kind: 'create',
    options: { challenge: 'AQID', user: { id: 'YQ', name: 'ada' }, excludeCredentials: [{ id: 'AQ' }] },
  };

  beforeEach(() => {
    asked = [];
    const ask = (options: Asked) =>
      new Promise((give, refuse) => {
        asked.push({ options, give, refuse });
        options.signal.addEventListener('abort', () => refuse(new DOMException('', 'AbortError')));
      });
    vi.stubGlobal('PublicKeyCredential', {});
    vi.stubGlobal('navigator', {
      credentials: { get: ask, create: ask },
      userAgent: 'Mozilla/5.0 (Linux; Android 14)',
    });
    page = new EventTarget();
    tab = Object.assign(new EventTarget(), {
      visibilityState: 'visible',
      isFocused: true,
      hasFocus: () => tab.isFocused,
    });
    vi.stubGlobal('document', tab);
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  });
  afterEach(() => {
    endPasskeyRequest();
    vi.unstubAllGlobals();
  });
  const nth = async (at: number) => {
    await expect.poll(() => asked.length).toBeGreaterThan(at);
    return asked[at] as (typeof asked)[number];
  };
  const arrayOf = (source: BufferSource | undefined) => [...new Uint8Array(source as ArrayBuffer)];

  test('by bytes, where it does not know the JSON of options', async () => {
    const end = askForPasskey(get);
    const first = await nth(0);
    const { challenge, allowCredentials } = first.options.publicKey as PublicKeyCredentialRequestOptions;
    expect([arrayOf(challenge), arrayOf(allowCredentials?.[0]?.id)]).toEqual([
      [1, 2, 3],
      [251, 255],
    ]);
    expect(first.options).not.toHaveProperty('mediation');
    first.give(assertion);
    expect(await end).toMatchObject({ kind: 'answered' });

    const made = askForPasskey(create);
    const second = await nth(1);
    const { user, excludeCredentials } = second.options.publicKey as unknown as PublicKeyCredentialCreationOptions;
    expect([arrayOf(user.id), user.name, arrayOf(excludeCredentials?.[0]?.id)]).toEqual([[97], 'ada', [1]]);
    second.give({
      rawId: bytes(1),
      authenticatorAttachment: 'platform',
      response: { clientDataJSON, attestationObject: bytes(1) },
    });
    expect(await made).toMatchObject({ value: expect.stringContaining('::Android') });
  });

  test('by its own reader, where it knows the JSON', async () => {
    const parsed = { challenge: bytes(9) };
    vi.stubGlobal('PublicKeyCredential', {
      parseRequestOptionsFromJSON: (json: unknown) => (json === get.options ? parsed : undefined),
      parseCreationOptionsFromJSON: (json: unknown) => (json === create.options ? parsed : undefined),
    });
    for (const [at, ceremony] of [get, create].entries()) {
      void askForPasskey(ceremony);
      expect((await nth(at)).options.publicKey).toBe(parsed);
    }
  });

  test('one request at a time: the next one ends the one before (WA-27)', async () => {
    const filledIn = askForPasskey(get, { conditional: true });
    const first = await nth(0);
    expect(first.options).toMatchObject({ mediation: 'conditional' });
    const pressed = askForPasskey(get);
    expect(await filledIn).toEqual({ kind: 'ended' });
    expect(first.options.signal.aborted).toBe(true);
    (await nth(1)).give(assertion);
    expect(await pressed).toMatchObject({ kind: 'answered' });
    expect(asked).toHaveLength(2);
  });

  test('without a question, where one is to be made by the browser alone (WA-30)', async () => {
    void askForPasskey(create, { conditional: true });
    expect((await nth(0)).options).toMatchObject({ mediation: 'conditional' });
  });

  test('ends as soon as something else is sent, or the page is left, and says nothing then', async () => {
    const end = askForPasskey(get);
    await nth(0);
    endPasskeyRequest();
    expect(await end).toEqual({ kind: 'ended' });
    endPasskeyRequest();
    const left = askForPasskey(get);
    await nth(1);
    page.dispatchEvent(new Event('pagehide'));
    expect(await left).toEqual({ kind: 'ended' });
  });

  test.each([
    ['a background tab', { visibilityState: 'hidden', isFocused: false }],
    ['a window without the focus', { isFocused: false }],
  ])('in %s, waits until the user comes back, and only then counts the time', async (_what, away) => {
    Object.assign(tab, away);
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    const end = askForPasskey({ ...create, options: { ...create.options, timeout: 60_000 } });
    await new Promise(setImmediate);
    page.dispatchEvent(new Event('focus'));
    await new Promise(setImmediate);
    expect(asked).toEqual([]);
    clock.mockReturnValue(90_000);
    Object.assign(tab, { visibilityState: 'visible', isFocused: true });
    tab.dispatchEvent(new Event('visibilitychange'));
    (await nth(0)).refuse(new DOMException('', 'NotAllowedError'));
    expect(await end).toMatchObject({ problem: 'cancelled' });
  });

  test('in a background tab, ends with what else is sent', async () => {
    tab.isFocused = false;
    const end = askForPasskey(create);
    await new Promise(setImmediate);
    endPasskeyRequest();
    expect(await end).toEqual({ kind: 'ended' });
    expect(asked).toEqual([]);
  });

  test('one that is ended before the browser was asked asks it nothing', async () => {
    const end = askForPasskey(get);
    endPasskeyRequest();
    expect(await end).toEqual({ kind: 'ended' });
    expect(asked).toEqual([]);
  });

  test('tells what the journey is to be told of an error, and what no try will mend', async () => {
    const end = askForPasskey(create);
    (await nth(0)).refuse(new DOMException('There is one.', 'InvalidStateError'));
    expect(await end).toEqual({
      kind: 'problem',
      problem: 'exists',
      value: 'ERROR::InvalidStateError:There is one.',
    });
    const broken = askForPasskey({ kind: 'get', options: { challenge: '!' } });
    expect(await broken).toMatchObject({
      problem: 'failed',
      value: expect.stringMatching(/^ERROR::InvalidCharacterError:/),
    });
    const nothing = askForPasskey(get);
    (await nth(1)).give(null);
    expect(await nothing).toMatchObject({ problem: 'failed' });
  });

  test('takes a refusal at the end of the time for the end of the time', async () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    const end = askForPasskey({ ...get, options: { ...get.options, timeout: 60_000 } });
    const { refuse } = await nth(0);
    clock.mockReturnValue(59_800);
    refuse(new DOMException('', 'NotAllowedError'));
    expect(await end).toMatchObject({ problem: 'timed-out' });
    clock.mockRestore();
  });

  test('a browser without passkeys is not asked', async () => {
    vi.stubGlobal('PublicKeyCredential', undefined);
    expect(await askForPasskey(get)).toEqual({ kind: 'problem', problem: 'unsupported', value: 'unsupported' });
    expect(await canFillIn()).toBe(false);
    vi.stubGlobal('PublicKeyCredential', {});
    expect(await canFillIn()).toBe(false);
    vi.stubGlobal('PublicKeyCredential', { isConditionalMediationAvailable: async () => true });
    expect(await canFillIn()).toBe(true);
  });
});

describe('what the browser can do', () => {
  afterEach(() => vi.unstubAllGlobals());

  test.each<[string, unknown, readonly string[]]>([
    ['in one without passkeys', undefined, []],
    ['in one that does not say', {}, []],
    [
      'in an older one',
      { isUserVerifyingPlatformAuthenticatorAvailable: async () => true },
      ['userVerifyingPlatformAuthenticator'],
    ],
    ['in an older one without', { isUserVerifyingPlatformAuthenticatorAvailable: async () => false }, []],
    [
      'in one that says',
      {
        getClientCapabilities: async () => ({
          conditionalCreate: true,
          conditionalGet: true,
          userVerifyingPlatformAuthenticator: false,
        }),
      },
      ['conditionalCreate'],
    ],
    ['in one that fails', { getClientCapabilities: () => Promise.reject(new Error('x')) }, []],
  ])('%s', async (_what, credential, capabilities) => {
    if (credential !== undefined) vi.stubGlobal('PublicKeyCredential', credential);
    expect(await pageCapabilities()).toEqual(capabilities);
  });
});
