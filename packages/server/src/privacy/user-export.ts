import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, type Identity, SECRET_ATTRIBUTES, type Session, shownAttributes } from '@assent/engine';
import type { AuditEvent, AuditReader } from '@assent/engine/host';
import { PROFILES_ATTRIBUTE, savedProfiles } from '@assent/nodes';
import { detachedSignature, type SigningKeys } from '@assent/oidc';
import type { BoundDevice, KeptMessage, OathDevice, Passkey, PushDevice } from '@assent/push';
import { countersOfUser, type Store } from '@assent/store';
import { JsonText } from '@assent/wire';
import { issuerOf } from '../realms/issuer.ts';
import { canonicalJson, canonicalObject } from './canonical-json.ts';
import type { UserExport } from './export-document.ts';

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

/** How much of the audit log an export has, in rows and in characters of JSON. */
export interface ExportBounds {
  readonly rows: number;
  readonly characters: number;
}

/** Of an export over HTTP, which is made in memory; the command line has no such bound. */
export const SENT_BOUNDS: ExportBounds = Object.freeze({ rows: 20_000, characters: 4 * 1_024 * 1_024 });

/** What is read and written in one turn of the event loop. */
const ROWS_AT_ONCE = 250;

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

/** The audit log of a user as canonical JSON, read page by page: other requests have their turns between two pages. */
const activityIn = async (
  audit: Pick<AuditReader, 'page'>,
  userId: string,
  bounds: ExportBounds,
): Promise<{ readonly text: string; readonly isCut: boolean }> => {
  const texts: string[] = [];
  let rows = 0;
  let characters = 0;
  let before: string | undefined;
  do {
    const query = { since: 0, limit: ROWS_AT_ONCE, ...(before !== undefined && { before }) };
    const { events, next } = await audit.page(userId, query);
    const written: string[] = [];
    for (const event of events) {
      const text = canonicalJson(activityOf(event));
      rows += 1;
      characters += text.length + 1;
      if (rows > bounds.rows || characters > bounds.characters)
        return { text: `[${[...texts, ...written].join(',')}]`, isCut: true };
      written.push(text);
    }
    if (written.length > 0) texts.push(written.join(','));
    before = next;
  } while (before !== undefined);
  return { text: `[${texts.join(',')}]`, isCut: false };
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

/** All that is kept of a user, signed by the realm, as a JSON text: the audit log in it is never there as objects. */
export const exportUser = async (
  { store, keys, publicUrl, clock }: UserExportPorts,
  user: Identity,
  bounds: ExportBounds,
): Promise<JsonText> => {
  const { id, realm, username, active, attributes, entryId } = user;
  const now = clock.now();
  const { [PROFILES_ATTRIBUTE]: profiles, ...shown } = shownAttributes(user);
  const [factors, sessions, messages, notices, hash, applications, counters] = await Promise.all([
    factorsIn(store, id),
    store.sessions.ofUser(id, now),
    store.messages.ofUser(id, MAX_OF_LIST),
    store.outbox.ofUser(id, MAX_OF_LIST),
    store.identities.passwordHash(id),
    applicationsOf(store, user, now),
    countersIn(store, user, now),
  ]);
  const activity = await activityIn(store.audit, id, bounds);
  const document: Omit<UserExport, 'activity'> = {
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
    activityIsCut: activity.isCut,
  };
  const key = await keys.active(realm, 'ES256');
  const members = Object.entries(document).map(([name, value]) => [name, canonicalJson(value)] as const);
  const signed = canonicalObject([...members, ['activity', activity.text]]);
  // Some megabytes were put together, and are encoded next.
  await nextTurn();
  const signature = await detachedSignature(key, EXPORT_TYPE, signed);
  const others = JSON.stringify(document).slice(1, -1);
  return new JsonText(`{${others},"activity":${activity.text},"signature":${JSON.stringify(signature)}}`);
};
