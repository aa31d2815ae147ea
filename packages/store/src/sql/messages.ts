import { BoundedCache, bytesOfText } from '@assent/engine/host';
import {
  MAX_BAD_PROOFS,
  type MessageReader,
  type MessageSummary,
  type PushEnvelope,
  type PushMessage,
  type RegistrationClaims,
} from '@assent/push';
import type { ChangesOf } from '../ports/store.ts';

import type { Sealer } from '../sealing/sealer.ts';
import type { DataVersion } from '../sqlite/data-version.ts';
import type { Database } from '../sqlite/driver.ts';
import {
  type AnswerableRow,
  MESSAGE_COLUMNS,
  type MessageRow,
  ofRequest,
  POSITION,
  type StateRow,
  type SummaryRow,
} from './message-rows.ts';

/** What a stolen database must not show: the rest of a row is of no use without it. */
interface Sealed {
  readonly challenge: string;
  readonly secret?: string;
  readonly expectedNumber?: number;
  readonly envelope?: PushEnvelope;
}

/** The same, as a message has it. */
type Opened = Pick<PushMessage, 'challenge' | 'secret' | 'expectedNumber' | 'envelope'>;

/** How a request stood, all of it pending, in that version of the data. */
interface Standings {
  readonly messages: readonly MessageSummary[];
  readonly seenIn: number;
}

/** A pending message, and the version of the data in which it was so. */
interface OpenedMessage {
  readonly row: PushMessage;
  seenIn: number | undefined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const isOpen = (state: PushMessage['state']): boolean =>
  state === 'pending' || state === 'approved' || state === 'denied';

/** About what rings at one time on a busy server; some 8 KiB each. They are secrets: what nobody asked for between
 * two sweeps is forgotten. */
const MAX_OPENED_BYTES = 16 * 1_024 * 1_024;
const BYTES_OF_STANDING = 512;
const sizeOf = ({ envelope }: PushMessage): number => 2_048 + bytesOfText(envelope?.jwt ?? '');

/** Of a message that nobody has answered yet. */
const standingAtFirst = ({
  id,
  kind,
  realm,
  userId,
  journeyId,
  deviceUuid,
  pushType,
  state,
  expiresAt,
}: PushMessage): MessageSummary => ({
  id,
  kind,
  realm,
  userId,
  journeyId,
  deviceUuid,
  pushType,
  state,
  expiresAt,
});

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));

