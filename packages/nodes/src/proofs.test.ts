import { type NodeDefinition, PROOF_METHODS } from '@assent/engine';
import { expect, test } from 'vitest';
import { nodeCatalogue } from './catalogue.ts';

// Which nodes prove something to applications, and why those do not that look like it (spec: oidc §1.5).

const definitions: readonly NodeDefinition[] = [...nodeCatalogue.values()];

const PROOFS: Readonly<Record<string, readonly string[]>> = {
  AdministratorDecisionNode: ['password'],
  AgentDataStoreDecisionNode: ['password'],
  DataStoreDecisionNode: ['password'],
  DeviceSigningVerifierNode: ['boundDevice'],
  IdentityStoreDecisionNode: ['password'],
  OathTokenVerifierNode: ['oath'],
  OneTimePasswordCollectorDecisionNode: ['mailCode', 'smsCode'],
  PushResultVerifierNode: ['push', 'pushNumber'],
  RecoveryCodeCollectorDecisionNode: ['recoveryCode'],
  WebAuthnAuthenticationNode: ['hardwarePasskey', 'passkey', 'syncedPasskey', 'touchedPasskey'],
};

/** What somebody may be checked by: a node that uses one of these either proves something or is in the list below. */
const CHECKING_PORTS = ['passwords', 'passwordHasher', 'throttle', 'cookieKey', 'keyFiles', 'backChannels'];
const CHECKING_PUSH_PORTS = ['pushMessages', 'pushDevices', 'oathDevices', 'boundDevices', 'passkeys', 'recoveryCodes'];

const NO_PROOF: Readonly<Record<string, string>> = {
  AmsterJwtDecisionNode: 'a key of a program says nothing of a person, and no method of the table is one',
  BackChannelInitNode: 'it asks for a journey, and knows nothing of its end',
  BackChannelStatusNode: 'what was proven on another screen is in the session of that screen',
  BackchannelNotificationNode: 'it tells, and asks nothing',
  CombinedMultiFactorRegistrationNode: 'whoever is in the journey registers a phone of their own',
  CreateObjectNode: 'it stores answers, and checks none',
  DeviceBindingNode: 'whoever is in the journey binds a phone of their own',
  DeviceBindingStorageNode: 'it stores what was bound',
  EmailSuspendNode: 'a link that was followed is no code: whoever has it in a history follows it, too',
  EmailTemplateNode: 'it sends a mail, and asks nothing',
  KbaVerifyNode: 'answers to questions are no method of the table',
  MultiFactorRegistrationOptionsNode: 'it offers to register a device',
  OathDeviceStorageNode: 'it stores what was registered',
  OathRegistrationNode: 'whoever is in the journey registers a generator of their own',
  OneTimePasswordSmsSenderNode: 'it sends a code, and another node asks for it',
  OneTimePasswordSmtpSenderNode: 'it sends a code, and another node asks for it',
  OptOutMultiFactorAuthenticationNode: 'it waives a factor',
  PasskeyOfferNode: 'it offers a passkey',
  PatchObjectNode: 'it stores answers, and checks none',
  PersistentCookieDecisionNode: 'the browser is the same; who sits there, nobody has shown',
  PollingWaitNode: 'it waits',
  PushAuthenticationSenderNode: 'it asks, and the phone answers another node',
  PushRegistrationNode: 'whoever is in the journey registers a phone of their own',
  PushWaitNode: 'it waits for the phone, whose answer another node takes',
  SetPersistentCookieNode: 'it gives a cookie, and checks none',
  WebAuthnDeviceStorageNode: 'it stores what was registered',
  WebAuthnRegistrationNode: 'whoever is in the journey registers a passkey of their own',
};

/** By these somebody is named or told apart, and no secret is asked for. */
const NAMES_ONLY: Readonly<Record<string, string>> = {
  AnonymousUserNode: 'anybody is let in',
  CookiePresenceDecisionNode: 'a browser has a cookie of that name',
  DeviceMatchNode: 'the device looks like one that was seen before',
  IdentifyExistingUserNode: 'to have named a user is not to have shown to be that user',
  KbaDecisionNode: 'it counts the answers that are stored',
  ScriptedDecisionNode: 'a script says who it is, and scripts prove nothing to applications (OIDC-12)',
  SessionDataNode: 'what the session before has proven goes over by itself',
  ZeroPageLoginNode: 'a name and a password come in headers, and another node checks them',
};

