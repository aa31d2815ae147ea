import { createContext, runInContext } from 'node:vm';
import {
  type AuthenticationRequest,
  parseAuthenticationAnswer,
  parseRegistrationAnswer,
  type RegistrationRequest,
} from '@assent/factors';
import { CallbackType, FRStep, FRWebAuthn } from '@forgerock/javascript-sdk';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { authenticationScript } from './authentication-script.ts';
import { registrationScript } from './registration-script.ts';
import { waitingScript } from './waiting-script.ts';

const registration: RegistrationRequest = {
  challenge: 'AYD_',
  relyingParty: { id: 'example.com', name: 'Example' },
  user: { handle: 'dG9rZW4tb2YtMjQtY2hhcmFjdGVycw', name: 'demo', displayName: 'Demo User' },
  algorithms: [-7, -257],
  timeoutMillis: 60_000,
  attestation: 'direct',
  selection: { userVerification: 'preferred', attachment: 'platform', isResident: true },
  excluded: [{ id: 'Af4' }, { id: 'gH8A' }],
  extensions: {},
};
const authentication: AuthenticationRequest = {
  challenge: 'AYD_',
  relyingPartyId: 'example.com',
  timeoutMillis: 60_000,
  userVerification: 'required',
  allowed: [{ id: 'Af4' }, { id: 'gH8A' }],
  extensions: {},
};

const HOSTILE = [
  '</script><script>alert(1)</script>',
  `"; alert(1); "`,
  `'; alert(1); '`,
  '\\"; alert(1); //',
  'line\nbreak\r\u2028\u2029end',
  'a ] b ]',
  'a }, b },',
  '}, pubKeyCredParams: [ { "type": "public-key", "alg": -999 } ], x: {',
  'timeout: 5, attestation: "none", challenge: new Int8Array([9])',
  'user: { id: Uint8Array.from("x"), name: "admin", displayName: "admin" },',
  'excludeCredentials: [1, 2]',
  'rpId: "evil.example"',
  'Jürgen 📱 \ud83d',
];

/** What a browser that knows passkeys does with the options of a ceremony. */
type Credentials = (options: Options) => Promise<unknown>;
interface Options {
  readonly mediation?: string;
  readonly publicKey: Record<string, unknown>;
}

/** The page of AM: the script runs, and its outcome is what the form is sent with. */
async function outcomeOf(script: string, credentials?: Credentials): Promise<string> {
  const field = { value: 'webAuthnOutcome' };
  return new Promise((resolve) => {
    const elements: Record<string, object> = {
      webAuthnOutcome: field,
      loginButton_0: { click: () => resolve(field.value) },
    };
    const page = {
      TextDecoder,
      document: { getElementById: (id: string) => elements[id] },
      window: credentials === undefined ? {} : { PublicKeyCredential: class {} },
      navigator: { credentials: { create: credentials, get: credentials } },
      alert: () => resolve('The script of a stranger ran.'),
    };
    runInContext(script, createContext(page));
  });
}

/** Options as they arrived, with bytes as lists of numbers. */
const seenOptions = async (script: string): Promise<Options> => {
  const seen: Options[] = [];
  await outcomeOf(script, async (options) => {
    seen.push(options);
    return created;
  });
  return plain(seen[0]) as Options;
};

/** Of another realm of JavaScript, and so of other classes than ours. */
const plain = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const name = Object.prototype.toString.call(value);
  if (name === '[object ArrayBuffer]') return [...new Uint8Array(value as ArrayBuffer)];
  if (ArrayBuffer.isView(value)) return [...new Uint8Array(value.buffer)];
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
};

const buffer = (text: string): ArrayBuffer => new Uint8Array(Buffer.from(text)).buffer;
const created = {
  id: 'AQID',
  authenticatorAttachment: 'platform',
  response: {
    clientDataJSON: buffer('{"type":"webauthn.create","é":1}'),
    attestationObject: Uint8Array.of(1, 254).buffer,
  },
};
const asserted = {
  id: 'AQID',
  authenticatorAttachment: 'cross-platform',
  response: {
    clientDataJSON: buffer('{"type":"webauthn.get"}'),
    authenticatorData: Uint8Array.of(1, 254).buffer,
    signature: Uint8Array.of(3).buffer,
    userHandle: buffer('a-handle'),
  },
};