export const sqliteMessages = (db: Database, sealer: Sealer, version: DataVersion) => {
  const select = db.prepare<MessageRow>(`SELECT ${MESSAGE_COLUMNS} FROM push_message WHERE id = ?`);
  const selectRequest = db.prepare<SummaryRow>(
    ofRequest(`id, kind, realm, user_id, journey_id, device_uuid, push_type, state, expires_at, answered_at, reason,
      CASE state WHEN 'approved' THEN sealed END, claims, position`),
  );
  const selectStates = db.prepare<StateRow>(ofRequest('id, state'));
  const selectAnswerable = db.prepare<AnswerableRow>(
    'SELECT kind, request, realm, user_id, state, reason, expires_at FROM push_message WHERE id = ?',
  );
  const selectPending = db.prepare<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM push_message
     WHERE user_id = ? AND is_open = 1 AND device_uuid = ? AND state = 'pending' AND kind = 'AUTHENTICATE'
       AND expires_at > ?`,
  );
  const selectUnsent = db.prepare<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM push_message
     WHERE state = 'pending' AND delivery = 'queued' AND created_at < ? AND expires_at > ?
     ORDER BY created_at, id LIMIT ?`,
  );
  const insert = db.prepare(
    `INSERT INTO push_message (${MESSAGE_COLUMNS}, position, is_open)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const selectRinging = db.prepare<[id: string, request: string]>(
    `SELECT id, request FROM push_message
     WHERE user_id = ? AND is_open = 1 AND kind = 'AUTHENTICATE' AND state = 'pending' AND request <> ?`,
  );
  // One row by its id at a time: SQLite changes it where it stands. For a set of rows that an index or a subquery
  // finds, it makes a table of them first, even where there are none.
  const answer = db.prepare(
    'UPDATE push_message SET state = ?, answered_at = ?, answer_hash = ?, reason = ?, claims = ? WHERE id = ?',
  );
  const reopen = db.prepare('UPDATE push_message SET is_open = 1 WHERE id = ?');
  const denyOther = db.prepare(`UPDATE push_message SET state = 'denied', reason = COALESCE(?, reason) WHERE id = ?`);
  const setConsumed = db.prepare(`UPDATE push_message SET state = 'consumed', is_open = 0 WHERE id = ?`);
  const setClosed = db.prepare(`UPDATE push_message SET state = 'closed', reason = ?, is_open = 0 WHERE id = ?`);
  const closeJourney = db.prepare(
    `UPDATE push_message SET state = 'closed', reason = ?, is_open = 0 WHERE journey_id = ? AND is_open = 1`,
  );
  const closeUser = db.prepare(
    `UPDATE push_message SET state = 'closed', reason = ?, is_open = 0 WHERE user_id = ? AND is_open = 1`,
  );
  const closes = `state = 'pending' AND attempts + 1 >= ${MAX_BAD_PROOFS}`;
  const badProof = db.prepare<[request: string]>(
    `UPDATE push_message SET attempts = attempts + 1, state = CASE WHEN ${closes} THEN 'closed' ELSE state END,
       reason = CASE WHEN ${closes} THEN 'attempts' ELSE reason END,
       is_open = CASE WHEN ${closes} THEN 0 ELSE is_open END
     WHERE id = ? RETURNING request`,
  );
  const mark = db.prepare(`UPDATE push_message SET delivery = ? WHERE id = ? AND delivery <> 'shown'`);
  const voidDevice = db.prepare(
    `UPDATE push_message SET state = 'closed', reason = 'removed', is_open = 0
     WHERE user_id = ? AND is_open = 1 AND device_uuid = ? AND state IN ('pending', 'approved')`,
  );
  const deleteUser = db.prepare('DELETE FROM push_message WHERE user_id = ?');
  const sweep = db.prepare(
    'DELETE FROM push_message WHERE id IN (SELECT id FROM push_message WHERE expires_at <= ? LIMIT ?)',
  );
  const deleteRealm = db.prepare('DELETE FROM push_message WHERE realm = ?');

  const placeOf = (id: string, realm: string, userId: string) => ({ table: 'push_message', id, realm, userId });
  const claimsOf = (id: string, realm: string, userId: string) => ({ table: 'push_message.claims', id, realm, userId });

  // What is sealed of a message never changes, so it is kept opened for the phones it rings; the rest of it counts while
  // it was seen in the version of the data that is current.
  const opened = new BoundedCache<OpenedMessage>(MAX_OPENED_BYTES);
  const isRinging = ({ kind, state }: PushMessage): boolean => kind === 'AUTHENTICATE' && state === 'pending';
  const doubt = (id: string): void => {
    const known = opened.get(id);
    if (known !== undefined) known.seenIn = undefined;
  };
  // How requests stand that somebody waits for; nothing of it is sealed. Whatever changes a message forgets it.
  const standings = new BoundedCache<Standings>(MAX_OPENED_BYTES / 4);
  const remember = (request: string, messages: readonly MessageSummary[], seenIn: number): void => {
    if (messages.length > 0 && messages.every(({ state }) => state === 'pending')) {
      standings.put(request, { messages, seenIn }, messages.length * BYTES_OF_STANDING);
    }
  };
  const openSealed = (id: string, realm: string, userId: string, sealed: Uint8Array): Opened | undefined => {
    const known = opened.get(id);
    if (known !== undefined) return known.row;
    const plain = sealer.tryOpen('message', placeOf(id, realm, userId), sealed);
    if (plain === undefined) return undefined;
    const { challenge, secret, expectedNumber, envelope }: Sealed = JSON.parse(plain.toString());
    const value: Writable<Opened> = { challenge: bytesOf(challenge) };
    if (expectedNumber !== undefined) value.expectedNumber = expectedNumber;
    if (envelope !== undefined) value.envelope = envelope;
    if (secret !== undefined) value.secret = bytesOf(secret);
    return value;
  };
  const consumeOne = (id: string): void => {
    opened.forget(id);
    setConsumed.run(id);
  };
  const closeOne = (reason: string, id: string): void => {
    opened.forget(id);
    setClosed.run(reason, id);
  };
  const openClaims = (
    id: string,
    realm: string,
    userId: string,
    claims: Uint8Array,
  ): RegistrationClaims | undefined => {
    const plain = sealer.tryOpen('message', claimsOf(id, realm, userId), claims);
    return plain === undefined ? undefined : JSON.parse(plain.toString());
  };

  const insertRow = (row: PushMessage, position: number): boolean => {
    const sealed: Sealed = {
      challenge: base64(row.challenge),
      ...(row.secret === undefined ? {} : { secret: base64(row.secret) }),
      ...(row.expectedNumber === undefined ? {} : { expectedNumber: row.expectedNumber }),
      ...(row.envelope === undefined ? {} : { envelope: row.envelope }),
    };
    const { id, realm, userId } = row;
    const isInserted =
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
        isOpen(row.state) ? 1 : 0,
      ) === 1;
    if (isInserted && isRinging(row)) opened.put(id, { row, seenIn: version.current() }, sizeOf(row));
    return isInserted;
  };

  const messageOf = (row: MessageRow, seenIn?: number): PushMessage | undefined => {
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
    const whole = openSealed(id, realm, userId, sealed);
    const registered = claims === null ? null : openClaims(id, realm, userId, claims);
    if (whole === undefined || registered === undefined) return undefined;
    const { challenge, secret, expectedNumber, envelope } = whole;
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
      challenge,
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
    if (secret !== undefined) message.secret = secret;
    if (registered !== null) message.claims = registered;
    if (isRinging(message)) opened.put(id, { row: message, seenIn }, sizeOf(message));
    return message;
  };

  /** An answer of which not all can be read decides nothing: without its number, an approve would not need one. */
  const standingOf = (row: SummaryRow): MessageSummary | undefined => {
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
    const standing: Writable<MessageSummary> = {
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
    const registered = claims === null ? null : openClaims(id, realm, userId, claims);
    const whole = sealed === null ? null : openSealed(id, realm, userId, sealed);
    if (registered === undefined || whole === undefined) return undefined;
    if (registered !== null) standing.claims = registered;
    const expectedNumber = whole?.expectedNumber;
    if (expectedNumber !== undefined) standing.expectedNumber = expectedNumber;
    return standing;
  };

  return {
    reader: {
      get: async (id) => {
        const known = opened.get(id);
        if (known?.seenIn !== undefined && known.seenIn === version.current()) return known.row;
        const seenIn = version.known();
        const row = select.get(id);
        return row === undefined ? undefined : messageOf(row, seenIn);
      },
      ofRequest: async (request) => {
        const seenIn = version.current();
        const known = standings.get(request);
        if (known?.seenIn === seenIn) return known.messages;
        const rows = selectRequest.all(request, request);
        const inOrder = rows.length < 2 ? rows : rows.toSorted((a, b) => a[POSITION] - b[POSITION]);
        const messages = inOrder.flatMap((row) => standingOf(row) ?? []);
        remember(request, messages, seenIn);
        return messages;
      },
      pendingFor: async (devices, now) =>
        devices
          .flatMap(({ userId, uuid }) => selectPending.all(userId, uuid, now))
          .flatMap((row) => messageOf(row) ?? [])
          .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)),
      unsent: async (createdBefore, now, limit) =>
        selectUnsent.all(createdBefore, now, limit).flatMap((row) => messageOf(row) ?? []),
    } satisfies MessageReader,
    changes: {
      'push.open': ({ rows }) => {
        for (const { kind, state, userId, request } of rows) {
          if (kind !== 'AUTHENTICATE' || state !== 'pending') continue;
          for (const [id, superseded] of selectRinging.all(userId, request)) {
            standings.forget(superseded);
            closeOne('superseded', id);
          }
        }
        if (!rows.every(insertRow)) return false;
        for (const { request } of rows) standings.forget(request);
        const request = rows[0]?.id ?? '';
        // Only the first message has the id of its request: these are all that there are.
        if (rows.every((row) => row.request === request))
          remember(request, rows.map(standingAtFirst), version.current());
        return true;
      },
      'push.answer': ({ id, state: given, at, answerHash, reason, claims }) => {
        const row = selectAnswerable.get(id);
        if (row === undefined) return false;
        const [kind, request, realm, userId, state, lastReason, expiresAt] = row;
        const others = selectStates.all(request, request).filter(([other]) => other !== id);
        // A deny also counts on a phone whose request was withdrawn because another one approved (design.md §3.3).
        const isWithdrawn = (): boolean =>
          state === 'closed' && lastReason === 'withdrawn' && others.some(([, other]) => other === 'approved');
        const isAnswerable =
          state === 'pending' ? at < expiresAt : given === 'denied' && (state === 'approved' || isWithdrawn());
        if (!isAnswerable) return false;
        standings.forget(request);
        doubt(id);
        const sealed =
          claims === undefined ? null : sealer.seal('message', claimsOf(id, realm, userId), JSON.stringify(claims));
        answer.run(given, at, answerHash, reason ?? null, sealed, id);
        if (state === 'closed') reopen.run(id);
        if (kind !== 'AUTHENTICATE') return true;
        for (const [other, state] of others) {
          if (state === 'pending') closeOne('withdrawn', other);
          if (state === 'approved' && given === 'denied') {
            doubt(other);
            denyOther.run(reason ?? null, other);
          }
        }
        return true;
      },
      'push.badProof': ({ id }) => {
        doubt(id);
        const row = badProof.get(id);
        if (row !== undefined) standings.forget(row[0]);
        return true;
      },
      'push.consume': ({ request, state: wanted }) => {
        const rows = selectStates.all(request, request);
        if (!rows.some(([, state]) => state === wanted)) return false;
        if (wanted === 'approved' && rows.some(([, state]) => state === 'denied')) return false;
        standings.forget(request);
        for (const [id, state] of rows) {
          if (state === 'pending') closeOne('withdrawn', id);
          else if (isOpen(state)) consumeOne(id);
        }
        return true;
      },
      'push.close': ({ request, reason }) => {
        standings.forget(request);
        for (const [id, state] of selectStates.all(request, request)) if (isOpen(state)) closeOne(reason, id);
        return true;
      },
      'push.closeJourney': ({ journeyId, reason }) => {
        if (closeJourney.run(reason, journeyId) > 0) version.distrust();
        return true;
      },
      'push.closeUser': ({ userId, reason }) => {
        if (closeUser.run(reason, userId) > 0) version.distrust();
        return true;
      },
      'push.delivery': ({ marks }) => {
        for (const { id, delivery } of marks) {
          doubt(id);
          mark.run(delivery, id);
        }
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
      if (voidDevice.run(userId, deviceUuid) > 0) version.distrust();
    },
    deleteUser: (userId: string) => {
      if (deleteUser.run(userId) > 0) version.distrust();
    },
    sweep: (expiredBy: number, limit: number) => {
      opened.age();
      standings.age();
      const swept = sweep.run(expiredBy, limit);
      if (swept > 0) version.distrust();
      return swept;
    },
    deleteRealm: (realm: string) => {
      if (deleteRealm.run(realm) > 0) version.distrust();
    },
  };
};
