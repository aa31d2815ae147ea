import { codeOfApp, numberOnPhone, passkeyOfUser, pushWait, recoveryCode, recoveryRetries } from './asked-factors.ts';
import { newPasskey } from './new-passkeys.ts';
import { dataStoreDecision, signInPage } from './password-journeys.ts';
import type { ShippedJourney, ShippedNode } from './shipped-journey.ts';

type PageWithPasskey = (passkey: string, password: string, otherwise: string) => ShippedNode;

/** Proves a push on every path: a recovery code and any other factor only let the user connect a phone, which then approves (SEC-85, SEC-04). */
const pushStepUp: ShippedJourney = {
  name: 'PushStepUp',
  description: 'Password and an approval on the phone. Users without a phone connect one, and there is no way to skip.',
  entry: 'signIn',
  settings: { treeTimeout: 15 },
  nodes: {
    signIn: signInPage('checkPassword'),
    checkPassword: dataStoreDecision('send'),
    send: {
      type: 'PushAuthenticationSenderNode',
      displayName: 'Push Sender',
      config: { mandatory: true, pushType: 'CHALLENGE', contextInfo: true, considersAllFactors: true },
      to: { SENT: 'wait', NOT_REGISTERED: 'passkey' },
    },
    wait: pushWait('verify', 'recoveryCode'),
    verify: {
      type: 'PushResultVerifierNode',
      displayName: 'Push Result Verifier',
      to: { TRUE: 'Success', FALSE: 'Failure', EXPIRED: 'sendsLeft', WAITING: 'wait' },
    },
    sendsLeft: {
      type: 'RetryLimitDecisionNode',
      displayName: 'Requests left',
      config: { retryLimit: 3, incrementUserAttributeOnFailure: false },
      to: { Retry: 'send', Reject: 'Failure' },
    },
    recoveryCode: recoveryCode('register', 'recoveryRetries'),
    recoveryRetries: recoveryRetries('recoveryCode'),
    ...passkeyOfUser('register', { hasNone: 'code', cannot: 'passkeyRecoveryCode' }),
    ...codeOfApp('register', 'register'),
    register: {
      type: 'PushRegistrationNode',
      displayName: 'Push Registration',
      config: { issuer: 'Assent', generateRecoveryCodes: true, timeout: 180, bgColor: '0b6b4d', registerAnother: true },
      to: { successOutcome: 'showCodes', failureOutcome: 'Failure', timeoutOutcome: 'Failure' },
    },
    showCodes: { type: 'RecoveryCodeDisplayNode', displayName: 'Recovery Code Display', to: { outcome: 'sendsLeft' } },
  },
};

const passkeyWithUser = (displayName: string, noDevice: string): ShippedNode => ({
  type: 'WebAuthnAuthenticationNode',
  displayName,
  config: { asScript: false, userVerificationRequirement: 'REQUIRED' },
  to: { success: 'Success', noDevice, unsupported: 'Failure', error: 'Failure', failure: 'Failure' },
});

/** Proves a passkey that has asked for its user on every path: other factors only let the user make one (SEC-85, WA-18). */
const passkeyStepUp = (signInPageWithPasskey: PageWithPasskey): ShippedJourney => ({
  name: 'PasskeyStepUp',
  description: 'A passkey on every path. Users without a passkey make one after another factor, and then use it.',
  entry: 'signIn',
  settings: { treeTimeout: 15 },
  nodes: {
    signIn: signInPageWithPasskey('Success', 'checkPassword', 'signInByPassword'),
    signInByPassword: signInPage('checkPassword'),
    checkPassword: dataStoreDecision('passkey'),
    passkey: passkeyWithUser('Passkey', 'send'),
    newPasskey: passkeyWithUser('Use the new passkey', 'Failure'),
    ...numberOnPhone('register', { noPhone: 'code', atRisk: 'Failure' }),
    ...codeOfApp('register', 'register'),
    register: newPasskey(
      'New passkey',
      { success: 'showCodes', otherwise: 'Failure' },
      { userVerificationRequirement: 'REQUIRED' },
    ),
    showCodes: { type: 'RecoveryCodeDisplayNode', displayName: 'Recovery Code Display', to: { outcome: 'newPasskey' } },
  },
});

/** The journeys to the classes of sign-in that a realm begins with. */
export const stepUpJourneys = (signInPageWithPasskey: PageWithPasskey): readonly ShippedJourney[] => [
  pushStepUp,
  passkeyStepUp(signInPageWithPasskey),
];