describe('in a browser', () => {
  test('a registration is asked for as the node means it', async () => {
    expect(await seenOptions(registrationScript({ ...registration, extensions: { credProps: true } }))).toEqual({
      publicKey: {
        challenge: [1, 128, 255],
        timeout: 60_000,
        attestation: 'direct',
        authenticatorSelection: {
          userVerification: 'preferred',
          requireResidentKey: true,
          residentKey: 'required',
          authenticatorAttachment: 'platform',
        },
        rp: { id: 'example.com', name: 'Example' },
        user: { id: [...Buffer.from(registration.user.handle)], name: 'demo', displayName: 'Demo User' },
        extensions: { credProps: true },
        pubKeyCredParams: [
          { type: 'public-key', alg: -7 },
          { type: 'public-key', alg: -257 },
        ],
        excludeCredentials: [
          { type: 'public-key', id: [1, 254] },
          { type: 'public-key', id: [128, 127, 0] },
        ],
      },
    });
  });

  test('a sign-in is asked for as the node means it', async () => {
    expect(await seenOptions(authenticationScript(authentication))).toEqual({
      publicKey: {
        challenge: [1, 128, 255],
        timeout: 60_000,
        userVerification: 'required',
        rpId: 'example.com',
        extensions: {},
        allowCredentials: [
          { type: 'public-key', id: [1, 254] },
          { type: 'public-key', id: [128, 127, 0] },
        ],
      },
    });
    const anybody = await seenOptions(
      authenticationScript({ ...authentication, allowed: [], mediation: 'conditional' }),
    );
    expect(anybody.mediation).toBe('conditional');
    expect(anybody.publicKey).not.toHaveProperty('allowCredentials');
  });

  test('the answers are those that the nodes read', async () => {
    expect(parseRegistrationAnswer(await outcomeOf(registrationScript(registration), async () => created))).toEqual({
      kind: 'credential',
      credential: {
        clientDataJson: new Uint8Array(created.response.clientDataJSON),
        attestationObject: Uint8Array.of(1, 254),
        credentialId: 'AQID',
        attachment: 'platform',
      },
    });
    expect(
      parseAuthenticationAnswer(await outcomeOf(authenticationScript(authentication), async () => asserted)),
    ).toEqual({
      kind: 'credential',
      credential: {
        clientDataJson: new Uint8Array(asserted.response.clientDataJSON),
        authenticatorData: Uint8Array.of(1, 254),
        signature: Uint8Array.of(3),
        credentialId: 'AQID',
        userHandle: 'a-handle',
        attachment: 'cross-platform',
      },
    });
  });

  test.each([
    ['registration', registrationScript(registration)],
    ['authentication', authenticationScript(authentication)],
  ])('a browser without passkeys, and an error of one that has them, are told: %s', async (_name, script) => {
    expect(await outcomeOf(script)).toBe('unsupported');
    const cancelled = () => Promise.reject(Object.assign(new Error('Timed out: now.'), { name: 'NotAllowedError' }));
    expect(parseRegistrationAnswer(await outcomeOf(script, cancelled))).toEqual({
      kind: 'clientError',
      name: 'NotAllowedError',
      message: 'Timed out: now.',
    });
  });

  test.each(HOSTILE)('%j is a name, and nothing else (WA-26)', async (name) => {
    const script = registrationScript({
      ...registration,
      relyingParty: { id: 'example.com', name },
      user: { ...registration.user, name, displayName: name },
      extensions: { note: [name] },
    });
    expect(script).not.toMatch(/<|[^\x20-\x7e\n]/);
    const { publicKey } = await seenOptions(script);
    expect(publicKey).toMatchObject({
      rp: { id: 'example.com', name },
      user: { name, displayName: name },
      extensions: { note: [name] },
    });
  });

  test.each(HOSTILE)('%j is shown while the authenticator is waited for, and runs nothing', (message) => {
    const panel = { className: '', textContent: '' };
    const form = { firstChild: null, insertBefore: vi.fn() };
    const script = waitingScript(message);
    runInContext(script, createContext({ document: { createElement: () => panel, forms: [form] } }));
    expect(panel.textContent).toBe(message);
    expect(form.insertBefore).toHaveBeenCalledWith(panel, null);
    expect(script).not.toContain('webAuthnOutcome');
  });
});

