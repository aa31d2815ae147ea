import type { Identity, Session } from '@assent/engine';

/** The user attribute that lists delegated roles: `owner`, `designer`, `helpdesk`, `auditor` (design.md §3.3). */
export const ROLES = 'assentRoles';

export const isAdministrator = (identity: Identity): boolean => (identity.attributes[ROLES] ?? []).includes('owner');

/** Factors whose presence in a session lets its user manage push devices: the device itself, or a recovery code. */
const DEVICE_FACTORS = new Set(['AuthenticatorPush', 'AuthenticatorPushRegistration', 'AuthenticatorOATH']);

export const hasUsedDeviceFactor = (session: Session): boolean =>
  (session.properties.NodeType ?? '').split('|').some((factor) => DEVICE_FACTORS.has(factor));
