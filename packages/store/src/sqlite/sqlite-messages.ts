import type { MessageReader, MessageStanding, PushEnvelope, PushMessage, RegistrationClaims } from '@assent/push';
import { ATTEMPTS_THAT_CLOSE } from '../message-rules.ts';
import type { Sealer } from '../sealer.ts';
import type { ChangesOf } from '../store.ts';
import type { Database } from './driver.ts';

type Row = readonly [
  id: string,
  kind: PushMessage['kind'],
  request: string,
  realm: string,
  userId: string,
  username: string,
  journeyId: string,
  deviceUuid: string,
  mechanismUid: string,
  sealed: Uint8Array,
  pushType: PushMessage['pushType'],
  state: PushMessage['state'],
  createdAt: number,
  expiresAt: number,
  attempts: number,
  answeredAt: number | null,
  answerHash: string | null,
  claims: Uint8Array | null,
  reason: string | null,
  delivery: PushMessage['delivery'],
];

type StandingRow = readonly [
  id: string,
  kind: PushMessage['kind'],
  realm: string,
  userId: string,
  journeyId: string,
  deviceUuid: string,
  pushType: PushMessage['pushType'],
  state: PushMessage['state'],
  expiresAt: number,
  answeredAt: number | null,
  reason: string | null,
  sealedIfApproved: Uint8Array | null,
  claims: Uint8Array | null,
];

/** What a stolen database must not show: the rest of a row is of no use without it. */
interface Sealed {
  readonly challenge: string;
  readonly secret?: string;
  readonly expectedNumber?: number;
  readonly envelope?: PushEnvelope;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const COLUMNS = `id, kind, request, realm, user_id, username, journey_id, device_uuid, mechanism_uid, sealed, push_type,
  state, created_at, expires_at, attempts, answered_at, answer_hash, claims, reason, delivery`;

const ANSWERED = `answered_at = ?, answer_hash = ?, reason = ?, claims = NULL`;
const RETURNED = 'RETURNING kind, request, realm, user_id';

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));

