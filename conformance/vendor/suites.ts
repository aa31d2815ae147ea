import type { SuiteApp } from './apps.ts';

/** Specs that are not run: those of a file, or of one title in it. */
export interface Exclusion {
  readonly file: string;
  readonly title?: string;
  readonly reason: string;
}

export interface Suite {
  readonly name: string;
  readonly checkout: 'current' | 'legacy';
  /** Where its specs are, below the checkout. */
  readonly specs: string;
  readonly app: SuiteApp;
  readonly excluded: readonly Exclusion[];
}

const PING_ONE = 'needs PingOne';

export const SUITES: readonly Suite[] = [
  {
    name: 'journey-suites',
    checkout: 'current',
    specs: 'e2e/journey-suites/src',
    app: { root: 'e2e/journey-app', publicDir: 'e2e/journey-app/public', port: 5829 },
    excluded: [
      { file: 'protect.test.ts', reason: 'needs PingOne Protect' },
      {
        file: 'recovery-codes.test.ts',
        reason: 'expects codes for a passkey that no authenticator has made, as the mock gives them',
      },
    ],
  },
  {
    name: 'oidc-suites',
    checkout: 'current',
    specs: 'e2e/oidc-suites/src',
    app: { root: 'e2e/oidc-app/src', publicDir: 'e2e/oidc-app/public', port: 8443 },
    excluded: [
      { file: 'login.spec.ts', title: 'PingOne login and get token tests', reason: PING_ONE },
      { file: 'logout.spec.ts', title: 'PingOne login then logout', reason: PING_ONE },
      { file: 'token.spec.ts', title: 'PingOne tokens', reason: PING_ONE },
      { file: 'user.spec.ts', title: 'get user info from PingOne', reason: PING_ONE },
    ],
  },
  {
    name: 'autoscript-suites',
    checkout: 'legacy',
    specs: 'e2e/autoscript-suites/src/suites',
    app: { root: 'e2e/autoscript-apps', publicDir: 'e2e/autoscript-apps/public', port: 8443 },
    excluded: [
      {
        file: 'authn-central-login.test.ts',
        title: 'should use hidden iframe',
        reason: 'sets the cookie of a session that its mock alone accepts',
      },
      { file: 'authn-protect.test.ts', reason: 'needs PingOne Protect' },
      { file: 'authn-ping-marketplace.test.ts', reason: 'needs nodes of the Ping marketplace' },
      { file: 'authn-central-logout.test.ts', reason: PING_ONE },
      {
        file: 'authn-central-login-wellknown.test.ts',
        reason: 'exchanges a code that its mock alone accepts, once as PingOne',
      },
      { file: 'authn-social-login-am.test.ts', reason: 'needs a social provider' },
      { file: 'authn-social-login-idm.test.ts', reason: 'needs a social provider' },
      { file: 'authn-saml.test.ts', reason: 'needs SAML' },
      { file: 'authn-otp-reg.test.ts', reason: 'expects the secret that its mock always gives' },
    ],
  },
];
