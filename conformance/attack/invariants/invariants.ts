import assert from 'node:assert/strict';
import { secretsIn } from '../../faults/secrets-in-text.ts';
import type { AttackClient } from '../target/attack-client.ts';
import type { AttackTarget } from '../target/attack-target.ts';
import { type Attacker, PASSWORD, WRONG } from '../target/attacker.ts';
import type { Witness } from './witness.ts';

/** One invariant of spec/security-reliability §1.4, and what is wrong with it. */
export interface Broken {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';
  readonly text: string;
}

export interface Checked {
  readonly target: AttackTarget;
  readonly client: AttackClient;
  readonly witness: Witness;
  /** Makes what I7 compares. */
  readonly attacker: Attacker;
  readonly limits: Limits;
}

export interface Limits {
  /** A machine with more to do than it can tells of that, and not of the server: `npm test` allows more than `npm run tools -- attack`. */
  readonly loopP99Millis: number;
  readonly heapGrowthBytes: number;
}

const broken = (invariant: Broken['invariant'], texts: Iterable<string>): readonly Broken[] =>
  [...texts].map((text) => ({ invariant, text }));

type Row = Readonly<Record<string, unknown>>;
type Rows = (sql: string) => Promise<readonly Row[]>;

/** What was there before anybody attacked: other suites use the same servers. */
interface Before {
  readonly sessions: ReadonlySet<string>;
  /** By user, how many. */
  readonly phones: ReadonlyMap<string, number>;
  readonly transactions: ReadonlySet<string>;
}

const SESSIONS = 'SELECT token_hash, username FROM session';
const PHONES = 'SELECT username, COUNT(*) AS many FROM device WHERE pending_until IS NULL GROUP BY username';
/** Requests that made more than one session. */
const SEVERAL = `SELECT transaction_id, COUNT(*) AS many FROM audit WHERE event = 'SESSION_CREATE'
  GROUP BY transaction_id HAVING COUNT(*) > 1`;

const readBefore = async (rows: Rows | undefined): Promise<Before> => {
  const [sessions, phones, several] = rows
    ? await Promise.all([rows(SESSIONS), rows(PHONES), rows(SEVERAL)])
    : [[], [], []];
  return {
    sessions: new Set(sessions.map(({ token_hash }) => String(token_hash))),
    phones: new Map(phones.map(({ username, many }) => [String(username), Number(many)])),
    transactions: new Set(several.map(({ transaction_id }) => String(transaction_id))),
  };
};

/** I1: nobody has a session but who walked the way to it. */
const strangeSessions = async (rows: Rows, before: Before, { legalSessions }: Witness): Promise<readonly Broken[]> => {
  const strange = (await rows(SESSIONS)).filter(({ token_hash }) => {
    const hash = String(token_hash);
    return !legalSessions.has(hash) && !before.sessions.has(hash);
  });
  return broken(
    'I1',
    strange.map(({ username }) => `${username} has a session that no attack may have made`),
  );
};

/** I2: each message, code and setup code did what it is for once. */
const usedTwice = async (rows: Rows, before: Before, witness: Witness): Promise<readonly Broken[]> => {
  const tooMany = (await rows(PHONES)).filter(({ username, many }) => {
    const name = String(username);
    return Number(many) > (witness.connectedPhones.get(name) ?? 0) + (before.phones.get(name) ?? 0);
  });
  const several = (await rows(SEVERAL)).filter(
    ({ transaction_id }) => !before.transactions.has(String(transaction_id)),
  );
  return broken('I2', [
    ...witness.usedTwice.map((it) => `${it.slice(0, 20)}… has let somebody in twice`),
    ...tooMany.map(({ username, many }) => `${username} has ${many} phones, more than were connected`),
    ...several.map(({ transaction_id, many }) => `one request made ${many} sessions (${transaction_id})`),
  ]);
};

/** I6: the trail has each decision once, by the transaction id that its answer told. */
const untold = async (rows: Rows, witness: Witness): Promise<readonly Broken[]> => {
  const decisions = witness.takeDecisions();
  if (decisions.length === 0) return [];
  const trail = await rows('SELECT transaction_id, event, COUNT(*) AS many FROM audit GROUP BY transaction_id, event');
  const found = new Map(trail.map((it) => [`${it.transaction_id} ${it.event}`, Number(it.many)]));
  const wrong = decisions.filter(({ transaction, event }) => found.get(`${transaction} ${event}`) !== 1);
  return broken(
    'I6',
    wrong.map(({ transaction, event }) => {
      const times = found.get(`${transaction} ${event}`) ?? 0;
      return `the trail has ${event} ${times} times, and not once (${transaction})`;
    }),
  );
};

