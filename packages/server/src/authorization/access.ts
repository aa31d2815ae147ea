import { type Identity, type Role, rolesOf, type Session } from '@assent/engine';
import { FACTOR_INSTANT, isPast } from '@assent/engine/host';

export { type Role, rolesOf } from '@assent/engine';
export { isRole, ROLE_NAMES, ROLES } from '@assent/engine/host';

/** What calls are about that somebody administers. */
export type Subject = 'journeys' | 'settings' | 'realms' | 'users' | 'devices' | 'people' | 'policies';

/**
 * Taking a device from a user, or all of them, is less than managing them: a help desk does it for a lost phone. To hand out all that is kept of
 * somebody, and to erase somebody, takes more than reading or writing users.
 */
export type Access = 'read' | 'write' | 'remove' | 'export' | 'erase' | 'evaluate';
export type Privilege = `${Subject}:${Access}`;

/** What each role may do, in its realm; a role that says nothing of a subject does not get near it. */
export const ROLE_PRIVILEGES = {
  owner: {
    journeys: ['read', 'write'],
    settings: ['read', 'write'],
    realms: ['read', 'write'],
    users: ['read', 'write'],
    devices: ['read', 'write', 'remove'],
    people: ['export', 'erase'],
    policies: ['evaluate'],
  },
  /** Answers requests of people about their data, and nothing else. */
  privacy: { users: ['read'], people: ['export', 'erase'] },
  designer: { journeys: ['read', 'write'] },
  helpdesk: { users: ['read'], devices: ['read', 'remove'] },
  auditor: { journeys: ['read'], settings: ['read'], realms: ['read'], users: ['read'], devices: ['read'] },
  /** Asks for decisions about sessions whose tokens it has, and nothing else. */
  gateway: { policies: ['evaluate'] },
} as const satisfies Record<Role, Partial<Record<Subject, readonly Access[]>>>;

export const hasPrivilege = (roles: readonly Role[], privilege: Privilege): boolean =>
  roles.some((role) => {
    const [subject, access] = privilege.split(':') as [Subject, Access];
    const granted: Partial<Record<Subject, readonly Access[]>> = ROLE_PRIVILEGES[role];
    return granted[subject]?.includes(access) === true;
  });

/** Whoever has all privileges of a realm, those over other administrators included. */
export const isOwner = (identity: Pick<Identity, 'attributes'>): boolean => rolesOf(identity).includes('owner');

/** Factors whose presence in a session lets its user manage devices: a device itself, or a recovery code (spec: webauthn §10.5). */
const DEVICE_FACTORS = new Set([
  'AuthenticatorPush',
  'AuthenticatorPushRegistration',
  'AuthenticatorOATH',
  'WebAuthnAuthentication',
  'Binding',
]);

/** How long one of them lets its user change devices (SEC-51). */
const FRESH_MILLIS = 5 * 60_000;

/** Whether the user has shown one of these factors for the session, however long ago. */
export const hasDeviceFactor = ({ properties }: Pick<Session, 'properties'>): boolean =>
  (properties.NodeType ?? '').split('|').some((factor) => DEVICE_FACTORS.has(factor));

/** Whether the user has shown one of these factors within the last 5 minutes. */
export const hasFreshDeviceFactor = (session: Pick<Session, 'properties'>, now: number): boolean => {
  // NaN where the session has no such time, which fails both comparisons.
  const at = Date.parse(session.properties[FACTOR_INSTANT] ?? '');
  return isPast(at, now) && now - at < FRESH_MILLIS && hasDeviceFactor(session);
};
