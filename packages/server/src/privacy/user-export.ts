import { type Clock, type Identity, SECRET_ATTRIBUTES, type Session, shownAttributes } from '@assent/engine';
import type { AuditEvent, AuditReader, OutboxSummary } from '@assent/engine/host';
import type { BoundDevice, OathDevice, Passkey } from '@assent/factors';
import { PROFILES_ATTRIBUTE, savedProfiles } from '@assent/nodes';
import { detachedSignature, type SigningKeys } from '@assent/oidc';
import type { KeptMessage, PushDevice } from '@assent/push';
import { canonicalJson, canonicalObject, countersOfUser, type Store } from '@assent/store';
import { JsonText } from '@assent/wire';
import { issuerOf } from '../realms/issuer.ts';
import { type ApplicationOfUser, applicationsOfUser } from './applications-of-user.ts';
import type { UserExport } from './export-document.ts';
import { Turns, WrittenList } from './written-list.ts';

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

/** Of push requests and notices, which are small. */
const MAX_OF_LIST = 10_000;
const MEBI = 1_024 * 1_024;

/** How much an export has of the lists that can be long, in bytes of JSON: it ends them there, and says so. */
export interface ExportBounds {
  readonly sessions: { readonly bytes: number };
  readonly applications: { readonly bytes: number };
  readonly activity: { readonly rows: number; readonly bytes: number };
}

/** Of an export over HTTP, which is made in memory; all of it has room in one answer. The command line has no such bound. */
export const SENT_BOUNDS: ExportBounds = Object.freeze({
  sessions: { bytes: 3 * MEBI },
  applications: { bytes: 3 * MEBI },
  activity: { rows: 20_000, bytes: 4 * MEBI },
});

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

const noticeOf = ({ kind, tries, deadAt }: OutboxSummary) => ({
  kind,
  tries,
  ...(deadAt !== undefined && { gaveUpAt: timeOf(deadAt) }),
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

/** The audit log of a user, read page by page: other requests have their turns between two pages. */
const activityIn = async (
  audit: Pick<AuditReader, 'page'>,
  userId: string,
  { rows, bytes }: ExportBounds['activity'],
  turns: Turns,
): Promise<WrittenList> => {
  const list = new WrittenList(turns, bytes, rows);
  let before: string | undefined;
  do {
    const query = { since: 0, limit: ROWS_AT_ONCE, ...(before !== undefined && { before }) };
    const { events, next } = await audit.page(userId, query);
    for (const event of events) if (!(await list.add(activityOf(event)))) return list;
    before = next;
  } while (before !== undefined);
  return list;
};

/** The newest sessions. No more of them are read than the list may have bytes. */
const sessionsIn = async (
  { sessions }: UserExportPorts['store'],
  userId: string,
  now: number,
  { bytes }: ExportBounds['sessions'],
  turns: Turns,
): Promise<{ readonly list: WrittenList; readonly isCut: boolean }> => {
  const list = new WrittenList(turns, bytes);
  const count = await sessions.countOfUser(userId, now);
  const read = await sessions.ofUser(userId, now, { characters: bytes });
  for (const session of read) if (!(await list.add(sessionOf(session)))) break;
  return { list, isCut: list.length < count };
};

const applicationsIn = async (
  store: UserExportPorts['store'],
  user: Identity,
  now: number,
  { bytes }: ExportBounds['applications'],
  turns: Turns,
): Promise<WrittenList> => {
  const list = new WrittenList(turns, bytes);
  for await (const application of applicationsOfUser(store, user, now))
    if (!(await list.add(applicationOf(application)))) break;
  return list;
};

const applicationOf = ({ client, tokens, consent }: ApplicationOfUser): UserExport['applications'][number] => ({
  client,
  scopes: [...new Set([...(tokens?.scopes ?? []), ...(consent?.scopes ?? [])])],
  ...(consent?.agreedAt !== undefined && { agreedAt: timeOf(consent.agreedAt) }),
  ...(tokens !== undefined && {
    grantedAt: timeOf(tokens.since),
    lastUsedAt: timeOf(tokens.lastUsedAt),
    expiresAt: timeOf(tokens.expiresAt),
  }),
});

const countersIn = async ({ throttles }: UserExportPorts['store'], user: Identity, now: number) =>
  (await throttles.get(countersOfUser(user))).map(({ subject, hits, lockedUntil }) => ({
    kind: subject.slice(0, subject.indexOf(':')),
    at: hits.map(timeOf),
    ...(lockedUntil > now && { lockedUntil: timeOf(lockedUntil) }),
  }));

/** The lists of an export that are read and written in turns. */
type Lists = 'sessions' | 'applications' | 'requests' | 'notices' | 'activity';

/** All that is kept of a user, signed by the realm, as a JSON text. Lists are written item by item, in turns of the event loop. */
export const exportUser = async (
  { store, keys, publicUrl, clock }: UserExportPorts,
  user: Identity,
  bounds: ExportBounds,
): Promise<JsonText> => {
  const { id, realm, username, active, attributes, entryId } = user;
  const now = clock.now();
  const turns = new Turns();
  const { [PROFILES_ATTRIBUTE]: profiles, ...shown } = shownAttributes(user);
  const [factors, hash, counters] = await Promise.all([
    factorsIn(store, id),
    store.identities.passwordHash(id),
    countersIn(store, user, now),
  ]);
  // One after the other, so that no more than one of them is in memory as rows.
  const sessions = await sessionsIn(store, id, now, bounds.sessions, turns);
  const applications = await applicationsIn(store, user, now, bounds.applications, turns);
  const requests = new WrittenList(turns);
  for (const message of await store.messages.ofUser(id, MAX_OF_LIST)) await requests.add(requestOf(message));
  const notices = new WrittenList(turns);
  for (const notice of await store.outbox.ofUser(id, MAX_OF_LIST)) await notices.add(noticeOf(notice));
  const activity = await activityIn(store.audit, id, bounds.activity, turns);
  const document: Omit<UserExport, Lists> = {
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
    sessionsAreCut: sessions.isCut,
    applicationsAreCut: applications.isCut,
    counters,
    activityIsCut: activity.isCut,
  };
  const key = await keys.active(realm, 'ES256');
  await turns.next();
  const members: readonly (readonly [string, string])[] = [
    ...Object.entries(document).map(([name, value]) => [name, canonicalJson(value)] as const),
    ...Object.entries({ sessions: sessions.list, applications, requests, notices, activity } satisfies Record<
      Lists,
      WrittenList
    >).map(([name, list]) => [name, list.text] as const),
  ];
  const signed = canonicalObject(members);
  // Some megabytes were put together, and are encoded next.
  await turns.next();
  const signature = await detachedSignature(key, EXPORT_TYPE, signed);
  const written = members.map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  return new JsonText(`{${written.join(',')},"signature":${JSON.stringify(signature)}}`);
};
