import {
  anyFactor,
  codeOfApp,
  numberOnPhone,
  passkeyOfUser,
  pushWait,
  recoveryCode,
  recoveryRetries,
} from './asked-factors.ts';
import { newPasskey, passkeyOffered } from './new-passkeys.ts';
import { adminLogin, dataStoreDecision, ldapService, passwordJourney, signInPage } from './password-journeys.ts';
import type { ShippedJourney, ShippedNode } from './shipped-journey.ts';
import { stepUpJourneys } from './step-up-journeys.ts';

const NO_FACTOR_YET =
  'Only a user without any factor gets here: the node considers all factors. Set mandatory in the Push Sender and the options to require one.';
const AS_DOCUMENTED =
  'The example of the documentation sends again without a limit in the journey; the limits of push requests for each user still apply. PushLogin limits it.';
const FIRST_FACTOR =
  'A user without any factor registers the first one after the password; a user with a factor is asked for it before.';

/** The page of a sign-in on which browsers offer passkeys where the name is filled in (spec: webauthn §10.2). */
const signInPageWithPasskey = (passkey: string, password: string, otherwise: string): ShippedNode => ({
  type: 'PageNode',
  version: '2.0',
  displayName: 'Sign in',
  to: {
    '1-outcome': password,
    '2-success': passkey,
    '2-noDevice': otherwise,
    '2-unsupported': otherwise,
    '2-error': otherwise,
    '2-failure': otherwise,
  },
  inside: [
    {
      type: 'UsernameCollectorNode',
      version: '2.0',
      displayName: 'Username',
      config: { autocompleteValues: ['username', 'webauthn'] },
    },
    { type: 'PasswordCollectorNode', displayName: 'Password' },
    {
      type: 'WebAuthnAuthenticationNode',
      version: '2.0',
      displayName: 'Passkey of this device',
      config: {
        asScript: false,
        requiresResidentKey: true,
        userVerificationRequirement: 'REQUIRED',
        timeout: 180,
        mediation: 'conditional',
        conditionalManualButton: true,
      },
    },
  ],
});

