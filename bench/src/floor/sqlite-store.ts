import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import type {
  Changes,
  Counter,
  Device,
  FloorStore,
  Journey,
  JourneyState,
  Message,
  MessageSecrets,
  MessageState,
  RequestStatus,
  User,
} from './store.ts';

const SCHEMA = `
PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000;
CREATE TABLE identity (id TEXT PRIMARY KEY, username TEXT NOT NULL, hash TEXT, credential_rev INT NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX identity_name ON identity (username);
CREATE TABLE device (
  uuid TEXT PRIMARY KEY, user_id TEXT NOT NULL, mechanism_uid TEXT NOT NULL, sealed BLOB NOT NULL, last_access_at INT NOT NULL
) WITHOUT ROWID;
CREATE INDEX device_user ON device (user_id);
CREATE INDEX device_mechanism ON device (mechanism_uid);
CREATE TABLE throttle (
  subject TEXT PRIMARY KEY, hits TEXT NOT NULL, last_hit_hour INT NOT NULL, locked_until INT NOT NULL, rev INT NOT NULL
) WITHOUT ROWID;
CREATE INDEX throttle_idle ON throttle (last_hit_hour);
CREATE TABLE journey_session (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, tree TEXT NOT NULL, tree_version INT NOT NULL, nonce TEXT NOT NULL,
  expires_at INT NOT NULL, ended INT NOT NULL, state BLOB, last_nonce TEXT, last_digest TEXT, last_at INT
) WITHOUT ROWID;
CREATE INDEX journey_session_expiry ON journey_session (expires_at);
CREATE TABLE push_message (
  id TEXT PRIMARY KEY, request TEXT NOT NULL, realm TEXT NOT NULL, user_id TEXT NOT NULL, journey_id TEXT NOT NULL,
  device_uuid TEXT NOT NULL, sealed BLOB NOT NULL, state TEXT NOT NULL, created_at INT NOT NULL, expires_at INT NOT NULL,
  attempts INT NOT NULL, answered_at INT, answer_hash TEXT, is_open INT NOT NULL
);
CREATE INDEX push_message_sibling ON push_message (request) WHERE request <> id;
CREATE INDEX push_message_open ON push_message (user_id) WHERE is_open = 1;
CREATE INDEX push_message_expiry ON push_message (expires_at);
CREATE TABLE session (
  token_hash BLOB PRIMARY KEY, handle TEXT NOT NULL, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  properties TEXT NOT NULL, created_at INT NOT NULL, last_used_at INT NOT NULL, max_expires_at INT NOT NULL,
  max_idle_millis INT NOT NULL, expires_at INT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_user ON session (user_id);
CREATE INDEX session_expiry ON session (expires_at);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at INT NOT NULL, event TEXT NOT NULL, realm TEXT NOT NULL, transaction_id TEXT NOT NULL,
  user_id TEXT, journey TEXT, outcome TEXT, detail TEXT
);
CREATE INDEX audit_user ON audit (user_id, id) WHERE user_id IS NOT NULL;
`;

const HOUR = 3_600_000;
const MAX_OPENED = 2_000;

/** AES-256-GCM: nonce, tag, text, bound to its row (design.md §3 decision 13). */
const sealer = (bytes: Buffer) => {
  const key = createSecretKey(bytes);
  const prefix = randomBytes(8);
  let count = 0;
  return {
    seal(place: string, plain: string | Buffer): Buffer {
      const text = typeof plain === 'string' ? Buffer.from(plain) : plain;
      const sealed = Buffer.allocUnsafe(28 + text.length);
      sealed.set(prefix);
      count += 1;
      sealed.writeUInt32BE(count, 8);
      const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
      cipher.setAAD(Buffer.from(place));
      sealed.set(cipher.update(text), 28);
      cipher.final();
      sealed.set(cipher.getAuthTag(), 12);
      return sealed;
    },
    open(place: string, sealed: Buffer): Buffer {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(sealed.subarray(12, 28));
      const plain = decipher.update(sealed.subarray(28));
      decipher.final();
      return plain;
    },
  };
};

