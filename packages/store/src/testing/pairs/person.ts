import type { StoreChange } from '../../ports/store.ts';
import {
  activeGrant,
  approvedBy,
  auditEvent,
  backChannelRow,
  boundRow,
  codeRow,
  deviceRow,
  journeyRow,
  messageRow,
  NOW,
  newUser,
  oathRow,
  outboxEntry,
  passkeyRow,
  pendingRow,
  proposalRow,
  sessionRow,
} from '../rows.ts';

/** Stands in all that is personal of a person, so that it is found wherever something of it is left. */
export const CANARY = 'Kanarienvogel';

/** Longer than a page of a database, so that it stands in pages of its own. */
const LONG = `${CANARY} `.repeat(700);

const mark = { address: `192.0.2.7 ${CANARY}`, userAgent: CANARY };
const journey = journeyRow({ state: `{}\n${JSON.stringify({ shared: { username: CANARY } })}` });

/** All kinds of rows that a store keeps of a person: what is there of somebody who is in the middle of everything. */
export const personalRows = (): readonly StoreChange[] => [
  {
    ...newUser({ username: CANARY }),
    attributes: { mail: [`${CANARY}@example.com`], cn: [CANARY], deviceProfiles: [LONG] },
  },
  { type: 'device.insert', row: deviceRow({ username: CANARY, deviceName: `Phone of ${CANARY}` }), maxDevices: 5 },
  { type: 'oath.insert', row: oathRow({ username: CANARY, deviceName: CANARY }), maxDevices: 5 },
  {
    type: 'passkey.insert',
    row: passkeyRow({ username: CANARY, deviceName: `Key of ${CANARY}`, userHandle: CANARY }),
    maxDevices: 5,
  },
  { type: 'bound.insert', row: boundRow({ username: CANARY, deviceName: `App of ${CANARY}` }), maxDevices: 5 },
  { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow()] },
  { type: 'session.insert', row: sessionRow({ username: CANARY, properties: { Host: CANARY, note: LONG } }) },
  { type: 'journey.insert', row: journey },
  { type: 'push.open', rows: [messageRow({ username: CANARY })] },
  { type: 'push.close', request: 'AUTHENTICATE:1', reason: 'exit' },
  { type: 'push.open', rows: [messageRow({ id: 'AUTHENTICATE:2', username: CANARY })] },
  { type: 'backChannel.open', row: backChannelRow({ data: CANARY }) },
  { type: 'grant.open', row: activeGrant({ claims: { userinfo: { mail: { value: CANARY } } } }) },
  { type: 'pendingApproval.open', row: pendingRow(), now: NOW },
  {
    type: 'pendingApproval.decide',
    idHash: 'device-code-1',
    now: NOW,
    approved: approvedBy({ userId: 'user-1', sid: 'sid-1' }),
  },
  { type: 'consent.save', row: { realm: '/alpha', userId: 'user-1', clientId: 'app', scopes: ['a'] } },
  { type: 'proposal.put', row: proposalRow({ proposer: 'user-1', document: CANARY }), now: NOW },
  { type: 'outbox.put', entry: outboxEntry({ userId: 'user-1', payload: CANARY }) },
  { type: 'throttle.put', row: { subject: 'password:user-1', hits: [NOW], lockedUntil: 0, rev: 0 } },
  ...[1, 2].map(() => ({ type: 'audit.append', event: auditEvent({ userId: 'user-1', detail: mark }) }) as const),
  { type: 'audit.append', event: auditEvent({ userId: 'user-1', detail: { note: LONG } }) },
  // What has taken the place of something else: of that nothing is to be left, either.
  { type: 'identity.attributes', id: 'user-1', seenRev: 1, attributes: { deviceProfiles: ['short'], sn: [CANARY] } },
  { type: 'device.update', row: deviceRow({ username: CANARY, deviceName: 'Renamed' }) },
  { type: 'passkey.update', row: passkeyRow({ deviceName: 'Renamed' }) },
  { type: 'bound.update', row: boundRow({ deviceName: 'Renamed' }) },
  { type: 'session.properties', tokenHash: 'token-1', properties: { note: 'short' } },
];

export const erasePerson = (): readonly StoreChange[] => [
  { type: 'identity.erase', id: 'user-1', realm: '/alpha', at: NOW, journeys: [journey.id] },
  { type: 'audit.erase', userId: 'user-1' },
  { type: 'audit.append', event: auditEvent({ event: 'ERASE', userId: 'user-1', detail: { by: 'command line' } }) },
];