/** The example journey of the Push Registration documentation; the push type, the expiry loop and what is asked for at risk are what differs. */
const pushJourney = (
  about: Pick<ShippedJourney, 'name' | 'description'>,
  {
    pushType,
    onExpired,
    hasPasskeys,
  }: {
    readonly pushType: 'DEFAULT' | 'CHALLENGE';
    readonly onExpired: 'send' | 'sendsLeft';
    /** A passkey is asked for at risk and of users without a phone, and offered to those who have approved and have none. */
    readonly hasPasskeys: boolean;
  },
): ShippedJourney => ({
  ...about,
  entry: 'signIn',
  settings: { treeTimeout: 15 },
  nodes: {
    signIn: signInPage('checkPassword'),
    checkPassword: dataStoreDecision('collectDevice'),
    collectDevice: {
      type: 'DeviceProfileCollectorNode',
      displayName: 'Device Profile Collector',
      config: { deviceMetadata: true, deviceLocation: true },
      to: { outcome: 'send' },
    },
    send: {
      type: 'PushAuthenticationSenderNode',
      displayName: 'Push Sender',
      config: {
        contextInfo: true,
        mandatory: false,
        captureFailure: false,
        pushType,
        messageTimeout: 120_000,
        considersAllFactors: true,
        passkeyAtRisk: hasPasskeys,
      },
      to: {
        SENT: 'wait',
        NOT_REGISTERED: hasPasskeys ? 'passkey' : 'options',
        SKIPPED: 'Success',
        ...(hasPasskeys && { PASSKEY: 'passkey' }),
      },
      accepts: [
        { code: 'J06', outcome: 'SKIPPED', reason: NO_FACTOR_YET },
        ...(onExpired === 'send' ? [{ code: 'J04', outcome: 'SENT', reason: AS_DOCUMENTED } as const] : []),
      ],
    },
    ...(hasPasskeys && {
      // A user without a phone shows the factor that they have; only a user without any gets to the options (SEC-88).
      ...passkeyOfUser('Success', { hasNone: 'code', cannot: 'codeForPasskey' }),
      ...codeOfApp('Success', 'hasNone'),
      // The nodes that have looked for a passkey and an app have each said that theirs is missing; the options are about phones.
      hasNone: {
        type: 'SetStateNode',
        displayName: 'Connect a phone',
        config: { attributes: { mfaMethod: 'push' } },
        to: { outcome: 'options' },
      },
      // The passkey cannot be used in this browser: the code app stands in for it, or else a recovery code.
      ...codeOfApp('Success', 'passkeyRecoveryCode', 'codeForPasskey'),
      ...passkeyOffered('Success'),
    }),
    wait: pushWait('verify', 'recoveryCode'),
    verify: {
      type: 'PushResultVerifierNode',
      displayName: 'Push Result Verifier',
      to: { TRUE: hasPasskeys ? 'offer' : 'Success', FALSE: 'Failure', EXPIRED: onExpired, WAITING: 'wait' },
    },
    ...(onExpired === 'sendsLeft' && {
      sendsLeft: {
        type: 'RetryLimitDecisionNode',
        displayName: 'Requests left',
        config: { retryLimit: 2, incrementUserAttributeOnFailure: false },
        to: { Retry: 'send', Reject: 'Failure' },
      } satisfies ShippedNode,
    }),
    options: {
      type: 'MultiFactorRegistrationOptionsNode',
      displayName: 'MFA Registration Options',
      config: { getApp: true, mandatory: false, considersAllFactors: true },
      to: {
        registerOutcome: 'register',
        getAppOutcome: 'getApp',
        skipOutcome: 'Success',
        optOutOutcome: 'optOut',
      },
      accepts: [{ code: 'J06', outcome: 'skipOutcome', reason: NO_FACTOR_YET }],
    },
    recoveryCode: recoveryCode('Success', 'recoveryRetries'),
    recoveryRetries: recoveryRetries('recoveryCode'),
    register: {
      type: 'PushRegistrationNode',
      displayName: 'Push Registration',
      config: {
        issuer: 'Assent',
        generateRecoveryCodes: true,
        timeout: 180,
        bgColor: '0b6b4d',
        // The journey goes on to ask the new phone.
        verifyAfterRegister: false,
      },
      to: { successOutcome: 'showCodes', failureOutcome: 'Failure', timeoutOutcome: 'options' },
    },
    getApp: { type: 'GetAuthenticatorAppNode', displayName: 'Get Authenticator App', to: { outcome: 'options' } },
    optOut: {
      type: 'OptOutMultiFactorAuthenticationNode',
      displayName: 'Opt-out Multi-Factor Authentication',
      config: { considersAllFactors: true },
      to: { outcome: 'Success' },
      accepts: [{ code: 'J06', outcome: 'outcome', reason: NO_FACTOR_YET }],
    },
    showCodes: { type: 'RecoveryCodeDisplayNode', displayName: 'Recovery Code Display', to: { outcome: 'send' } },
  },
});

/** Asks for a factor that the user has before it adds another phone (SEC-04); codes are made with the first set only. */
const addPhone: ShippedJourney = {
  name: 'AddPhone',
  description: 'Connects one more phone, after the password and, where there is one, another factor.',
  entry: 'signIn',
  settings: { treeTimeout: 15, mustRun: true },
  nodes: {
    signIn: signInPage('checkPassword'),
    checkPassword: dataStoreDecision('passkey'),
    ...anyFactor('register', 'register'),
    register: {
      type: 'PushRegistrationNode',
      displayName: 'Push Registration',
      config: {
        issuer: 'Assent',
        generateRecoveryCodes: true,
        timeout: 180,
        bgColor: '0b6b4d',
        registerAnother: true,
        verifyAfterRegister: true,
      },
      to: { successOutcome: 'showCodes', failureOutcome: 'Failure', timeoutOutcome: 'Failure' },
      accepts: [{ code: 'J06', outcome: 'successOutcome', reason: FIRST_FACTOR }],
    },
    showCodes: { type: 'RecoveryCodeDisplayNode', displayName: 'Recovery Code Display', to: { outcome: 'Success' } },
  },
};