/** The last values that were sealed, as they were: what a poll would open again and again (ADR 29). */
class Opened<T> extends Map<string, T> {
  override set(key: string, value: T): this {
    if (this.size >= MAX_OPENED) this.clear();
    return super.set(key, value);
  }
}

type DeviceRow = [uuid: string, userId: string, mechanismUid: string, sealed: Buffer];
type StatusRow = [id: string, userId: string, journeyId: string, device: string, state: MessageState, expiry: number];
type MessageRow = [...StatusRow, string, Buffer, number, number, number | null, string | null];

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
  const MESSAGE = `${STATUS}, request, sealed, created_at, attempts, answered_at, answer_hash`;
  const selectUser = read<[string, string, number, ...DeviceRow]>(
    `SELECT i.id, hash, credential_rev, uuid, user_id, mechanism_uid, sealed
     FROM identity i LEFT JOIN device d ON d.user_id = i.id WHERE username = ?`,
  );
  const selectUsable = read<[number]>('SELECT credential_rev FROM identity WHERE id = ?');
  const selectDevice = read<DeviceRow>(`SELECT ${DEVICE} FROM device WHERE uuid = ?`);
  const selectMechanism = read<DeviceRow>(`SELECT ${DEVICE} FROM device WHERE mechanism_uid = ?`);
  const selectCounters = read<[string, string, number, number]>(
    'SELECT subject, hits, locked_until, rev FROM throttle WHERE subject IN (?, ?, ?)',
  );
  const selectLock = read<[number]>('SELECT locked_until FROM throttle WHERE subject = ?');
  const selectJourney = read<[string, number, number, Buffer | null, string | null, string | null, number | null]>(
    'SELECT nonce, expires_at, ended, state, last_nonce, last_digest, last_at FROM journey_session WHERE id = ?',
  );
  const selectMessage = read<MessageRow>(`SELECT ${MESSAGE} FROM push_message WHERE id = ?`);
  const selectRequest = read<StatusRow>(
    `SELECT ${STATUS} FROM push_message WHERE id = ? AND request = id
     UNION ALL SELECT ${STATUS} FROM push_message WHERE request = ? AND request <> id`,
  );
  const selectRinging = read<MessageRow>(
    `SELECT ${MESSAGE} FROM push_message WHERE user_id = ? AND is_open = 1 AND state = 'pending' AND device_uuid = ?`,
  );
  const selectRung = read<StatusRow>(
    `SELECT ${STATUS} FROM push_message WHERE user_id = ? AND is_open = 1 AND state = 'pending'`,
  );
  const insertUser = write('INSERT INTO identity VALUES (?, ?, ?, ?)');
  const insertDevice = write('INSERT INTO device VALUES (?, ?, ?, ?, 0)');
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
    `INSERT INTO journey_session VALUES (?, '/', 'BenchPush', 1, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const endJourney = write(
    `UPDATE journey_session SET ended = 1, state = NULL, last_nonce = NULL, last_digest = NULL, last_at = NULL
     WHERE id = ? AND nonce = ? AND ended = 0`,
  );
  const insertMessage = write(`INSERT INTO push_message VALUES (?, ?, '/', ?, ?, ?, ?, ?, ?, ?, 0, NULL, NULL, ?)`);
  const answerMessage = write(
    `UPDATE push_message SET state = ?, answered_at = ?, answer_hash = ? WHERE id = ? AND state = 'pending'`,
  );
  const countBadProof = write(
    `UPDATE push_message SET attempts = attempts + 1, state = CASE WHEN attempts >= 4 THEN 'closed' ELSE state END,
       is_open = attempts < 4 WHERE id = ? AND state = 'pending'`,
  );
  const closeMessage = write('UPDATE push_message SET state = ?, is_open = 0 WHERE id = ? AND state = ?');
  const touchDevice = write('UPDATE device SET last_access_at = ? WHERE uuid = ?');
  const insertSession = write(`INSERT INTO session VALUES (?, ?, '/', ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertAudit = write(
    `INSERT INTO audit (at, event, realm, transaction_id, user_id, journey, outcome, detail)
     VALUES (?, ?, '/', ?, ?, 'BenchPush', ?, ?)`,
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
    const [id, userId, journeyId, deviceUuid, state, expiresAt, request, sealed, createdAt, attempts, at, hash] = row;
    const { challenge, number, jwt } = secretsOf(id, sealed);
    return {
      ...{ id, userId, journeyId, deviceUuid, state, expiresAt, request, createdAt, attempts, challenge, number, jwt },
      answeredAt: at ?? undefined,
      answerHash: hash ?? undefined,
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
    insertJourney({ id, nonce, expiresAt, state, lastNonce, lastDigest, lastAt }) {
      const sealed = state === undefined ? null : seal(`journey\0${id}`, JSON.stringify(state));
      const values = [id, nonce, expiresAt, state === undefined ? 1 : 0, sealed, lastNonce, lastDigest, lastAt];
      if (!insertJourney(...values)) return false;
      if (state !== undefined) states.set(id, state);
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
      return rows.every(({ id, request, userId, journeyId, deviceUuid, state, createdAt, expiresAt, ...rest }) => {
        const { challenge, number, jwt } = rest;
        secrets.set(id, rest);
        const sealed = seal(`message\0${id}`, JSON.stringify({ challenge, number, jwt }));
        const isOpen = state === 'pending' ? 1 : 0;
        return insertMessage(id, request, userId, journeyId, deviceUuid, sealed, state, createdAt, expiresAt, isOpen);
      });
    },
    answer: (id, state, at, answerHash) => answerMessage(state, at, answerHash, id),
    countBadProof: (id) => countBadProof(id),
    consume: (seen) => seen.every(({ id, state }) => closeOne(id, state)),
    touchDevice: (uuid, at) => touchDevice(at, uuid),
    isUsable: (userId, credentialRev) => selectUsable.get(userId)?.[0] === credentialRev,
    insertSession({ tokenHash, handle, userId, username, properties, createdAt, maxExpiresAt, maxIdleMillis }) {
      const expiresAt = Math.min(maxExpiresAt, createdAt + maxIdleMillis);
      const times = [createdAt, createdAt, maxExpiresAt, maxIdleMillis, expiresAt];
      return insertSession(tokenHash, handle, userId, username, properties, ...times);
    },
    audit: ({ at, event, transactionId, userId, outcome, detail }) =>
      insertAudit(at, event, transactionId, userId ?? null, outcome ?? null, detail ?? null),
  };

  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const undo = db.prepare('ROLLBACK');
  type Work = (changes: Changes) => boolean;
  const transact = (works: readonly Work[]): boolean => {
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
  let waiting: { readonly work: Work; readonly done: (committed: boolean) => void }[] = [];
  const flush = (): void => {
    const group = waiting;
    waiting = [];
    const isWhole = transact(group.map(({ work }) => work));
    for (const { work, done } of group) done(isWhole || (group.length > 1 && transact([work])));
  };

  return {
    addUsers(users) {
      transact(
        users.map(({ id, username, hash, credentialRev, devices }) => () => {
          insertUser(id, username, hash, credentialRev);
          return devices.every(({ uuid, mechanismUid, secret }) =>
            insertDevice(uuid, id, mechanismUid, seal(`device\0${uuid}`, secret)),
          );
        }),
      );
    },
    user(username): User | undefined {
      const rows = selectUser.all(username);
      const [first] = rows;
      if (first === undefined) return undefined;
      const [id, hash, credentialRev] = first;
      const devices = rows.flatMap(([, , , ...row]) => (row[0] === null ? [] : deviceOf(row)));
      return { id, username, hash, credentialRev, devices };
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
      const [nonce, expiresAt, , sealed, lastNonce, lastDigest, lastAt] = row;
      const last = { lastNonce: lastNonce ?? '', lastDigest: lastDigest ?? '', lastAt: lastAt ?? 0 };
      return { id, nonce, expiresAt, state: sealed === null ? undefined : stateOf(id, sealed), ...last };
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
    commit(work, done) {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ work, done });
    },
  };
};
