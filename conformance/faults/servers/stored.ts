import { createRequire } from 'node:module';
import pg from 'pg';
import type { Stored, StoredMessage } from '../history.ts';

type Row = Readonly<Record<string, unknown>>;

/** Reads the rows of a database, from beside the server and by no line of its own. */
export type ReadRows = (sql: string) => Promise<readonly Row[]>;

export const readPostgres =
  (url: string): ReadRows =>
  async (sql) => {
    const client = new pg.Client(url);
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  };

type Native = new (
  file: string,
) => {
  prepare(sql: string): { all(): readonly Row[]; iterate(): Iterable<Row> };
  exec(sql: string): void;
  close(): void;
};

/** SQLite by whichever driver this Node has; `exec` holds a lock of one's own. */
export const openSqlite = (file: string): InstanceType<Native> => {
  const require = createRequire(import.meta.url);
  // The floor is Node 20, which has none of its own, and whose types do not know the module.
  if (Number.parseInt(process.versions.node, 10) < 22) return new (require('better-sqlite3') as Native)(file);
  return new (require('node:sqlite') as { readonly DatabaseSync: Native }).DatabaseSync(file);
};

export const readSqlite =
  (file: string): ReadRows =>
  async (sql) => {
    const database = openSqlite(file);
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  };

/** What the checker compares with what was told. */
export const readStored = async (rows: ReadRows, mails: Stored['mails']): Promise<Stored> => {
  const sessions = await rows('SELECT token_hash, username FROM session');
  const messages = await rows('SELECT id, state, reason FROM push_message');
  const devices = await rows('SELECT username, mechanism_uid FROM device WHERE pending_until IS NULL');
  const codes = await rows(
    `SELECT identity.username AS username, COUNT(*) AS many FROM recovery_code JOIN identity ON identity.id = recovery_code.user_id
     GROUP BY identity.username`,
  );
  const trail = await rows(
    `SELECT transaction_id, event, COUNT(*) AS many FROM audit WHERE event IN ('SESSION_CREATE', 'PUSH_DENIED', 'MAIL')
     GROUP BY transaction_id, event`,
  );
  return {
    mails,
    sessions: new Map(sessions.map((it) => [String(it.token_hash), String(it.username)])),
    messages: new Map(
      messages.map((it): [string, StoredMessage] => [
        String(it.id),
        { state: String(it.state), reason: it.reason === null ? null : String(it.reason) },
      ]),
    ),
    devices: devices.map((it) => ({ user: String(it.username), phone: String(it.mechanism_uid) })),
    codes: new Map(codes.map((it) => [String(it.username), Number(it.many)])),
    trail: new Map(trail.map((it) => [`${it.transaction_id} ${it.event}`, Number(it.many)])),
  };
};
