import type { ShippedNode } from './shipped-journey.ts';

// How shipped journeys ask for factors that a user has.

const LOST_PHONE = {
  en: 'Lost phone? Use a recovery code',
  de: 'Smartphone verloren? Wiederherstellungscode nutzen',
  fr: 'Téléphone perdu ? Utilisez un code de récupération',
  es: '¿Ha perdido el teléfono? Use un código de recuperación',
  ja: '電話をなくした場合はリカバリーコードを使用',
  ar: 'هل فقدت هاتفك؟ استخدم رمز استرداد',
};

export const pushWait = (done: string, exit: string): ShippedNode => ({
  type: 'PushWaitNode',
  displayName: 'Push Wait',
  config: { secondsToWait: 5, exitMessage: LOST_PHONE },
  to: { DONE: done, EXITED: exit },
});

/** Three attempts in all: two Retry passes after the first failure (spec: nodes-mfa §8.3). */
export const recoveryRetries = (retry: string): ShippedNode => ({
  type: 'RetryLimitDecisionNode',
  displayName: 'Tries left for a recovery code',
  config: { retryLimit: 2, incrementUserAttributeOnFailure: true },
  to: { Retry: retry, Reject: 'Failure' },
});

export const recoveryCode = (
  yes: string,
  no: string,
  recoveryCodeType: 'PUSH' | 'OATH' | 'WEB_AUTHN' = 'PUSH',
): ShippedNode => ({
  type: 'RecoveryCodeCollectorDecisionNode',
  displayName: 'Recovery Code',
  config: { recoveryCodeType },
  to: { true: yes, false: no },
});

/**
 * Asks for the number on a phone of the user, or for a recovery code of a lost one, from the node `send` on. `atRisk` is where whoever has a
 * passkey goes while requests are paused: back to it, or to its recovery code where it was asked for before (spec: webauthn §10.5).
 */
export const numberOnPhone = (
  approved: string,
  { noPhone, atRisk }: { readonly noPhone: string; readonly atRisk: string },
): Readonly<Record<string, ShippedNode>> => ({
  send: {
    type: 'PushAuthenticationSenderNode',
    displayName: 'Push Sender',
    config: {
      mandatory: true,
      pushType: 'CHALLENGE',
      contextInfo: true,
      passkeyAtRisk: true,
      considersAllFactors: true,
    },
    to: { SENT: 'wait', NOT_REGISTERED: noPhone, PASSKEY: atRisk },
  },
  wait: pushWait('verify', 'recoveryCode'),
  verify: {
    type: 'PushResultVerifierNode',
    displayName: 'Push Result Verifier',
    to: { TRUE: approved, FALSE: 'Failure', EXPIRED: 'Failure', WAITING: 'wait' },
  },
  recoveryCode: recoveryCode(approved, 'recoveryRetries'),
  recoveryRetries: recoveryRetries('recoveryCode'),
});

/** Asks for a one-time password of the app or a recovery code of it, from the node `id` on. */
export const codeOfApp = (approved: string, noApp: string, id = 'code'): Readonly<Record<string, ShippedNode>> => ({
  [id]: {
    type: 'OathTokenVerifierNode',
    displayName: 'OATH Token Verifier',
    config: { isRecoveryCodeAllowed: true },
    to: {
      successOutcome: approved,
      failureOutcome: `${id}Retries`,
      notRegisteredOutcome: noApp,
      recoveryCodeOutcome: `${recovery(id)}Code`,
    },
  },
  [`${id}Retries`]: {
    type: 'RetryLimitDecisionNode',
    displayName: 'Tries left for a code of the app',
    config: { retryLimit: 2, incrementUserAttributeOnFailure: true },
    to: { Retry: id, Reject: 'Failure' },
  },
  [`${recovery(id)}Code`]: recoveryCode(approved, `${recovery(id)}Retries`, 'OATH'),
  [`${recovery(id)}Retries`]: recoveryRetries(`${recovery(id)}Code`),
});

/** How the nodes for a recovery code begin; those of the node `code` have their names, and so their ids, from before there were others. */
const recovery = (id: string): string => (id === 'code' ? 'otherRecovery' : `${id}Recovery`);

/**
 * Asks for a passkey of the user, or a recovery code of a lost one, from the node `passkey` on. Whoever has none, or cannot use it here, goes on.
 */
export const passkeyOfUser = (
  approved: string,
  { hasNone, cannot }: { readonly hasNone: string; readonly cannot: string },
): Readonly<Record<string, ShippedNode>> => ({
  passkey: {
    type: 'WebAuthnAuthenticationNode',
    displayName: 'Passkey',
    config: { asScript: false, isRecoveryCodeAllowed: true },
    to: {
      success: approved,
      noDevice: hasNone,
      unsupported: cannot,
      error: cannot,
      failure: 'Failure',
      recoveryCode: 'passkeyRecoveryCode',
    },
  },
  passkeyRecoveryCode: recoveryCode(approved, 'passkeyRecoveryRetries', 'WEB_AUTHN'),
  passkeyRecoveryRetries: recoveryRetries('passkeyRecoveryCode'),
});

/** Asks for any factor that the user has, from the node `passkey` on: the strongest first (spec: webauthn §10.5). */
export const anyFactor = (approved: string, hasNone: string): Readonly<Record<string, ShippedNode>> => ({
  ...passkeyOfUser(approved, { hasNone: 'send', cannot: 'send' }),
  ...numberOnPhone(approved, { noPhone: 'code', atRisk: 'passkeyRecoveryCode' }),
  ...codeOfApp(approved, hasNone),
});
