/** Names of factors in `NodeType`, as device management and AM's scripts know them (spec: nodes-mfa §3.4, §4.4). */
export const FACTOR = {
  push: 'AuthenticatorPush',
  oath: 'AuthenticatorOATH',
  recovery: {
    OATH: 'AuthenticatorOATH',
    PUSH: 'AuthenticatorPushRegistration',
    WEB_AUTHN: 'WebAuthnAuthentication',
  },
} as const;