/** Asks for a factor that the user has before it makes another passkey (WA-18); codes are made with the first one only. */
const addPasskey: ShippedJourney = {
  name: 'AddPasskey',
  description: 'Makes a passkey, after the password and, where there is one, another factor.',
  entry: 'signIn',
  settings: { treeTimeout: 15, mustRun: true },
  nodes: {
    signIn: signInPage('checkPassword'),
    checkPassword: dataStoreDecision('passkey'),
    ...anyFactor('register', 'register'),
    register: {
      ...newPasskey('New passkey', { success: 'showCodes', otherwise: 'Failure' }),
      accepts: [{ code: 'J06', outcome: 'success', reason: FIRST_FACTOR }],
    },
    showCodes: { type: 'RecoveryCodeDisplayNode', displayName: 'Recovery Code Display', to: { outcome: 'Success' } },
  },
};

/** Signs in by a passkey that knows its user, from the field of the name; whoever has none here gives the password, and the number on the phone. */
const passkeyLogin: ShippedJourney = {
  name: 'PasskeyLogin',
  description: 'A passkey, without a name or a password; or else the password and an approval on the phone.',
  entry: 'signIn',
  settings: { treeTimeout: 15 },
  nodes: {
    signIn: signInPageWithPasskey('Success', 'checkPassword', 'signInByPassword'),
    // Where the passkey is of no use, it is not asked for once more: a client that cannot would say so again and again.
    signInByPassword: signInPage('checkPassword'),
    checkPassword: dataStoreDecision('send'),
    ...numberOnPhone('Success', { noPhone: 'lostPasskey', atRisk: 'lostPasskey' }),
    lostPasskey: recoveryCode('Success', 'lostPasskeyRetries', 'WEB_AUTHN'),
    lostPasskeyRetries: recoveryRetries('lostPasskey'),
  },
};

/**
 * Asks whoever has a session for another factor, before devices are changed (SEC-51). Who has none signs in first, so that
 * nobody's phone rings for a stranger.
 */
const stepUp: ShippedJourney = {
  name: 'StepUp',
  description:
    'Asks a signed-in user for a passkey, the phone, a code of the app or a recovery code, as changes of devices need it.',
  entry: 'session',
  settings: { treeTimeout: 15, mustRun: true },
  nodes: {
    session: {
      type: 'SessionDataNode',
      displayName: 'Get Session Data',
      config: { sessionDataKey: 'UserToken', sharedStateKey: 'userName' },
      to: { outcome: 'user' },
    },
    user: {
      type: 'IdentifyExistingUserNode',
      displayName: 'Whose session',
      config: { identifier: 'userName', identityAttribute: 'userName' },
      to: { true: 'passkey', false: 'signIn' },
    },
    signIn: signInPage('checkPassword'),
    checkPassword: dataStoreDecision('passkey'),
    ...anyFactor('Success', 'Failure'),
  },
};

/** The journeys that every new realm gets. */
export const shippedJourneys: readonly ShippedJourney[] = [
  pushJourney(
    {
      name: 'PushLogin',
      description: 'Password, then an approval on the phone; whoever has none yet connects one, or chooses not to.',
    },
    { pushType: 'CHALLENGE', onExpired: 'sendsLeft', hasPasskeys: true },
  ),
  pushJourney(
    {
      name: 'PushLoginBasic',
      description: 'The example journey as the documentation wires it: accept or deny, and no limit on new requests.',
    },
    { pushType: 'DEFAULT', onExpired: 'send', hasPasskeys: false },
  ),
  passwordJourney('Login', 'Username and password.'),
  ldapService,
  passkeyLogin,
  addPhone,
  addPasskey,
  stepUp,
  ...stepUpJourneys(signInPageWithPasskey),
  adminLogin,
];
