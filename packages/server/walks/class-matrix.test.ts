import { createHash } from 'node:crypto';
import { type AuthenticationMetadata, IMPORTED_SELECTOR, type RegistrationMetadata, totp } from '@assent/factors';
import { publicJwkOf, SoftwareAuthenticator } from '@assent/factors/testing';
import { TestPhone } from '@assent/push/testing';
import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { equipmentOf } from '../src/journeys/realm-equipment.ts';
import { shippedJourneys } from '../src/journeys/shipped-journeys.ts';
import { addBoundDevice, addGenerator, addPasskey, addPhone } from '../src/testing/account-fixture.ts';
import { inject } from '../src/testing/inject.ts';
import { CALLBACK, claimsOf, landed, oauthApplication, putClient } from '../src/testing/oauth-application.ts';
import { type RestClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { type Answer, type Callback, everyWay, filledIn, oneAndTwoOf, outputOf } from './every-way.ts';

// Every class of sign-in, after every way through every shipped journey, for users with every set of factors: the token says what the walk has
// proven, and nothing else (SEC-85). Each journey has a class of the realm's own, too: only sessions that have proven all that one way through it
// proves meet that class. The walk keeps the list of what it has proven; the tables here are written from the specification.

const REALM = '/alpha';
const PORT = 18_496;
const ORIGIN = `http://localhost:${PORT}`;
const PASSWORD = 'correct horse 7';
const DAY = 86_400_000;
const SECRET = new Uint8Array(32).fill(7);
const TIMEOUT = 180_000;

type Factor = 'phone' | 'code app' | 'passkey' | 'bound device';
const KINDS: readonly Factor[] = ['phone', 'code app', 'passkey', 'bound device'];
const SETS: readonly (readonly Factor[])[] = [[], ...oneAndTwoOf(KINDS)];

/** What a walk can prove, and what tokens call it (RFC 8176 §2). */
const AMR = {
  password: ['pwd'],
  tap: ['swk', 'user'],
  number: ['swk', 'user', 'mca'],
  code: ['otp'],
  passkey: ['user', 'pop'],
  touch: ['pop'],
  recovery: ['recovery'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Proof = keyof typeof AMR;

const CLASSES: Readonly<Record<string, (has: (...of: readonly Proof[]) => boolean) => boolean>> = {
  password: (has) => has('password'),
  push: (has) => has('tap', 'number'),
  mfa: (has) => has('passkey') || (has('password') && has('number', 'code', 'touch', 'recovery')),
  phr: (has) => has('passkey'),
  // No authenticator of these users is known to be hardware.
  phrh: () => false,
};

/** A class of the realm's own for each journey. */
const classOf = (journey: string): string => `like-${journey}`;
/** Journeys by which a user without a second factor signs in, while others are asked for theirs: no session meets their classes. */
const UNEVEN: ReadonlySet<string> = new Set(['PushLogin', 'PushLoginBasic', 'AddPhone', 'AddPasskey']);

interface User {
  readonly name: string;
  readonly phone: TestPhone;
  readonly authenticator: SoftwareAuthenticator;
}
/** One way to answer a step: values by type of callback, and what they prove where they are accepted. */
interface Choice {
  readonly label: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly proves?: Proof;
  /** What the user does on another device first. */
  readonly first?: () => Promise<void>;
}

let server: SteeredServer;
let rest: RestClient;
let app: ReturnType<typeof oauthApplication>;
let users = 0;

beforeAll(async () => {
  server = await steeredServer({ port: PORT, logLevel: 'error' });
  app = oauthApplication(server);
  ({ rest } = app);
  await server.createRealm(REALM);
  const { store, configuration } = server.assent;
  for (const { type, config } of equipmentOf(REALM).putServices) {
    const advanced = config.advancedOIDCConfig as JsonObject | undefined;
    const loaMapping = {
      ...(advanced?.loaMapping as JsonObject | undefined),
      ...Object.fromEntries(shippedJourneys.map(({ name }) => [classOf(name), name])),
    };
    const ofProvider = { ...config, advancedOIDCConfig: { ...advanced, loaMapping } };
    await configuring(store).saveService({ realm: REALM, type, config: type === 'oauth-oidc' ? ofProvider : config });
  }
  await configuration.refresh();
  const admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
});
afterAll(() => server?.assent.stop());

/** Factors with recovery codes; the same code stands for each of them. */
const CODES_OF = { phone: 'push', 'code app': 'oath', passkey: 'webauthn' } as const;
const RECOVERY_CODE = 'lostAndFound1';
/** The recovery code as AM stores it. */
const storedCode = (): string => {
  const salt = Buffer.alloc(8, 3);
  const digest = createHash('sha512').update(salt).update(RECOVERY_CODE).digest();
  return `{SSHA-512}${Buffer.concat([Uint8Array.of(salt.length), salt, digest]).toString('base64')}`;
};

const userWith = async (factors: readonly Factor[]): Promise<User> => {
  users += 1;
  const name = `user${users}`;
  await server.createUser(REALM, name, PASSWORD);
  await server.setAttributes(REALM, name, { assentRoles: ['helpdesk'] });
  const phone = new TestPhone({ secret: SECRET });
  const authenticator = new SoftwareAuthenticator();
  if (factors.includes('phone'))
    await addPhone(server, REALM, name, 'Pixel 8', { mechanismUid: phone.mechanismUid, secret: SECRET });
  if (factors.includes('code app')) await addGenerator(server, REALM, name);
  if (factors.includes('bound device')) await addBoundDevice(server, REALM, name);
  if (factors.includes('passkey')) {
    authenticator.create({ challenge: 'made-before', origin: ORIGIN, rpId: 'localhost', userHandle: `handle-${name}` });
    const [{ credentialId, key, userHandle } = { credentialId: '', key: undefined, userHandle: '' }] =
      authenticator.passkeys;
    if (key === undefined) throw new RangeError('The authenticator has made no passkey.');
    const row = { credentialId, userHandle, publicKey: publicJwkOf(key), signCount: 0 };
    await addPasskey(server, REALM, name, row);
  }
  const userId = (await server.assent.store.identities.find(REALM, name))?.id ?? '';
  const codes = factors.flatMap((factor) => (factor === 'bound device' ? [] : [CODES_OF[factor]]));
  const row = { realm: REALM, userId, selector: IMPORTED_SELECTOR, hash: storedCode() };
  await server.assent.store.committer.commit(
    codes.map((deviceType) => {
      const rows = [{ ...row, id: crypto.randomUUID(), deviceType }];
      return { type: 'codes.replace', userId, deviceType, rows };
    }),
  );
  return { name, phone, authenticator };
};

/** The user looks at the phone, and approves with the number on the page where it asks for one. */
const approve = async ({ phone }: User, number: string | undefined): Promise<void> => {
  const { host } = new URL(server.assent.publicUrl);
  const base = `/am/json${REALM}/push`;
  const now = server.clock.now();
  const listed = await inject(server.assent, {
    url: `${base}/relay?mechanismUid=${phone.mechanismUid}`,
    headers: { host, authorization: `Bearer ${phone.relayToken(`${ORIGIN}${base}/relay`, now)}` },
  });
  const [request] = listed.json<{ messages: readonly { messageId: string; message: string }[] }>().messages;
  if (request === undefined) throw new RangeError('No request waits for the phone.');
  const body = phone.answer(request.messageId, request.message, { now, ...(number !== undefined && { number }) });
  await rest('POST', `${REALM}/push/sns/message?_action=authenticate`, { body });
};
const connect = async ({ phone }: User, uri: string): Promise<void> => {
  const body = phone.registration(phone.scan(uri));
  await rest('POST', `${REALM}/push/sns/message?_action=register`, { body });
};

/** What the user can answer; a wrong code and a refusal lead to no session, which other tests show. */
const choicesAt = (callbacks: readonly Callback[], user: User): readonly Choice[] => {
  const has = (type: string) => callbacks.some((callback) => callback.type === type);
  const buttons = ((outputOf(callbacks, 'ConfirmationCallback', 'options') ?? []) as readonly string[]).map(
    (label, index): Choice => ({ label, values: { ConfirmationCallback: index } }),
  );
  const hidden = String(outputOf(callbacks, 'HiddenValueCallback', 'value') ?? '');
  if (has('MetadataCallback')) {
    const data = outputOf(callbacks, 'MetadataCallback', 'data') as AuthenticationMetadata | RegistrationMetadata;
    const says = (label: string, text: string, proves?: Proof): Choice => ({
      label,
      values: { HiddenValueCallback: text },
      ...(proves && { proves }),
    });
    const cannot = says('no passkeys here', 'unsupported');
    if (data._action !== 'webauthn_authentication')
      return [says('makes a passkey', user.authenticator.register(data as RegistrationMetadata, ORIGIN).text), cannot];
    const request = data as AuthenticationMetadata;
    const uses = (flags: { readonly UV: boolean }) => user.authenticator.signIn(request, ORIGIN, { flags }).text;
    const passkeys =
      user.authenticator.passkeys.length === 0
        ? []
        : [
            says('passkey', uses({ UV: true }), 'passkey'),
            ...(request.userVerification === 'required' ? [] : [says('touch', uses({ UV: false }), 'touch')]),
          ];
    if (!has('PasswordCallback')) return [...passkeys, cannot, ...buttons];
    const form = { NameCallback: user.name, PasswordCallback: PASSWORD };
    return [...passkeys, cannot, { label: 'password', values: form, proves: 'password' }];
  }
  if (has('PasswordCallback'))
    return [{ label: 'password', values: { NameCallback: user.name, PasswordCallback: PASSWORD }, proves: 'password' }];
  if (has('DeviceProfileCallback'))
    return [{ label: 'profile', values: { DeviceProfileCallback: '{"identifier":"desk"}' } }];
  if (has('PollingWaitCallback')) {
    if (/^\w+:\/\//.test(hidden))
      return [{ label: 'connects a phone', values: {}, first: () => connect(user, hidden) }, ...buttons];
    const number = /^\d+$/.test(hidden) ? hidden : undefined;
    const proves = number === undefined ? 'tap' : 'number';
    return [{ label: proves, values: {}, proves, first: () => approve(user, number) }, ...buttons];
  }
  if (has('NameCallback')) {
    const code = totp({ secret: SECRET.subarray(0, 20), digits: 6, intervalSeconds: 30, atMillis: server.clock.now() });
    if (buttons.length > 0)
      return [
        { label: 'code', values: { NameCallback: code, ConfirmationCallback: 0 }, proves: 'code' },
        ...buttons.slice(1),
      ];
    return [{ label: 'recovery code', values: { NameCallback: RECOVERY_CODE }, proves: 'recovery' }];
  }
  return buttons.length > 0 ? buttons : [{ label: 'reads', values: {} }];
};

interface Ended {
  readonly way: string;
  readonly token: string;
  /** By the session, and by this walk. */
  readonly proven: ReadonlySet<Proof>;
  readonly provenHere: ReadonlySet<Proof>;
}

const MAX_STEPS = 14;
const MAX_RUNS = 80;
const kindOf = (callbacks: readonly Callback[] = []): string => callbacks.map(({ type }) => type).join();

/** Every way to a session, each walked by a new user with these factors, who has signed in by the password before where `isSignedIn` says so. */
async function* waysIn(journey: string, factors: readonly Factor[], isSignedIn: boolean): AsyncGenerator<Ended> {
  const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=${journey}`;
  const headers = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
  for (const chosen of everyWay(journey, MAX_RUNS)) {
    // Limits of requests from an address are those of another day.
    server.clock.advance(DAY);
    const user = await userWith(factors);
    const token = isSignedIn ? await signIn(rest, REALM, user.name, PASSWORD) : undefined;
    const post = async (body: object): Promise<Answer> => (await rest('POST', path, { body, headers, token })).body;
    let answer = await post({});
    const said: string[] = [];
    const provenHere = new Set<Proof>();
    for (let at = 0; answer.callbacks !== undefined && at < MAX_STEPS; at += 1) {
      const { authId, callbacks } = answer;
      // To say the same twice leads round in a circle.
      const choices = choicesAt(callbacks, user).filter(({ label }) => !said.includes(label) || label === 'reads');
      const choice = choices[chosen(at, choices.length)];
      if (choice === undefined) break;
      const { label, values, proves, first } = choice;
      // A connection that is tried at once is still being made: the phone that scanned the code answers, and that proves no sign-in.
      const isTried = said.at(-1) === 'connects a phone';
      said.push(label);
      await first?.();
      answer = await post({ authId, callbacks: filledIn(callbacks, values) });
      const isAccepted =
        answer.tokenId !== undefined ||
        (answer.callbacks !== undefined && kindOf(answer.callbacks) !== kindOf(callbacks));
      if (proves !== undefined && isAccepted && !isTried) provenHere.add(proves);
    }
    const proven = new Set<Proof>([...(isSignedIn ? (['password'] as const) : []), ...provenHere]);
    if (answer.tokenId !== undefined) yield { way: said.join(' > '), token: answer.tokenId, proven, provenHere };
  }
}

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();

/** Whether the class can be had where it must be. */
const isGranted = async (session: string, acr: string): Promise<boolean> => {
  const claims = JSON.stringify({ id_token: { acr: { essential: true, values: [acr] } } });
  const must = await app.authorize({ iplanetdirectorypro: session }, { prompt: 'none', claims });
  return landed(must).code !== undefined;
};

/** What the token says after a wish for the class, and whether the class can be had where it must be. */
const told = async (session: string, acr: string) => {
  const asks = { response_type: 'id_token', prompt: 'none' };
  const headers = { iplanetdirectorypro: session };
  const fragment = (location: unknown) =>
    Object.fromEntries(new URLSearchParams(new URL(String(location)).hash.slice(1)));
  const wished = fragment((await app.authorize(headers, { ...asks, acr_values: acr })).headers.location);
  const { acr: said, amr } = claimsOf(wished.id_token ?? '');
  return { said, amr: sorted((amr ?? []) as readonly string[]), isGranted: await isGranted(session, acr) };
};

/** What the walks have proven and met, so that no walk that fails makes the others true. */
const seen = {
  proofs: new Set<string>(),
  classes: new Set<string>(),
  /** By journey, what its ways prove. */
  ways: new Map<string, readonly ReadonlySet<Proof>[]>(),
  /** By journey and proofs, the classes of journeys that such a session meets. */
  met: new Map<string, { readonly proven: ReadonlySet<Proof>; readonly journeys: readonly string[] }>(),
};

const compare = async (journey: string, factors: readonly Factor[], isSignedIn = false): Promise<void> => {
  for await (const { way, token, proven, provenHere } of waysIn(journey, factors, isSignedIn)) {
    seen.ways.set(journey, [...(seen.ways.get(journey) ?? []), provenHere]);
    const session = `${journey}: ${sorted(proven).join()}`;
    if (!seen.met.has(session)) {
      const journeys: string[] = [];
      for (const { name } of shippedJourneys) if (await isGranted(token, classOf(name))) journeys.push(name);
      seen.met.set(session, { proven, journeys });
    }
    const has = (...of: readonly Proof[]) => of.some((it) => proven.has(it));
    const amr = sorted([...[...proven].flatMap((it) => AMR[it]), ...(CLASSES.mfa?.(has) ? ['mfa'] : [])]);
    for (const [acr, isMetBy] of Object.entries(CLASSES)) {
      const isMet = isMetBy(has);
      const expected = { way, acr, said: isMet ? acr : '0', amr, isGranted: isMet };
      expect({ way, acr, ...(await told(token, acr)) }).toEqual(expected);
      if (isMet) seen.classes.add(acr);
    }
    for (const proof of proven) seen.proofs.add(proof);
  }
};

const BY_NAME = SETS.map((set): [string, readonly Factor[]] => [set.join(' and ') || 'nothing', set]);

describe.each(shippedJourneys.map(({ name }) => name))('%s', (journey) => {
  test.each(BY_NAME)('tells of a user who has %s what was proven (SEC-85)', { timeout: TIMEOUT }, (_names, factors) =>
    compare(journey, factors),
  );
});

describe.each(['StepUp', 'PushStepUp', 'PasskeyStepUp'])('%s after a password', (journey) => {
  test.each(BY_NAME)('tells of a user who has %s what was proven (SEC-85)', { timeout: TIMEOUT }, (_names, factors) =>
    compare(journey, factors, true),
  );
});

test('the walks above have proven everything that can be proven, and met each class but that of hardware', () => {
  expect(sorted(seen.proofs)).toEqual(sorted(Object.keys(AMR)));
  expect(sorted(seen.classes)).toEqual(['mfa', 'password', 'phr', 'push']);
});

/** Whether all of it is proven: with the number, the phone has approved as by a tap. */
const isWithin = (way: ReadonlySet<Proof>, proven: ReadonlySet<Proof>): boolean =>
  [...way].every((it) => proven.has(it) || (it === 'tap' && proven.has('number')));

test('the class of a journey is met by sessions that have proven as much as one way through it, whichever journey has made them (SEC-85)', () => {
  const expected = [...seen.met].map(([session, { proven }]) => {
    const names = shippedJourneys.map(({ name }) => name).filter((name) => !UNEVEN.has(name));
    return [session, names.filter((name) => seen.ways.get(name)?.some((way) => isWithin(way, proven)))];
  });
  expect(Object.fromEntries([...seen.met].map(([session, { journeys }]) => [session, journeys]))).toEqual(
    Object.fromEntries(expected),
  );
  const metBy = (journey: string) => [...seen.met.values()].filter(({ journeys }) => journeys.includes(journey));
  // A tap in place of the number is too little for the journey that asks for the number.
  expect(metBy('PushStepUp').every(({ proven }) => proven.has('number'))).toBe(true);
  expect(sorted([...seen.met.values()].flatMap(({ journeys }) => journeys))).toEqual(
    sorted(shippedJourneys.map(({ name }) => name).filter((name) => !UNEVEN.has(name))),
  );
});
