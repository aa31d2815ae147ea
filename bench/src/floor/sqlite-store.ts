import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { SCHEMA } from './schema.ts';
import { sealer } from './sealer.ts';
import type {
  Changes,
  Claims,
  Counter,
  Device,
  FloorStore,
  Journey,
  JourneyName,
  JourneyState,
  Message,
  MessageSecrets,
  MessageState,
  RequestStatus,
  User,
} from './store.ts';

const HOUR = 3_600_000;
const MAX_OPENED = 2_000;

/** The last values that were sealed, as they were: what a poll would open again and again (ADR 29). */
class Opened<T> extends Map<string, T> {
  override set(key: string, value: T): this {
    if (this.size >= MAX_OPENED) this.clear();
    return super.set(key, value);
  }
}

type DeviceRow = [uuid: string, userId: string, mechanismUid: string, sealed: Buffer];
type StatusRow = [id: string, userId: string, journeyId: string, device: string, state: MessageState, expiry: number];
type MessageRow = [...StatusRow, string, Buffer, number, number, number | null, string | null, Buffer | null];

/** One file, one writer; commits of one turn of the event loop share a transaction (performance.md §4 rule 13). */
export const floorSqlite = (file: string): FloorStore => {
  const db = new Database(file);
  db.exec(SCHEMA);
  const { seal, open } = sealer(randomBytes(32));
  const states = new Opened<JourneyState>();
  const secrets = new Opened<MessageSecrets>();
  const read = <Row>(sql: string) => db.prepare<unknown[], Row>(sql).raw();
  const write = (sql: string) => {
    const statement = db.prepare(sql);
    return (...values: unknown[]) => statement.run(...values).changes === 1;
  };

  const DEVICE = 'uuid, user_id, mechanism_uid, sealed';
  const STATUS = 'id, user_id, journey_id, device_uuid, state, expires_at';
  const MESSAGE = `${STATUS}, request, sealed, created_at, attempts, answered_at, answer_hash, claims`;
  const selectUser = read<[string, string, number, number, ...DeviceRow]>(
    `SELECT i.id, hash, credential_rev, rev, uuid, user_id, mechanism_uid, sealed
     FROM identity i LEFT JOIN device d ON d.user_id = i.id WHERE username = ?`,
  );
  const selectUsable = read<[number]>('SELECT credential_rev FROM identity WHERE id = ?');
  const selectDevice = read<DeviceRow>(`SELECT ${DEVICE} FROM device WHERE uuid = ?`);
  const selectMechanism = read<DeviceRow>(`SELECT ${DEVICE} FROM device WHERE mechanism_uid = ?`);
  const selectCounters = read<[string, string, number, number]>(
    'SELECT subject, hits, locked_until, rev FROM throttle WHERE subject IN (?, ?, ?)',
  );
  const selectLock = read<[number]>('SELECT locked_until FROM throttle WHERE subject = ?');
  const selectJourney = read<[JourneyName, string, number, Buffer | null, string | null, string | null, number | null]>(
    'SELECT tree, nonce, expires_at, state, last_nonce, last_digest, last_at FROM journey_session WHERE id = ?',
  );
  const selectMessage = read<MessageRow>(`SELECT ${MESSAGE} FROM push_message WHERE id = ?`);
  const selectRequest = read<StatusRow>(
    `SELECT ${STATUS} FROM push_message WHERE id = ? AND request = id
     UNION ALL SELECT ${STATUS} FROM push_message WHERE request = ? AND request <> id`,
  );
  const selectRinging = read<MessageRow>(
    `SELECT ${MESSAGE} FROM push_message WHERE user_id = ? AND is_open = 1 AND state = 'pending' AND kind = 'AUTHENTICATE' AND device_uuid = ?`,
  );
  const selectRung = read<StatusRow>(
    `SELECT ${STATUS} FROM push_message WHERE user_id = ? AND is_open = 1 AND state = 'pending' AND kind = 'AUTHENTICATE'`,
  );
  const insertUser = write("INSERT INTO identity VALUES (?, ?, ?, ?, '{}', ?)");
  const insertDevice = write(
    `INSERT INTO device SELECT ?, ?, ?, ?, ?, 0 WHERE (SELECT COUNT(*) FROM device WHERE user_id = ?) < ?`,
  );
  const updateUser = write('UPDATE identity SET attributes = ?, rev = rev + 1 WHERE id = ? AND rev = ?');
  const deleteValue = write('DELETE FROM identity_value WHERE user_id = ? AND name = ?');
  const insertValue = write(`INSERT INTO identity_value VALUES (?, '/', ?, ?)`);
  const deleteCodes = write(`DELETE FROM recovery_code WHERE user_id = ? AND device_type = 'push'`);
  const insertCode = write(`INSERT INTO recovery_code VALUES (?, 'push', ?, '/', ?)`);
  const insertCounter = write('INSERT INTO throttle VALUES (?, ?, ?, ?, 1) ON CONFLICT DO NOTHING');
  // Setting the hour would write its index each time.
  const updateCounter = write(
    `UPDATE throttle SET hits = ?, locked_until = ?, rev = rev + 1
     WHERE subject = ? AND rev = ? AND last_hit_hour >= ?`,
  );
  const updateHour = write(
    `UPDATE throttle SET hits = ?, locked_until = ?, rev = rev + 1, last_hit_hour = ? WHERE subject = ? AND rev = ?`,
  );
  const clearCounter = write(`UPDATE throttle SET hits = '[]', locked_until = 0, rev = rev + 1 WHERE subject = ?`);
  const insertJourney = write(
    `INSERT INTO journey_session VALUES (?, '/', ?, 1, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const advanceJourney = write(
    `UPDATE journey_session SET nonce = ?, state = ?, last_nonce = ?, last_digest = ?, last_at = ?
     WHERE id = ? AND nonce = ? AND ended = 0`,
  );
  const endJourney = write(
    `UPDATE journey_session SET ended = 1, state = NULL, last_nonce = NULL, last_digest = NULL, last_at = NULL
     WHERE id = ? AND nonce = ? AND ended = 0`,
  );
  const insertMessage = write(
    `INSERT INTO push_message VALUES (?, ?, ?, '/', ?, ?, ?, ?, ?, ?, ?, 0, NULL, NULL, NULL, ?)`,
  );
  const answerMessage = write(
    `UPDATE push_message SET state = ?, answered_at = ?, answer_hash = ?, claims = ? WHERE id = ? AND state = 'pending'`,
  );
  const countBadProof = write(
    `UPDATE push_message SET attempts = attempts + 1, state = CASE WHEN attempts >= 4 THEN 'closed' ELSE state END,
       is_open = attempts < 4 WHERE id = ? AND state = 'pending'`,
  );
  const closeMessage = write('UPDATE push_message SET state = ?, is_open = 0 WHERE id = ? AND state = ?');
  const touchDevice = write('UPDATE device SET last_access_at = ? WHERE uuid = ?');
  const insertSession = write(`INSERT INTO session VALUES (?, ?, ?, '/', ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertAudit = write(
    `INSERT INTO audit (at, event, realm, transaction_id, user_id, journey, outcome, detail)
     VALUES (?, ?, '/', ?, ?, ?, ?, ?)`,
  );

  const deviceOf = ([uuid, userId, mechanismUid, sealed]: DeviceRow): Device => {
    return { uuid, userId, mechanismUid, secret: open(`device\0${uuid}`, sealed) };
  };
  const statusOf = ([id, userId, journeyId, deviceUuid, state, expiresAt]: StatusRow): RequestStatus => {
    return { id, userId, journeyId, deviceUuid, state, expiresAt };
  };
  const secretsOf = (id: string, sealed: Buffer): MessageSecrets =>
    secrets.get(id) ?? (JSON.parse(open(`message\0${id}`, sealed).toString()) as MessageSecrets);
  const messageOf = (row: MessageRow): Message => {
    const [
      id,
      userId,
      journeyId,
      deviceUuid,
      state,
      expiresAt,
      request,
      sealed,
      createdAt,
      attempts,
      at,
      hash,
      claims,
    ] = row;
    const opened = secretsOf(id, sealed);
    return {
      ...{ id, userId, journeyId, deviceUuid, state, expiresAt, request, createdAt, attempts, ...opened },
      answeredAt: at ?? undefined,
      answerHash: hash ?? undefined,
      claims: claims === null ? undefined : (JSON.parse(open(`claims\0${id}`, claims).toString()) as Claims),
    };
  };
  const stateOf = (id: string, sealed: Buffer): JourneyState => {
    const state = states.get(id) ?? (JSON.parse(open(`journey\0${id}`, sealed).toString()) as JourneyState);
    states.set(id, state);
    return state;
  };
  const closeOne = (id: string, from: MessageState): boolean => {
    secrets.delete(id);
    return closeMessage(from === 'pending' ? 'closed' : 'consumed', id, from);
  };

  const insertOne = (row: Message): boolean => {
    const { id, request, userId, journeyId, deviceUuid, state, createdAt, expiresAt, challenge, number, jwt, secret } =
      row;
    const hidden = { challenge, number, jwt, ...(secret !== undefined && { secret }) };
    secrets.set(id, hidden);
    const sealed = seal(`message\0${id}`, JSON.stringify(hidden));
    const kind = secret === undefined ? 'AUTHENTICATE' : 'REGISTER';
    const names = [id, kind, request, userId, journeyId, deviceUuid];
    return insertMessage(...names, sealed, state, createdAt, expiresAt, state === 'pending' ? 1 : 0);
  };
  const insertOneDevice = ({ uuid, userId, mechanismUid, secret }: Device, about: string, most: number): boolean =>
    insertDevice(uuid, userId, mechanismUid, seal(`device\0${uuid}`, secret), about, userId, most);

  const changes: Changes = {
    isUnlocked: (subject, now) => (selectLock.get(subject)?.[0] ?? 0) <= now,
    putCounter({ subject, hits, lockedUntil, rev }) {
      const hour = Math.floor((hits.at(-1) ?? 0) / HOUR);
      const json = JSON.stringify(hits);
      if (rev === 0) return insertCounter(subject, json, hour, lockedUntil);
      return updateCounter(json, lockedUntil, subject, rev, hour) || updateHour(json, lockedUntil, hour, subject, rev);
    },
    clearCounters(subjects) {
      for (const subject of subjects) clearCounter(subject);
      return true;
    },
    insertJourney({ id, journey, nonce, expiresAt, state, lastNonce, lastDigest, lastAt }) {
      const sealed = state === undefined ? null : seal(`journey\0${id}`, JSON.stringify(state));
      const values = [
        id,
        journey,
        nonce,
        expiresAt,
        state === undefined ? 1 : 0,
        sealed,
        lastNonce,
        lastDigest,
        lastAt,
      ];
      if (!insertJourney(...values)) return false;
      if (state !== undefined) states.set(id, state);
      return true;
    },
    advanceJourney({ id, nonce, state, lastNonce, lastDigest, lastAt }, seenNonce) {
      if (state === undefined) return false;
      const sealed = seal(`journey\0${id}`, JSON.stringify(state));
      if (!advanceJourney(nonce, sealed, lastNonce, lastDigest, lastAt, id, seenNonce)) return false;
      states.set(id, state);
      return true;
    },
    endJourney(id, seenNonce) {
      states.delete(id);
      return endJourney(id, seenNonce);
    },
    openMessages(rows, withdrawn) {
      for (const row of selectRung.all(rows[0]?.userId)) {
        const rung = statusOf(row);
        closeOne(rung.id, 'pending');
        withdrawn.push(rung);
      }
      return rows.every(insertOne);
    },
    openRegistration: insertOne,
    answer(id, state, at, answerHash, claims) {
      const sealed = claims === undefined ? null : seal(`claims\0${id}`, JSON.stringify(claims));
      return answerMessage(state, at, answerHash, sealed, id);
    },
    countBadProof: (id) => countBadProof(id),
    consume: (seen) => seen.every(({ id, state }) => closeOne(id, state)),
    addDevice: (device, claims, most) => insertOneDevice(device, JSON.stringify(claims), most),
    setFlag(userId, seenRev, name, value) {
      if (!updateUser(JSON.stringify({ [name]: [value] }), userId, seenRev)) return false;
      deleteValue(userId, name);
      return insertValue(userId, name, value);
    },
    replaceCodes(userId, codes) {
      deleteCodes(userId);
      return codes.every(({ selector, hash }) => insertCode(userId, selector, hash));
    },
    touchDevice: (uuid, at) => touchDevice(at, uuid),
    isUsable: (userId, credentialRev) => selectUsable.get(userId)?.[0] === credentialRev,
    insertSession({ tokenHash, handle, sid, userId, username, properties, createdAt, maxExpiresAt, maxIdleMillis }) {
      const expiresAt = Math.min(maxExpiresAt, createdAt + maxIdleMillis);
      const times = [createdAt, createdAt, maxExpiresAt, maxIdleMillis, expiresAt];
      return insertSession(tokenHash, handle, sid, userId, username, properties, ...times);
    },
    audit: ({ at, event, transactionId, journey, userId, outcome, detail }) =>
      insertAudit(at, event, transactionId, userId ?? null, journey, outcome ?? null, detail ?? null),
  };

  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const undo = db.prepare('ROLLBACK');
  type Work = (changes: Changes) => boolean;
  let isDurable = false;
  const transact = (works: readonly Work[], durable: boolean): boolean => {
    if (durable !== isDurable) db.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
    isDurable = durable;
    begin.run();
    try {
      if (works.every((work) => work(changes))) {
        end.run();
        return true;
      }
    } catch (error) {
      console.error(error);
    }
    undo.run();
    return false;
  };
  let waiting: { readonly work: Work; readonly done: (committed: boolean) => void; readonly durable: boolean }[] = [];
  const flush = (): void => {
    const group = waiting;
    waiting = [];
    const isWhole = transact(
      group.map(({ work }) => work),
      group.some(({ durable }) => durable),
    );
    for (const { work, done, durable } of group) done(isWhole || (group.length > 1 && transact([work], durable)));
  };

  return {
    addUsers(users) {
      const works = users.map(({ id, username, hash, credentialRev, rev, devices }) => () => {
        insertUser(id, username, hash, credentialRev, rev);
        return devices.every((device) => insertOneDevice(device, '{}', devices.length));
      });
      transact(works, false);
    },
    user(username): User | undefined {
      const rows = selectUser.all(username);
      const [first] = rows;
      if (first === undefined) return undefined;
      const [id, hash, credentialRev, rev] = first;
      const devices = rows.flatMap(([, , , , ...row]) => (row[0] === null ? [] : deviceOf(row)));
      return { id, username, hash, credentialRev, rev, devices };
    },
    counters(subjects) {
      const rows = selectCounters.all(subjects[0], subjects[1], subjects[2]);
      return subjects.map((subject): Counter => {
        const [, hits, lockedUntil, rev] = rows.find(([it]) => it === subject) ?? ['', '[]', 0, 0];
        return { subject, hits: JSON.parse(hits) as number[], lockedUntil, rev };
      });
    },
    journey(id): Journey | undefined {
      const row = selectJourney.get(id);
      if (row === undefined) return undefined;
      const [tree, nonce, expiresAt, sealed, lastNonce, lastDigest, lastAt] = row;
      const last = { lastNonce: lastNonce ?? '', lastDigest: lastDigest ?? '', lastAt: lastAt ?? 0 };
      return { id, journey: tree, nonce, expiresAt, state: sealed === null ? undefined : stateOf(id, sealed), ...last };
    },
    message(id) {
      const row = selectMessage.get(id);
      return row && messageOf(row);
    },
    device(uuid) {
      const row = selectDevice.get(uuid);
      return row && deviceOf(row);
    },
    devicesByMechanism: (mechanismUid) => selectMechanism.all(mechanismUid).map(deviceOf),
    request: (id) => selectRequest.all(id, id).map(statusOf),
    ringing: ({ uuid, userId }) => selectRinging.all(userId, uuid).map(messageOf),
    commit(work, done, durable = false) {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ work, done, durable });
    },
  };
};