export const sqliteMessages = (db: Database, sealer: Sealer) => {
  const select = db.prepare<Row>(`SELECT ${COLUMNS} FROM push_message WHERE id = ?`);
  const selectRequest = db.prepare<StandingRow>(
    `SELECT id, kind, realm, user_id, journey_id, device_uuid, push_type, state, expires_at, answered_at, reason,
       CASE state WHEN 'approved' THEN sealed END, claims
     FROM push_message WHERE request = ? ORDER BY position`,
  );
  const selectPending = db.prepare<Row>(
    `SELECT ${COLUMNS} FROM push_message
     WHERE device_uuid = ? AND state = 'pending' AND kind = 'AUTHENTICATE' AND expires_at > ?`,
  );
  const selectUnsent = db.prepare<Row>(
    `SELECT ${COLUMNS} FROM push_message
     WHERE state = 'pending' AND delivery = 'queued' AND created_at < ? AND expires_at > ?
     ORDER BY created_at, id LIMIT ?`,
  );
  const insert = db.prepare(
    `INSERT INTO push_message (${COLUMNS}, position)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const supersede = db.prepare(
    `UPDATE push_message SET state = 'closed', reason = 'superseded'
     WHERE user_id = ? AND kind = 'AUTHENTICATE' AND state = 'pending' AND request <> ?`,
  );
  type Answered = readonly [kind: PushMessage['kind'], request: string, realm: string, userId: string];
  const approve = db.prepare<Answered>(
    `UPDATE push_message SET state = 'approved', ${ANSWERED}
     WHERE id = ? AND state = 'pending' AND expires_at > ? ${RETURNED}`,
  );
  // A deny also counts on a phone whose request was withdrawn because another one approved (design.md §3.3).
  const deny = db.prepare<Answered>(
    `UPDATE push_message SET state = 'denied', ${ANSWERED}
     WHERE id = ? AND (state = 'pending' AND expires_at > ? OR state = 'approved'
       OR state = 'closed' AND reason = 'withdrawn' AND EXISTS (
         SELECT 1 FROM push_message AS other WHERE other.request = push_message.request AND other.state = 'approved'))
     ${RETURNED}`,
  );
  const setClaims = db.prepare('UPDATE push_message SET claims = ? WHERE id = ?');
  const withdrawOthers = db.prepare(
    `UPDATE push_message SET state = 'closed', reason = 'withdrawn' WHERE request = ? AND id <> ? AND state = 'pending'`,
  );
  const denyOthers = db.prepare(
    `UPDATE push_message SET state = 'denied', reason = COALESCE(?, reason)
     WHERE request = ? AND id <> ? AND state = 'approved'`,
  );
  const closes = `state = 'pending' AND attempts + 1 >= ${ATTEMPTS_THAT_CLOSE}`;
  const badProof = db.prepare(
    `UPDATE push_message SET attempts = attempts + 1, state = CASE WHEN ${closes} THEN 'closed' ELSE state END,
       reason = CASE WHEN ${closes} THEN 'attempts' ELSE reason END
     WHERE id = ?`,
  );
  const consume = (condition: string) =>
    db.prepare(
      `UPDATE push_message SET state = CASE WHEN state = 'pending' THEN 'closed' ELSE 'consumed' END,
         reason = CASE WHEN state = 'pending' THEN 'withdrawn' ELSE reason END
       WHERE request = ? AND state IN ('pending', 'approved', 'denied') AND ${condition}`,
    );
  const consumeApproved = consume(
    `EXISTS (SELECT 1 FROM push_message WHERE request = ? AND state = 'approved')
       AND NOT EXISTS (SELECT 1 FROM push_message WHERE request = ? AND state = 'denied')`,
  );
  const consumeDenied = consume(`EXISTS (SELECT 1 FROM push_message WHERE request = ? AND state = 'denied')`);
  const close = (column: 'request' | 'journey_id' | 'user_id') =>
    db.prepare(
      `UPDATE push_message SET state = 'closed', reason = ?
       WHERE ${column} = ? AND state IN ('pending', 'approved', 'denied')`,
    );
  const closeRequest = close('request');
  const closeJourney = close('journey_id');
  const closeUser = close('user_id');
  const mark = db.prepare(`UPDATE push_message SET delivery = ? WHERE id = ? AND delivery <> 'shown'`);
  const voidDevice = db.prepare(
    `UPDATE push_message SET state = 'closed', reason = 'removed'
     WHERE user_id = ? AND device_uuid = ? AND state IN ('pending', 'approved')`,
  );
  const deleteUser = db.prepare('DELETE FROM push_message WHERE user_id = ?');
  const sweep = db.prepare(
    'DELETE FROM push_message WHERE id IN (SELECT id FROM push_message WHERE expires_at <= ? LIMIT ?)',
  );
  const deleteRealm = db.prepare('DELETE FROM push_message WHERE realm = ?');

  const placeOf = (id: string, realm: string, userId: string) => ({ table: 'push_message', id, realm, userId });
  const claimsOf = (id: string, realm: string, userId: string) => ({ table: 'push_message.claims', id, realm, userId });

  const openSealed = (id: string, realm: string, userId: string, sealed: Uint8Array): Sealed =>
    JSON.parse(sealer.open('message', placeOf(id, realm, userId), sealed).toString());
  const openClaims = (id: string, realm: string, userId: string, claims: Uint8Array): RegistrationClaims =>
    JSON.parse(sealer.open('message', claimsOf(id, realm, userId), claims).toString());

  const insertRow = (row: PushMessage, position: number): boolean => {
    const sealed: Sealed = {
      challenge: base64(row.challenge),
      ...(row.secret === undefined ? {} : { secret: base64(row.secret) }),
      ...(row.expectedNumber === undefined ? {} : { expectedNumber: row.expectedNumber }),
      ...(row.envelope === undefined ? {} : { envelope: row.envelope }),
    };
    const { id, realm, userId } = row;
    return (
      insert.run(
        id,
        row.kind,
        row.request,
        realm,
        userId,
        row.username,
        row.journeyId,
        row.deviceUuid,
        row.mechanismUid,
        sealer.seal('message', placeOf(id, realm, userId), JSON.stringify(sealed)),
        row.pushType,
        row.state,
        row.createdAt,
        row.expiresAt,
        row.attempts,
        row.answeredAt ?? null,
        row.answerHash ?? null,
        row.claims === undefined
          ? null
          : sealer.seal('message', claimsOf(id, realm, userId), JSON.stringify(row.claims)),
        row.reason ?? null,
        row.delivery,
        position,
      ) === 1
    );
  };

  const messageOf = (row: Row): PushMessage => {
    const [
      id,
      kind,
      request,
      realm,
      userId,
      username,
      journeyId,
      deviceUuid,
      mechanismUid,
      sealed,
      pushType,
      state,
      createdAt,
      expiresAt,
      attempts,
      answeredAt,
      answerHash,
      claims,
      reason,
      delivery,
    ] = row;
    const { challenge, secret, expectedNumber, envelope } = openSealed(id, realm, userId, sealed);
    const message: Writable<PushMessage> = {
      id,
      kind,
      request,
      realm,
      userId,
      username,
      journeyId,
      deviceUuid,
      mechanismUid,
      challenge: bytesOf(challenge),
      pushType,
      state,
      createdAt,
      expiresAt,
      attempts,
      delivery,
    };
    // One by one: spreads with conditions cost more than the read itself.
    if (expectedNumber !== undefined) message.expectedNumber = expectedNumber;
    if (envelope !== undefined) message.envelope = envelope;
    if (answeredAt !== null) message.answeredAt = answeredAt;
    if (answerHash !== null) message.answerHash = answerHash;
    if (reason !== null) message.reason = reason;
    if (secret !== undefined) message.secret = bytesOf(secret);
    if (claims !== null) message.claims = openClaims(id, realm, userId, claims);
    return message;
  };

  const standingOf = (row: StandingRow): MessageStanding => {
    const [
      id,
      kind,
      realm,
      userId,
      journeyId,
      deviceUuid,
      pushType,
      state,
      expiresAt,
      answeredAt,
      reason,
      sealed,
      claims,
    ] = row;
    const standing: Writable<MessageStanding> = {
      id,
      kind,
      realm,
      userId,
      journeyId,
      deviceUuid,
      pushType,
      state,
      expiresAt,
    };
    if (answeredAt !== null) standing.answeredAt = answeredAt;
    if (reason !== null) standing.reason = reason;
    if (claims !== null) standing.claims = openClaims(id, realm, userId, claims);
    const expectedNumber = sealed === null ? undefined : openSealed(id, realm, userId, sealed).expectedNumber;
    if (expectedNumber !== undefined) standing.expectedNumber = expectedNumber;
    return standing;
  };

  return {
    reader: {
      get: async (id) => {
        const row = select.get(id);
        return row === undefined ? undefined : messageOf(row);
      },
      ofRequest: async (request) => selectRequest.all(request).map(standingOf),
      pendingFor: async (deviceUuids, now) =>
        deviceUuids
          .flatMap((uuid) => selectPending.all(uuid, now))
          .map(messageOf)
          .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)),
      unsent: async (createdBefore, now, limit) => selectUnsent.all(createdBefore, now, limit).map(messageOf),
    } satisfies MessageReader,
    changes: {
      'push.open': ({ rows }) => {
        for (const { kind, state, userId, request } of rows) {
          if (kind === 'AUTHENTICATE' && state === 'pending') supersede.run(userId, request);
        }
        return rows.every(insertRow);
      },
      'push.answer': ({ id, state, at, answerHash, reason, claims }) => {
        const answer = state === 'approved' ? approve : deny;
        const row = answer.get(at, answerHash, reason ?? null, id, at);
        if (row === undefined) return false;
        const [kind, request, realm, userId] = row;
        if (claims !== undefined) {
          const place = claimsOf(id, realm, userId);
          setClaims.run(sealer.seal('message', place, JSON.stringify(claims)), id);
        }
        if (kind === 'AUTHENTICATE') {
          withdrawOthers.run(request, id);
          if (state === 'denied') denyOthers.run(reason ?? null, request, id);
        }
        return true;
      },
      'push.badProof': ({ id }) => {
        badProof.run(id);
        return true;
      },
      'push.consume': ({ request, state }) =>
        (state === 'approved' ? consumeApproved.run(request, request, request) : consumeDenied.run(request, request)) >
        0,
      'push.close': ({ request, reason }) => {
        closeRequest.run(reason, request);
        return true;
      },
      'push.closeJourney': ({ journeyId, reason }) => {
        closeJourney.run(reason, journeyId);
        return true;
      },
      'push.closeUser': ({ userId, reason }) => {
        closeUser.run(reason, userId);
        return true;
      },
      'push.delivery': ({ marks }) => {
        for (const { id, delivery } of marks) mark.run(delivery, id);
        return true;
      },
    } satisfies ChangesOf<
      | 'push.open'
      | 'push.answer'
      | 'push.badProof'
      | 'push.consume'
      | 'push.close'
      | 'push.closeJourney'
      | 'push.closeUser'
      | 'push.delivery'
    >,
    /** Also an approve that no journey has consumed: whoever removes a phone wants no sign-in of it any more (A108). */
    voidDevice: (userId: string, deviceUuid: string) => {
      voidDevice.run(userId, deviceUuid);
    },
    deleteUser: (userId: string) => deleteUser.run(userId),
    sweep: (expiredBy: number, limit: number) => sweep.run(expiredBy, limit),
    deleteRealm: (realm: string) => deleteRealm.run(realm),
  };
};
