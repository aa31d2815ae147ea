import pg from 'pg';
import { StoreUnavailable } from '../ports/store.ts';
import type { Call } from '../sql/verbs/verb.ts';
import type { DatabaseAddress } from './database-url.ts';
import { DatabaseFailure } from './failures.ts';
import { sendStatement } from './statement-query.ts';
import { parserOf } from './value-parsers.ts';

export interface ConnectionOptions extends DatabaseAddress {
  /** Asked at each connect, so that a new password needs no restart; the one of the URL where absent. */
  readonly readPassword?: () => string;
  /** `transaction`: a pooler stands between, which knows no settings of a session (OPS-12). */
  readonly pooler?: 'transaction';
}

/** Milliseconds (OPS-11, OPS-12). */
export const LIMITS = {
  statement: 2_000,
  lock: 1_000,
  idleInTransaction: 5_000,
  connect: 3_000,
  /** Of a server that is stopped, which cannot keep limits of its own: what has no answer by then is given up with its socket. */
  answer: 3_000,
  /**
   * A connection that dies is replaced by another if it does so within that time. Whoever has waited longer, for a server that is held, is
   * not kept waiting once more (OPS-34).
   */
  replace: 500,
  /** Connections die together, and not all have told of it when the first one does: the next would be another dead one. */
  replaceAfter: 20,
  pool: 1_000,
} as const;

const LIFETIME_SECONDS = 30 * 60;
const LIFETIME_SPREAD_SECONDS = 5 * 60;

/** How the driver is to connect; several statements may be on their way at once. */
export const clientConfig = (options: ConnectionOptions): pg.ClientConfig => {
  const { host, port, database, user, ssl, readPassword, password, pooler } = options;
  return {
    host,
    port,
    database,
    user,
    // Absent is not the same as empty for the driver, which would look for it in the environment and in a file of the user's.
    password: readPassword ?? (() => password ?? ''),
    ssl,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    application_name: 'assent',
    connectionTimeoutMillis: LIMITS.connect,
    query_timeout: LIMITS.answer,
    keepAlive: true,
    pipeline: true,
    ...(pooler === undefined && {
      statement_timeout: LIMITS.statement,
      lock_timeout: LIMITS.lock,
      idle_in_transaction_session_timeout: LIMITS.idleInTransaction,
    }),
  };
};

/** One flight. Each answer has a limit from when its statement was sent, so that too many at once would be late for no reason. */
const MAX_TOGETHER = 200;

/**
 * Has what is sent meanwhile written at once: the driver writes each statement by itself, which costs as much as the statement. What a pool
 * lends is a client, too.
 */
const writtenAtOnce = <T>(client: pg.ClientBase, send: () => T): T => {
  const { stream } = (client as pg.Client).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
};

const sendFlight = async (client: pg.ClientBase, calls: readonly Call[]): Promise<readonly unknown[]> => {
  const sent = writtenAtOnce(client, () => calls.map((call) => sendStatement(client, call)));
  const outcomes = await Promise.allSettled(sent);
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [new DatabaseFailure(outcome.reason)] : [],
  );
  if (failures.length > 0) throw failures.find((failure) => !failure.isConsequence) ?? failures[0];
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value);
};

/** Statements that need nothing of each other, sent at once; answers come in their order. The first true failure is thrown. */
export const sendTogether = async (client: pg.ClientBase, calls: readonly Call[]): Promise<readonly unknown[]> => {
  if (calls.length <= MAX_TOGETHER) return sendFlight(client, calls);
  const answers: unknown[] = [];
  for (let from = 0; from < calls.length; from += MAX_TOGETHER) {
    answers.push(...(await sendFlight(client, calls.slice(from, from + MAX_TOGETHER))));
  }
  return answers;
};

/**
 * The driver leaves a connection open that it has given up itself, such as one without a password, and with it the process alive until the
 * server has waited for long enough. What it tells of as broken is of no use to anybody.
 */
