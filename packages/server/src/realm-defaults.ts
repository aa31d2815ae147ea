import type { RealmSettings } from '@assent/engine';

/** The settings of a new realm; session times are AM's (design.md §3.3 "session times"). */
export const newRealmSettings = (path: string, contextPath: string): RealmSettings => ({
  realm: path,
  active: true,
  defaultTree: 'Login',
  adminTree: 'AdminLogin',
  journeyMinutes: 5,
  sessionMaxMinutes: 120,
  sessionIdleMinutes: 30,
  locale: 'en',
  successUrl: `${contextPath}/console`,
  failureUrl: '',
  gotoDestinations: [],
  numberDigits: 6,
  maxDevices: 5,
  corsOrigins: [],
  hideTokenInBody: false,
});
