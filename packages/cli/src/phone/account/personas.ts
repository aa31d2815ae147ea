import type { AlphabetRule, DeviceType, PushRules, SetupCodeRules } from '@assent/push/protocol';

/** The phones that this command can be. */
export const PERSONA_NAMES = ['assent', 'android4', 'ios4', 'ping-android', 'ping-ios'] as const;

/** Whose habits a registration has. */
export type PersonaName = (typeof PERSONA_NAMES)[number];

/** Everything in which one phone differs from another, as data. */
export interface Persona {
  readonly name: PersonaName;
  readonly deviceType: DeviceType;
  readonly communicationType: 'relay' | 'gcm' | 'apns';
  readonly defaultDeviceName: string;
  /** push-protocol.md 2.1: the case of the UUID that the phone makes up. */
  readonly mechanismUidCase: 'lower' | 'upper';
  readonly deviceIdStyle: 'uuid' | 'fcm-token' | 'apns-hex';
  readonly contentType: string;
  readonly requestedWith: { readonly name: string; readonly platform: string } | undefined;
  /** The request header that carries the load-balancer cookie; I4 sends a response header's name by mistake. */
  readonly cookieHeader: 'cookie' | 'set-cookie';
  readonly cookieOnRefresh: boolean;
  readonly success: { readonly from: number; readonly to: number; readonly bodyMustBeObjectOrEmpty: boolean };
  /** I4 sends `challengeResponse` with every answer of type challenge, so a deny has it as null. */
  readonly denyHasNullNumber: boolean;
  /** PI adds the user to every body when it knows one. */
  readonly userIdInBody: boolean;
  readonly refreshUserMember: 'username' | 'userId';
  readonly refreshClaimsMechanismUid: boolean;
  /** What this phone checks in a setup code. */
  readonly setupCode: SetupCodeRules;
  /** PA and PI build all three addresses from what stands before `?` in `r`. */
  readonly addressesFromRegisterUrl: boolean;
  readonly refusesSecondForSameName: boolean;
  /** What this phone checks in a push message. */
  readonly push: PushRules;
  /** Ours: a P-256 key, ES256 answers, the relay and a reason with a deny (design.md 3.1). */
  readonly hasDeviceKey: boolean;
  /** push-protocol.md 2.1: no official client sends anything twice by itself. */
  readonly retries: boolean;
}

const either: AlphabetRule = { accepts: 'both', otherwise: 'refuse' };
const urlSafe: AlphabetRule = { accepts: 'url-safe', otherwise: 'refuse' };
const standard: AlphabetRule = { accepts: 'standard', otherwise: 'refuse' };
const eitherOrUnset: AlphabetRule = { accepts: 'both', otherwise: 'unset' };
const standardOrUnset: AlphabetRule = { accepts: 'standard', otherwise: 'unset' };

/** Any code that makes sense: our phone registers with other servers, too. */
const assentSetupCode: SetupCodeRules = {
  characters: 'no-controls',
  readsVersion: false,
  oneNameIsEnough: true,
  messageIdMustSayRegister: false,
  minKeyBytes: 32,
  issuer: 'any',
  needsCookie: false,
  addressMayHaveParameters: true,
  userIdParameters: ['uid', 'd'],
  keyAlphabet: either,
  textAlphabet: either,
  idAlphabet: either,
  imageAlphabet: eitherOrUnset,
  policiesAlphabet: eitherOrUnset,
};

const android4SetupCode: SetupCodeRules = {
  ...assentSetupCode,
  characters: 'rfc2396',
  readsVersion: true,
  userIdParameters: ['uid'],
  keyAlphabet: urlSafe,
  textAlphabet: urlSafe,
  idAlphabet: urlSafe,
  imageAlphabet: standard,
};

const ios4SetupCode: SetupCodeRules = {
  ...assentSetupCode,
  minKeyBytes: 1,
  userIdParameters: ['uid'],
  textAlphabet: standardOrUnset,
  idAlphabet: standardOrUnset,
  imageAlphabet: either,
};

const pingAndroidSetupCode: SetupCodeRules = {
  ...assentSetupCode,
  issuer: 'same',
  needsCookie: true,
  userIdParameters: ['d'],
  keyAlphabet: urlSafe,
  textAlphabet: urlSafe,
  idAlphabet: standard,
  imageAlphabet: standard,
};

