import { createServer } from 'node:http';
import pg from 'pg';
import { startControl } from './control-server.ts';

/**
 * The floor of P6 on PostgreSQL: the round trips of one push login for each request, by the driver alone (docs/adr/0081). As in a login of
 * `BenchPush` there are thirteen reads by key, which share a connection, and three commits of three flights each: BEGIN and locks, writes,
 * COMMIT. The texts are named, rows come as arrays, and what goes in one flight is written at once, as the store does it.
 */
const [port = '', controlPort = '', url = ''] = process.argv.slice(2);
const READS = 13;
const COMMITS = 3;
const LOCKS = 2;
/** Of which half change a row and half make one. */
const WRITES = 6;
const ROWS = 100;
/** As long as a sealed journey. */
const SEALED = Buffer.alloc(1_200, 7);

const settings = { connectionString: url, pipeline: true, query_timeout: 3_000 };
const reads = new pg.Client(settings);
await reads.connect();
const pool = new pg.Pool({ ...settings, max: 10 });

const named = (name: string, text: string) => (values: readonly unknown[]) => ({
  ...{ name, text, values: [...values], rowMode: 'array' as const },
});
const COLUMNS = 'a, b, c, d, e, f, sealed, g, h, i';
const select = named('select', `SELECT ${COLUMNS} FROM floor_row WHERE id = $1`);
const lock = named('lock', 'SELECT a, b, c FROM floor_row WHERE id = $1 FOR NO KEY UPDATE');
const insert = named(
  'insert',
  `INSERT INTO floor_row (id, ${COLUMNS}) VALUES ($1, $2, $2, 1, $2, 2, 3, $3, NULL, NULL, 4)`,
);
const update = named('update', 'UPDATE floor_row SET c = c + 1, d = $2 WHERE id = $1');

await reads.query(`CREATE TABLE floor_row (id TEXT PRIMARY KEY, a TEXT, b TEXT, c BIGINT, d TEXT, e BIGINT, f BIGINT,
  sealed BYTEA, g TEXT, h TEXT, i BIGINT)`);
for (let row = 0; row < ROWS; row += 1) await reads.query(insert([`row${row}`, 'text', SEALED]));

const atOnce = (client: pg.ClientBase, queries: readonly pg.QueryConfig[]): Promise<unknown> => {
  const { stream } = (client as pg.Client).connection;
  stream.cork();
  const sent = queries.map((query) => client.query(query));
  stream.uncork();
  return Promise.all(sent);
};

let isHeld = false;
/** What several logins read in one turn is written at its end. */
const read = (id: string): Promise<unknown> => {
  if (!isHeld) {
    isHeld = true;
    reads.connection.stream.cork();
    setImmediate(() => {
      isHeld = false;
      reads.connection.stream.uncork();
    });
  }
  return reads.query(select([id]));
};

let made = 0;
let login = 0;
const roundTrips = async (): Promise<void> => {
  login += 1;
  const id = `row${login % ROWS}`;
  for (let at = 0; at < READS; at += 1) await read(id);
  for (let commit = 0; commit < COMMITS; commit += 1) {
    const client = await pool.connect();
    await atOnce(client, [{ text: 'BEGIN' }, ...Array.from({ length: LOCKS }, () => lock([id]))]);
    await atOnce(
      client,
      Array.from({ length: WRITES }, (_, at) =>
        at % 2 === 0 ? update([id, 'changed']) : insert([`made${made++}`, 'text', SEALED]),
      ),
    );
    await client.query('COMMIT');
    client.release();
  }
};

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.from(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
  await roundTrips();
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
  response.end(body);
});
server.keepAliveTimeout = 0;
server.headersTimeout = 0;
server.requestTimeout = 0;
server.listen(Number(port), '127.0.0.1', () => startControl(Number(controlPort)));
