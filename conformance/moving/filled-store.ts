import { openSqlite } from '../faults/servers/stored.ts';

/** How many rows each person has, in all tables together. */
const ROWS_OF_ONE = 10;

/** Text of that many bytes, and bytes, other ones in each row. */
const text = (bytes: number): string => `hex(randomblob(${bytes / 2}))`;
const blob = (bytes: number): string => `randomblob(${bytes})`;

/** Rows as large as those of people who use the server (operations §10), for the people `i` of a series; their ids are not in ASCII alone. */
const TABLES: readonly string[] = [
  `identity (id, realm, username, folded, active, hash, attributes, rev)
   SELECT 'ü-' || i, '/', 'moved' || i, 'moved' || i, 1, ${text(96)}, '{"mail":["' || i || '@example.com"],"sn":["Nañe ' || i % 1000 || '"]}', 1`,
  `identity_value (user_id, realm, name, folded) SELECT 'ü-' || i, '/', 'mail', i || '@example.com'`,
  `identity_value (user_id, realm, name, folded) SELECT 'ü-' || i, '/', 'sn', 'nañe ' || i % 1000`,
  `device (uuid, realm, user_id, username, device_name, issuer, sealed, mechanism_uid, device_type, communication_type, created_at,
     last_access_at, refresh_hashes, rev)
   SELECT 'device-' || i, '/', 'ü-' || i, 'moved' || i, 'A phone', 'Assent', ${blob(240)}, ${text(32)}, 'android', 'gcm', i, i, '[]', 1`,
  `recovery_code (id, realm, user_id, device_type, selector, hash) SELECT 'one-' || i, '/', 'ü-' || i, 'push', ${text(8)}, ${text(64)}`,
  `recovery_code (id, realm, user_id, device_type, selector, hash) SELECT 'two-' || i, '/', 'ü-' || i, 'push', ${text(8)}, ${text(64)}`,
  `session (token_hash, handle, realm, user_id, username, properties, created_at, last_used_at, max_expires_at, max_idle_millis, expires_at,
     sid, has_webhooks, strength)
   SELECT ${text(64)}, '', '/', 'ü-' || i, 'moved' || i, '{"AuthLevel":"0","Service":"' || ${text(200)} || '"}', i, i, 9999999999999, 1800000, 9999999999999,
     ${text(32)}, 0, 0`,
  `journey_session (id, realm, tree, tree_version, nonce, expires_at, ended, state)
   SELECT 'journey-' || i, '/', 'PushLogin', 1, ${text(32)}, 9999999999999, 0, ${blob(1_300)}`,
  `push_message (id, kind, request, position, realm, user_id, username, journey_id, device_uuid, mechanism_uid, sealed, push_type, state,
     created_at, expires_at, attempts, delivery)
   SELECT 'AUTHENTICATE:' || i, 'AUTHENTICATE', '', 0, '/', 'ü-' || i, 'moved' || i, 'journey-' || i, 'device-' || i, ${text(32)}, ${blob(900)},
     'DEFAULT', 'pending', i, 9999999999999, 0, ''`,
  `audit (at, event, realm, transaction_id, user_id, detail) SELECT 1800000000000 + i, 'AM-LOGIN-COMPLETED', '/', ${text(36)}, 'ü-' || i, '{"n":' || i || '}'`,
];

/** Adds rows to a database that a server has made, and that nobody has open. */
export const fillStore = (file: string, rows: number): void => {
  const people = Math.ceil(rows / ROWS_OF_ONE);
  const series = `FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${people}) SELECT i FROM n)`;
  const db = openSqlite(file);
  try {
    db.exec(`BEGIN; ${TABLES.map((table) => `INSERT INTO ${table} ${series};`).join('\n')} COMMIT`);
  } finally {
    db.close();
  }
};