const portNames = ({ uses }: NodeDefinition) => uses.map(({ portName }) => portName);

test('these nodes prove these things, and no others do', () => {
  const proving = definitions.filter(({ proves }) => proves.length > 0);
  expect(Object.fromEntries(proving.map(({ type, proves }) => [type, [...proves]]))).toEqual(PROOFS);
  expect(new Set(proving.flatMap(({ proves }) => proves))).toEqual(new Set(PROOF_METHODS));
});

test('every node that could check somebody proves it, or has a reason why not', () => {
  const checking = definitions.filter((definition) =>
    portNames(definition).some((name) => [...CHECKING_PORTS, ...CHECKING_PUSH_PORTS].includes(name)),
  );
  const silent = checking.filter(({ proves }) => proves.length === 0).map(({ type }) => type);
  expect(silent.sort()).toEqual(Object.keys(NO_PROOF).sort());
});

test.each(Object.keys(NAMES_ONLY))('%s proves nothing', (type) => {
  expect(nodeCatalogue.get(type)?.proves).toEqual([]);
});

test('a node that proves a second factor proves something to applications, too', () => {
  for (const { type, secondFactor = [], proves } of definitions) {
    if (secondFactor.length > 0) expect(proves, type).not.toEqual([]);
  }
});

test('each method that a node proves is proven by an outcome that says so, and by no other one (SEC-85)', () => {
  for (const { type, config, proves, provesAt, secondFactor = [] } of definitions) {
    const at = provesAt(config.safeParse({}).data as never);
    expect(new Set(Object.values(at).flat()), type).toEqual(new Set(proves));
    for (const outcome of secondFactor) expect(at[outcome] ?? [], `${type} ${outcome}`).not.toEqual([]);
  }
});

test('what is sent can be answered, and a node after it proves each answer (SEC-85)', () => {
  const proven = new Set<string>(definitions.flatMap(({ proves }) => proves));
  const senders = definitions.filter(({ answeredBy }) => answeredBy.methods.length > 0);
  for (const { type, answeredBy, config, proves } of senders) {
    const { methods } = answeredBy;
    expect(proves, type).toEqual([]);
    for (const method of methods) expect(proven, type).toContain(method);
    const by = Object.values(answeredBy.at(config.safeParse({}).data as never)).flat();
    expect(by, type).not.toEqual([]);
    for (const method of by) expect(methods, type).toContain(method);
  }
  expect(Object.fromEntries(senders.map(({ type, answeredBy }) => [type, [...answeredBy.methods]]))).toEqual({
    OneTimePasswordSmsSenderNode: ['smsCode'],
    OneTimePasswordSmtpSenderNode: ['mailCode'],
    PushAuthenticationSenderNode: ['push', 'pushNumber'],
  });
});

test.each([
  ['DEFAULT', 'push'],
  ['BIOMETRIC', 'push'],
  ['CHALLENGE', 'pushNumber'],
])('a request of the push type %s is answered by %s (SEC-85)', (pushType, method) => {
  const definition = nodeCatalogue.get('PushAuthenticationSenderNode');
  expect(definition?.answeredBy.at(definition.config.parse({ pushType }) as never)).toEqual({ SENT: [method] });
});

test('what WebAuthn Authentication proves follows its settings (SEC-85)', () => {
  const definition = nodeCatalogue.get('WebAuthnAuthenticationNode');
  const proven = (settings: object) => definition?.provesAt(definition.config.parse(settings) as never).success;
  expect(proven({})).toEqual(['hardwarePasskey', 'passkey', 'syncedPasskey', 'touchedPasskey']);
  expect(proven({ userVerificationRequirement: 'REQUIRED', requireDeviceBound: true })).toEqual([
    'hardwarePasskey',
    'passkey',
  ]);
});