describe('in the JavaScript SDK, which takes the script apart', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const stepWith = (script: string): FRStep =>
    new FRStep({
      authId: 'x',
      callbacks: [
        {
          type: CallbackType.TextOutputCallback,
          output: [
            { name: 'message', value: script },
            { name: 'messageType', value: '4' },
          ],
        },
        {
          type: CallbackType.TextOutputCallback,
          output: [
            { name: 'message', value: waitingScript('Waiting for local device...') },
            { name: 'messageType', value: '4' },
          ],
        },
        {
          type: CallbackType.HiddenValueCallback,
          output: [
            { name: 'value', value: 'false' },
            { name: 'id', value: 'webAuthnOutcome' },
          ],
          input: [{ name: 'IDToken1', value: 'webAuthnOutcome' }],
        },
      ],
    });

  /** What the SDK asks the browser for, and what it then sends. */
  const run = async (script: string, ceremony: 'register' | 'authenticate', credential: unknown) => {
    let seen: Options | undefined;
    const credentials: Credentials = async (options) => {
      seen = options;
      return credential;
    };
    vi.stubGlobal('window', { PublicKeyCredential: class {} });
    vi.stubGlobal('navigator', { credentials: { create: credentials, get: credentials } });
    const step = await FRWebAuthn[ceremony](stepWith(script));
    const { value } = step.getCallbackOfType(CallbackType.HiddenValueCallback).payload.input?.[0] ?? {};
    return { publicKey: plain(seen?.publicKey) as Record<string, unknown>, outcome: String(value) };
  };

  test.each([[[]], [['Af4']], [['Af4', 'gH8A', 'AQID']]])(
    'a registration is asked for that excludes %j',
    async (ids) => {
      const script = registrationScript({ ...registration, excluded: ids.map((id) => ({ id })) });
      const { publicKey, outcome } = await run(script, 'register', created);
      expect(publicKey).toEqual({
        attestation: 'direct',
        authenticatorSelection: {
          userVerification: 'preferred',
          authenticatorAttachment: 'platform',
          requireResidentKey: true,
        },
        challenge: [1, 128, 255],
        pubKeyCredParams: [
          { type: 'public-key', alg: -7 },
          { type: 'public-key', alg: -257 },
        ],
        rp: { name: 'Example', id: 'example.com' },
        timeout: 60_000,
        user: { displayName: 'Demo User', id: [...Buffer.from(registration.user.handle)], name: 'demo' },
        ...(ids.length > 0 && {
          excludeCredentials: ids.map((id) => ({ type: 'public-key', id: [...Buffer.from(id, 'base64url')] })),
        }),
      });
      expect(parseRegistrationAnswer(outcome)).toMatchObject({
        kind: 'credential',
        credential: { credentialId: 'AQID' },
      });
    },
  );

  test.each([[[]], [['Af4']], [['Af4', 'gH8A', 'AQID']]])('a sign-in is asked for by %j', async (ids) => {
    const script = authenticationScript({ ...authentication, allowed: ids.map((id) => ({ id })) });
    const { publicKey, outcome } = await run(script, 'authenticate', asserted);
    expect(publicKey).toEqual({
      challenge: [1, 128, 255],
      timeout: 60_000,
      userVerification: 'required',
      rpId: 'example.com',
      ...(ids.length > 0 && {
        allowCredentials: ids.map((id) => ({ type: 'public-key', id: [...Buffer.from(id, 'base64url')] })),
      }),
    });
    expect(parseAuthenticationAnswer(outcome)).toMatchObject({
      kind: 'credential',
      credential: { userHandle: 'a-handle' },
    });
  });

  test.each(HOSTILE)('with %j for a name, the rest is found as it is (WA-26)', async (name) => {
    const script = registrationScript({
      ...registration,
      relyingParty: { id: 'example.com', name },
      user: { ...registration.user, name, displayName: name },
      extensions: { note: name },
    });
    const plainly = await run(registrationScript(registration), 'register', created);
    const { publicKey } = await run(script, 'register', created);
    const { rp, user, ...rest } = publicKey;
    const { rp: _rp, user: _user, ...expected } = plainly.publicKey;
    expect(rest).toEqual(expected);
    expect(rp).toMatchObject({ id: 'example.com' });
    expect(user).toMatchObject({ id: [...Buffer.from(registration.user.handle)] });
  });

  test('which ceremony a script is of, it knows by its words', () => {
    expect(FRWebAuthn.getWebAuthnStepType(stepWith(registrationScript(registration)))).toBe(2);
    expect(FRWebAuthn.getWebAuthnStepType(stepWith(authenticationScript(authentication)))).toBe(1);
  });
});
