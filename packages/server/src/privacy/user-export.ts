import { type Clock, type Identity, SECRET_ATTRIBUTES, type Session, shownAttributes } from '@assent/engine';
import type { AuditEvent } from '@assent/engine/host';
import { PROFILES_ATTRIBUTE, savedProfiles } from '@assent/nodes';
import { detachedSignature, type SigningKeys } from '@assent/oidc';
import type { BoundDevice, KeptMessage, OathDevice, Passkey, PushDevice } from '@assent/push';
import { countersOfUser, type Store } from '@assent/store';
import { issuerOf } from '../realms/issuer.ts';
import { canonicalJson } from './canonical-json.ts';
import type { SignedUserExport, UserExport } from './export-document.ts';

export interface UserExportPorts {
  readonly store: Pick<
    Store,
    | 'identities'
    | 'devices'
    | 'oathDevices'
    | 'passkeys'
    | 'boundDevices'
    | 'sessions'
    | 'grants'
    | 'consents'
    | 'messages'
    | 'outbox'
    | 'throttles'
    | 'audit'
  >;
  readonly keys: Pick<SigningKeys, 'active'>;
  readonly publicUrl: string;
  readonly clock: Clock;
}

/** What is signed says so, so that it passes for nothing else that the key has signed (RFC 8725 §3.11). */
const EXPORT_TYPE = 'assent-user-export+jws';

/** Of lists that a user cannot make long; the trail is as long as somebody has been here. */
const MAX_OF_LIST = 10_000;

/** So many lines of the trail an answer over HTTP has; whoever works at the store has no such bound. */
export const MAX_LINES_SENT = 20_000;

const timeOf = (millis: number): string => new Date(millis).toISOString();

const phoneOf = (it: PushDevice): UserExport['phones'][number] => ({
  ...deviceOf(it),
  type: it.deviceType,
  reachedBy: it.communicationType,
  issuer: it.issuer,
  ...(it.channelDeadAt !== undefined && { unreachableSince: timeOf(it.channelDeadAt) }),
});

const deviceOf = ({ uuid, deviceName, createdAt, lastAccessAt }: PushDevice | OathDevice | Passkey | BoundDevice) => ({
  id: uuid,
  name: deviceName,
  createdAt: timeOf(createdAt),
  lastUsedAt: timeOf(lastAccessAt),
});

const passkeyOf = (it: Passkey): UserExport['passkeys'][number] => ({
  ...deviceOf(it),
  credential: it.credentialId,
  ...(it.rpId !== undefined && { site: it.rpId }),
  model: it.aaguid,
  reachedBy: [...it.transports],
  synced: it.backedUp,
  ...(it.counterMismatchAt !== undefined && { mayBeCopiedSince: timeOf(it.counterMismatchAt) }),
});

const boundDeviceOf = (it: BoundDevice): UserExport['boundDevices'][number] => ({
  ...deviceOf(it),
  application: it.applicationId,
  installation: it.deviceId,
  attested: it.attested,
});

/** What proves the user, by kind, and how many codes stand in for each. */
const factorsIn = async (
  { devices, oathDevices, passkeys, boundDevices }: UserExportPorts['store'],
  userId: string,
) => {
  const [phones, generators, keys, bound, push, oath, webauthn] = await Promise.all([
    devices.ofUser(userId),
    oathDevices.ofUser(userId),
    passkeys.ofUser(userId),
    boundDevices.ofUser(userId),
    devices.countCodes(userId, 'push'),
    devices.countCodes(userId, 'oath'),
    devices.countCodes(userId, 'webauthn'),
  ]);
  return {
    phones: phones.map(phoneOf),
    generators: generators.map((it) => ({ ...deviceOf(it), issuer: it.issuer })),
    passkeys: keys.map(passkeyOf),
    boundDevices: bound.map(boundDeviceOf),
    recoveryCodes: { push, oath, webauthn },
  };
};

const sessionOf = (it: Session): UserExport['sessions'][number] => ({
  startedAt: timeOf(it.createdAt),
  lastUsedAt: timeOf(it.lastUsedAt),
  endsAt: timeOf(Math.min(it.lastUsedAt + it.maxIdleMillis, it.maxExpiresAt)),
  properties: it.properties,
});

const requestOf = ({ id, deviceUuid, state, reason, createdAt, expiresAt, answeredAt }: KeptMessage) => ({
  id,
  phone: deviceUuid,
  state,
  ...(reason !== undefined && { reason }),
  sentAt: timeOf(createdAt),
  expiresAt: timeOf(expiresAt),
  ...(answeredAt !== undefined && { answeredAt: timeOf(answeredAt) }),
});