/** I8: what was denied has let nobody in. */
const revived = async (rows: Rows, { deniedMessages }: Witness): Promise<readonly Broken[]> => {
  if (deniedMessages.size === 0) return [];
  const stored = await rows(`SELECT id, state, reason FROM push_message WHERE state IN ('approved', 'consumed')`);
  return broken(
    'I8',
    stored
      .filter(({ id, state, reason }) => deniedMessages.has(String(id)) && (state === 'approved' || reason === null))
      .map(({ id, state }) => `${id} was denied, and is ${state}`),
  );
};

/** Columns that hold what they hold for anybody to read. */
const plainText = async (rows: Rows): Promise<string> => {
  const tables = ['audit', 'device', 'journey_session', 'push_message', 'session', 'throttle', 'outbox'];
  const texts: string[] = [];
  for (const table of tables) {
    for (const row of await rows(`SELECT * FROM ${table}`)) {
      for (const value of Object.values(row)) if (typeof value === 'string') texts.push(value);
    }
  }
  return texts.join('\n');
};

/** I5: no secret is where somebody may read it who must not. */
const leaked = async (
  { target, client, witness, attacker }: Checked,
  withFiles: boolean,
): Promise<readonly Broken[]> => {
  const metrics = await attacker.raw(`${new URL(target.am).pathname}/json/metrics/prometheus`, { method: 'GET' });
  const places: Readonly<Record<string, string>> = {
    'the log': await target.takeLog(),
    'an address': client.takeAddresses(),
    'the metrics': metrics.text,
    'the database': target.rows ? await plainText(target.rows) : '',
  };
  const found = Object.entries(places).flatMap(([place, text]) =>
    secretsIn(text, witness.secrets).map((secret) => `${secret.slice(0, 6)}… is in ${place}: ${around(text, secret)}`),
  );
  // Short ones are found in any bytes that are long enough.
  const long = [...witness.secrets].filter(({ length }) => length >= 16);
  for (const file of withFiles ? target.files() : [])
    found.push(...secretsIn(file, long).map((secret) => `${secret.slice(0, 6)}… is in a file`));
  return broken('I5', found);
};

const around = (text: string, secret: string): string => {
  const at = text.indexOf(secret);
  return `${text.slice(Math.max(0, at - 60), at)}…`;
};

/** I7: nobody learns from an answer whether a user exists, or what became of one. */
const toldApart = async ({ attacker }: Checked): Promise<readonly Broken[]> => {
  const known = await attacker.person();
  const shapes: string[] = [];
  for (const name of [known.name, `nobody-${known.name}`]) {
    const step = await attacker.start('PushLogin');
    const { status, body, headers } = await attacker.submit(step, { 0: name, 1: WRONG });
    shapes.push(JSON.stringify([step.callbacks, status, body, [...headers.keys()].sort()]));
  }
  return shapes[0] === shapes[1]
    ? []
    : broken('I7', [`a wrong password is ${shapes[0]}, and a wrong name ${shapes[1]}`]);
};

/** Looks at everything that must hold whatever was attacked. */
export class Invariants {
  readonly #checked: Checked;
  #before: Before | undefined;
  #heapBefore = 0;

  constructor(checked: Checked) {
    this.#checked = checked;
    for (const secret of [PASSWORD, WRONG]) checked.witness.keep(secret);
  }

  /** What is there now is nobody's doing. */
  async begin(): Promise<void> {
    const { target } = this.#checked;
    this.#before = await readBefore(target.rows);
    this.#heapBefore = (await target.measures())?.heapBytes ?? 0;
  }

  async check({ withFiles }: { readonly withFiles: boolean }): Promise<readonly Broken[]> {
    const before = this.#before;
    if (before === undefined) throw new Error('Invariants are looked at after they began.');
    const { target, client, witness } = this.#checked;
    const found = [...(await toldApart(this.#checked)), ...(await this.#lives())];
    found.push(...broken('I4', client.takeFailures()), ...(await leaked(this.#checked, withFiles)));
    if (target.rows !== undefined) {
      found.push(
        ...(await strangeSessions(target.rows, before, witness)),
        ...(await usedTwice(target.rows, before, witness)),
      );
      found.push(...(await untold(target.rows, witness)), ...(await revived(target.rows, witness)));
    }
    return found;
  }

  /** I4: it runs, it hears, and it has not grown. */
  async #lives(): Promise<readonly Broken[]> {
    const { target, limits } = this.#checked;
    const measures = await target.measures();
    if (measures === undefined) return [];
    const { heapBytes, loopP99Millis } = measures;
    const growth = heapBytes - this.#heapBefore;
    assert.ok(Number.isFinite(growth) && Number.isFinite(loopP99Millis));
    return broken('I4', [
      ...(loopP99Millis > limits.loopP99Millis
        ? [`the loop kept others waiting for ${loopP99Millis.toFixed(0)} ms`]
        : []),
      ...(growth > limits.heapGrowthBytes ? [`${(growth / 2 ** 20).toFixed(0)} MiB stay in memory`] : []),
    ]);
  }
}