export class DatabaseClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.connection.on('error', () => this.connection.stream.destroy());
  }
}

/** Connections that one piece of work has to itself at a time, such as a transaction. */
export const createPool = (
  options: ConnectionOptions,
  { size, maxWait, random }: { readonly size: number; readonly maxWait: number; readonly random: () => number },
): pg.Pool => {
  const spread = Math.round((2 * random() - 1) * LIFETIME_SPREAD_SECONDS);
  const pool = new pg.Pool({
    ...clientConfig(options),
    Client: DatabaseClient,
    max: size,
    // Of the pool it is how long one waits for a connection that is in use, or for a new one.
    connectionTimeoutMillis: maxWait,
    idleTimeoutMillis: 60_000,
    maxLifetimeSeconds: LIFETIME_SECONDS + spread,
    allowExitOnIdle: true,
  });
  // A connection that dies at rest is replaced by the pool; without a listener the process would end.
  pool.on('error', () => undefined);
  return pool;
};

/** A pool, and who hears how long its connections are waited for. */
export interface LendingPool {
  readonly pool: pg.Pool;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
  readonly waited: (millis: number) => void;
}

/** Runs work on a connection of the pool; one whose work failed with it is not used again. */
export const withConnection = async <T>(
  { pool, elapsed, waited }: LendingPool,
  work: (client: pg.PoolClient) => Promise<T>,
  isToBeKept: (failure: unknown) => boolean = () => false,
): Promise<T> => {
  let client: pg.PoolClient;
  const begin = elapsed();
  try {
    client = await pool.connect();
  } catch (cause) {
    throw new StoreUnavailable('no connection to the database could be had', { cause });
  } finally {
    waited(elapsed() - begin);
  }
  // While it is in use, the pool listens no more, and whoever waits for an answer is told by that answer.
  const ignore = () => undefined;
  client.on('error', ignore);
  let isBroken = false;
  try {
    return await work(client);
  } catch (failure) {
    isBroken = !isToBeKept(failure);
    throw failure;
  } finally {
    client.off('error', ignore);
    client.release(isBroken);
  }
};

/**
 * Connections that many share at once, for reads by key: statements of several requests are on their way together, and
 * each is a transaction of its own. One that has died is replaced by the next read.
 */
export class SharedConnections {
  readonly #options: ConnectionOptions;
  readonly #places: (Promise<pg.Client> | undefined)[];
  #place = 0;
  #held: pg.Client | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions, size: number) {
    this.#options = options;
    this.#places = Array.from({ length: size }, () => undefined);
  }

  async send(calls: readonly Call[]): Promise<readonly unknown[]> {
    const client = await this.#connectionAt(this.#place);
    this.#holdForThisTurn(client);
    return sendTogether(client, calls);
  }

  /**
   * What requests read in one turn of the event loop goes by one connection and is written at its end. Each write wakes another process, which
   * costs as much as a statement.
   */
  #holdForThisTurn(client: pg.Client): void {
    if (this.#held === client) return;
    this.#held = client;
    const { stream } = client.connection;
    stream.cork();
    setImmediate(() => {
      stream.uncork();
      if (this.#held !== client) return;
      this.#held = undefined;
      this.#place = (this.#place + 1) % this.#places.length;
    });
  }

  #connectionAt(place: number): Promise<pg.Client> {
    if (this.#isClosed) throw new StoreUnavailable('the store is closed');
    const known = this.#places[place];
    if (known !== undefined) return known;
    const client = new DatabaseClient(clientConfig(this.#options));
    const forget = () => {
      if (this.#places[place] === made) this.#places[place] = undefined;
    };
    const made = client.connect().then(
      () => client,
      (cause: unknown) => {
        throw new DatabaseFailure(cause);
      },
    );
    client.on('error', forget);
    client.on('end', forget);
    made.catch(forget);
    this.#places[place] = made;
    return made;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#places.map(async (made) => (await made?.catch(() => undefined))?.end()));
  }
}
