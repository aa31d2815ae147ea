/** Names of factors in `NodeType`, as device management and AM's scripts know them (spec: nodes-mfa §3.4, §4.4). */
export const FACTOR = {
  push: 'AuthenticatorPush',
  oath: 'AuthenticatorOATH',
  binding: 'Binding',
  passkey: 'WebAuthnAuthentication',
  recovery: {
    OATH: 'AuthenticatorOATH',
    PUSH: 'AuthenticatorPushRegistration',
    WEB_AUTHN: 'WebAuthnAuthentication',
  },
} as const;

const FACTORS: ReadonlySet<string> = new Set([
  FACTOR.push,
  FACTOR.oath,
  FACTOR.binding,
  FACTOR.passkey,
  ...Object.values(FACTOR.recovery),
]);

/** Whether one of the names is that of a factor; others say how a user came in without one. */
export const hasUsedFactor = (nodeTypes: readonly string[]): boolean => nodeTypes.some((name) => FACTORS.has(name));

/** Of every node that adds a factor (design.md §3 decision 16; spec: webauthn §10.1). */
export const anotherFactorErrors = {
  anotherFactorFirst: 'A second device is only added after another factor.',
} as const;