const pingIosSetupCode: SetupCodeRules = {
  ...pingAndroidSetupCode,
  minKeyBytes: 1,
  keyAlphabet: either,
  textAlphabet: either,
};

const assentPush: PushRules = {
  claimsMustBeText: false,
  needsCookie: false,
  typeIgnoresCase: true,
  unknownType: 'refuse',
  canType: true,
  challengeNeedsNumber: false,
};

const android4Push: PushRules = {
  ...assentPush,
  claimsMustBeText: true,
  typeIgnoresCase: false,
  unknownType: 'plain',
  canType: false,
};

const pingAndroidPush: PushRules = { ...assentPush, canType: false };

const assent: Persona = {
  name: 'assent',
  deviceType: 'cli',
  communicationType: 'relay',
  defaultDeviceName: 'Command line',
  mechanismUidCase: 'lower',
  deviceIdStyle: 'uuid',
  contentType: 'application/json',
  requestedWith: undefined,
  cookieHeader: 'cookie',
  cookieOnRefresh: false,
  success: { from: 200, to: 200, bodyMustBeObjectOrEmpty: false },
  denyHasNullNumber: false,
  userIdInBody: false,
  refreshUserMember: 'username',
  refreshClaimsMechanismUid: false,
  setupCode: assentSetupCode,
  push: assentPush,
  addressesFromRegisterUrl: false,
  refusesSecondForSameName: false,
  hasDeviceKey: true,
  retries: true,
};

const android4: Persona = {
  ...assent,
  name: 'android4',
  deviceType: 'android',
  communicationType: 'gcm',
  defaultDeviceName: 'Android phone',
  deviceIdStyle: 'fcm-token',
  contentType: 'application/json; charset=utf-8',
  requestedWith: { name: 'forgerock-sdk', platform: 'android' },
  setupCode: android4SetupCode,
  push: android4Push,
  refusesSecondForSameName: true,
  hasDeviceKey: false,
  retries: false,
};

const ios4: Persona = {
  ...android4,
  name: 'ios4',
  deviceType: 'ios',
  communicationType: 'apns',
  defaultDeviceName: 'iPhone',
  mechanismUidCase: 'upper',
  deviceIdStyle: 'apns-hex',
  contentType: 'application/json',
  requestedWith: { name: 'forgerock-sdk', platform: 'ios' },
  cookieHeader: 'set-cookie',
  cookieOnRefresh: true,
  success: { from: 200, to: 302, bodyMustBeObjectOrEmpty: true },
  denyHasNullNumber: true,
  refreshClaimsMechanismUid: true,
  setupCode: ios4SetupCode,
  push: { ...android4Push, needsCookie: true },
};

const pingAndroid: Persona = {
  ...android4,
  name: 'ping-android',
  contentType: 'application/json',
  requestedWith: { name: 'ping-sdk', platform: 'android' },
  success: { from: 200, to: 299, bodyMustBeObjectOrEmpty: false },
  setupCode: pingAndroidSetupCode,
  push: pingAndroidPush,
  addressesFromRegisterUrl: true,
};

const pingIos: Persona = {
  ...pingAndroid,
  name: 'ping-ios',
  deviceType: 'ios',
  communicationType: 'apns',
  defaultDeviceName: 'iPhone',
  mechanismUidCase: 'upper',
  deviceIdStyle: 'apns-hex',
  requestedWith: { name: 'ping-sdk', platform: 'ios' },
  userIdInBody: true,
  refreshUserMember: 'userId',
  setupCode: pingIosSetupCode,
  push: { ...pingAndroidPush, unknownType: 'plain' },
  refusesSecondForSameName: false,
};

/** The table of push-protocol.md §1.5, §2.1, §4.1, §5 and §10, one record per phone. */
export const PERSONAS: Readonly<Record<PersonaName, Persona>> = {
  assent,
  android4,
  ios4,
  'ping-android': pingAndroid,
  'ping-ios': pingIos,
};

/** Tells whether a text names one of the personas. */
export function isPersonaName(text: string): text is PersonaName {
  return (PERSONA_NAMES as readonly string[]).includes(text);
}