const activityOf = ({ at, event, outcome, journey, nodeType, userId, detail = {} }: AuditEvent) => {
  const { by, ...others } = detail;
  return {
    at: timeOf(at),
    event,
    ...(outcome !== undefined && { outcome }),
    ...(journey !== undefined && { journey }),
    ...(nodeType !== undefined && { node: nodeType }),
    byAdministrator: by !== undefined && by !== userId,
    ...(Object.keys(others).length > 0 && { detail: others }),
  };
};

const applicationsOf = async (
  { grants, consents }: UserExportPorts['store'],
  { id: userId, credentialRev }: Identity,
  now: number,
): Promise<UserExport['applications']> => {
  const [held, agreed] = await Promise.all([
    grants.heldOf({ userId, credentialRev }, { now, limit: MAX_OF_LIST }),
    consents.ofUser(userId, { limit: MAX_OF_LIST }),
  ]);
  const clients = [...new Set([...held, ...agreed].map(({ clientId }) => clientId))].sort();
  return clients.map((client) => {
    const tokens = held.find(({ clientId }) => clientId === client);
    const consent = agreed.find(({ clientId }) => clientId === client);
    return {
      client,
      scopes: [...new Set([...(tokens?.scopes ?? []), ...(consent?.scopes ?? [])])],
      ...(tokens !== undefined && {
        grantedAt: timeOf(tokens.since),
        lastUsedAt: timeOf(tokens.lastUsedAt),
        expiresAt: timeOf(tokens.expiresAt),
      }),
    };
  });
};

const countersIn = async ({ throttles }: UserExportPorts['store'], user: Identity, now: number) =>
  (await throttles.get(countersOfUser(user))).map(({ subject, hits, lockedUntil }) => ({
    kind: subject.slice(0, subject.indexOf(':')),
    at: hits.map(timeOf),
    ...(lockedUntil > now && { lockedUntil: timeOf(lockedUntil) }),
  }));

/** All that is kept of a user, signed by the realm. `maxLines` bounds the trail alone. */
export const exportUser = async (
  { store, keys, publicUrl, clock }: UserExportPorts,
  user: Identity,
  maxLines: number,
): Promise<SignedUserExport> => {
  const { id, realm, username, active, attributes, entryId } = user;
  const now = clock.now();
  const { [PROFILES_ATTRIBUTE]: profiles, ...shown } = shownAttributes(user);
  const [factors, sessions, messages, notices, lines, hash, applications, counters] = await Promise.all([
    factorsIn(store, id),
    store.sessions.ofUser(id, now),
    store.messages.ofUser(id, MAX_OF_LIST),
    store.outbox.ofUser(id, MAX_OF_LIST),
    store.audit.ofUser(id, maxLines + 1),
    store.identities.passwordHash(id),
    applicationsOf(store, user, now),
    countersIn(store, user, now),
  ]);
  const document: UserExport = {
    format: 'assent-user-export/1',
    issuer: issuerOf(publicUrl, realm),
    createdAt: timeOf(now),
    user: {
      id,
      username,
      realm,
      active,
      attributes: Object.fromEntries(Object.entries(shown).map(([name, values]) => [name, [...values]])),
      hasPassword: hash !== undefined,
      securityQuestions: [...SECRET_ATTRIBUTES].reduce((sum, name) => sum + (attributes[name]?.length ?? 0), 0),
      directory: entryId !== undefined,
    },
    phones: factors.phones,
    generators: factors.generators,
    passkeys: factors.passkeys,
    boundDevices: factors.boundDevices,
    browsers: savedProfiles(profiles).map((it) => ({ ...it })),
    recoveryCodes: factors.recoveryCodes,
    sessions: sessions.map(sessionOf),
    applications,
    requests: messages.map(requestOf),
    notices: notices.map(({ kind, tries, deadAt }) => ({
      kind,
      tries,
      ...(deadAt !== undefined && { gaveUpAt: timeOf(deadAt) }),
    })),
    counters,
    activity: lines.slice(0, maxLines).map(activityOf),
    activityIsCut: lines.length > maxLines,
  };
  const key = await keys.active(realm, 'ES256');
  return { ...document, signature: await detachedSignature(key, EXPORT_TYPE, canonicalJson(document)) };
};
