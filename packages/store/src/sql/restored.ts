import type { Erasure } from '@assent/engine/host';
import { keyOfSecret, type SigningKind } from '../ports/key-kinds.ts';
import { StoreRefused } from '../ports/store.ts';
import { refuseProofsBefore } from './applications/replays.ts';
import { beginLife, type Life, lifeOf } from './installation/life.ts';
import { all, type ChangeVerbs, countOfEach, first, run, statement, type Verb } from './verbs/verb.ts';

/** What a restore has ended, by how many rows. */
const ENDED = {
  sessions: statement('DELETE FROM session'),
  journeys: statement('DELETE FROM journey_session'),
  requests: statement('DELETE FROM push_message'),
  backChannels: statement('DELETE FROM back_channel'),
  grants: statement('DELETE FROM oauth_grant'),
  parked: statement('DELETE FROM oauth_parked'),
  approvals: statement('DELETE FROM oauth_pending'),
  proposals: statement('DELETE FROM proposal'),
  unsent: statement('DELETE FROM outbox WHERE dead_at IS NULL'),
} as const;

/** Of the servers of that time, none is there. */
const OF_INSTANCES = [statement('DELETE FROM instance'), statement('DELETE FROM lease')];

/**
 * Keys of what lies with browsers and has no row to be found missing: the reference to a step that is not stored yet, and the cookie that
 * signs somebody in. The next start makes others.
 */
const selectNames = statement<[name: string]>('SELECT name FROM secret');
const deleteKeys = statement('DELETE FROM secret WHERE name = {any}');
const KINDS: ReadonlySet<string | undefined> = new Set<SigningKind>(['auth-id', 'persistent-cookie']);

const selectCodes = statement<[codes: number, users: number]>(
  'SELECT COUNT(*), COUNT(DISTINCT user_id) FROM recovery_code',
);
const selectCounters = statement<[count: number]>('SELECT COUNT(*) FROM oath_device WHERE counter > 0');
/**
 * One-time codes that go by the time, of before this moment, by what a device is ahead: which of them were used since the backup nobody knows.
 * Those that go by a counter know no time.
 */
const closeSteps = statement(
  `UPDATE oath_device SET last_login_seconds = ? + CASE WHEN clock_drift_seconds > 0 THEN clock_drift_seconds ELSE 0 END
   WHERE last_login_seconds < ?`,
);
const deleteCodes = statement('DELETE FROM recovery_code');
const selectSeen = statement<[name: string, host: string]>(
  'SELECT name, host FROM instance WHERE seen_at > ? ORDER BY name',
);

export interface Restored {
  readonly epoch: number;
  readonly ended: Readonly<Record<keyof typeof ENDED, number>>;
  /** What has been used since the backup and is good once more, unless it was voided. */
  readonly goodAgain: {
    readonly recoveryCodes: number;
    readonly usersWithCodes: number;
    /** Apps whose codes go by a counter. */
    readonly counterApps: number;
  };
  readonly codesVoided: boolean;
  /** Users who were erased since the backup, and are once more. */
  readonly erasedAgain: number;
}

export interface RestoreOrder {
  /** What is known of the database that this one takes the place of: the next life is after it, too. */
  readonly after?: Life;
  readonly voidCodes: boolean;
  readonly now: number;
  readonly transactionId: string;
  /** Who was erased, as far as that is known: some of them since the backup. */
  readonly erasures?: readonly Erasure[];
  readonly changes: ChangeVerbs<'identity.erase' | 'audit.erase' | 'audit.append'>;
}

const selectUser = statement('SELECT 1 FROM identity WHERE id = ?');

/** Whoever was erased stays so, whatever a backup of before has of them; how many it had. */
function* erasedAgain({ erasures = [], changes, transactionId, now }: RestoreOrder): Verb<number> {
  let again = 0;
  for (const { userId, realm, at } of new Map(erasures.map((it) => [it.userId, it])).values()) {
    const isBack = (yield* first(selectUser, userId)) !== undefined;
    yield* changes['identity.erase']({ type: 'identity.erase', id: userId, realm, at, journeys: [] });
    yield* changes['audit.erase']({ type: 'audit.erase', userId });
    if (!isBack) continue;
    again += 1;
    const event = { at: now, event: 'ERASE', realm, transactionId, userId, detail: { by: 'restore' } };
    yield* changes['audit.append']({ type: 'audit.append', event });
  }
  return again;
}

/** Servers that work on the database, or have until a moment ago. */
export function* seenSince(since: number): Verb<readonly (readonly [name: string, host: string])[]> {
  return yield* all(selectSeen, since);
}

/** Numbers beyond it cannot be counted on from: what was put back would be of no other life than what is put back next. */
const MAX_LIFE = 2 ** 48;

const isCountable = ({ epoch, version }: Life): boolean =>
  [epoch, version].every((it) => Number.isSafeInteger(it) && it >= 0 && it < MAX_LIFE);

/**
 * Begins a new life of a database that was put back (OPS-61, REL-26): what was under way then is over, by one number that says which life
 * it is and with it all rows of what began in another; and what lies outside is signed by keys that are no more.
 */
export function* restored(order: RestoreOrder): Verb<Restored> {
  const { after: given, voidCodes, now, transactionId, changes } = order;
  const life = yield* lifeOf();
  if (!isCountable(life)) {
    throw new StoreRefused(
      'Nothing was restored: what the backup says of its epoch or its version is no number of ours. It was changed, or is damaged.',
    );
  }
  // One that is damaged in that is given up anyway.
  const after = given !== undefined && isCountable(given) ? given : undefined;
  const epoch = Math.max(life.epoch, after?.epoch ?? 0) + 1;
  // Not a version that somebody has seen with another configuration under it.
  yield* beginLife({ epoch, version: Math.max(life.version, after?.version ?? 0) + 1 });
  const kinds = Object.keys(ENDED) as readonly (keyof typeof ENDED)[];
  const counts = yield* countOfEach(kinds.map((kind) => [ENDED[kind]] as const));
  yield* countOfEach(OF_INSTANCES.map((it) => [it] as const));
  const names = (yield* all(selectNames)).map(([name]) => name);
  yield* run(
    deleteKeys,
    names.filter((name) => KINDS.has(keyOfSecret(name)?.kind)),
  );
  const again = yield* erasedAgain(order);
  const seconds = Math.floor(now / 1_000);
  yield* run(closeSteps, seconds, seconds);
  yield* refuseProofsBefore(now);
  const [[recoveryCodes = 0, usersWithCodes = 0] = []] = yield* all(selectCodes);
  const counterApps = (yield* first(selectCounters))?.[0] ?? 0;
  if (voidCodes) yield* run(deleteCodes);
  const ended = Object.fromEntries(kinds.map((kind, at) => [kind, counts[at] ?? 0])) as Restored['ended'];
  const detail = { epoch, codesVoided: voidCodes, sessions: ended.sessions, journeys: ended.journeys };
  const event = { at: now, event: 'RESTORE', realm: '/', transactionId, detail: { ...detail, erasedAgain: again } };
  yield* changes['audit.append']({ type: 'audit.append', event });
  return {
    epoch,
    ended,
    goodAgain: { recoveryCodes, usersWithCodes, counterApps },
    codesVoided: voidCodes,
    erasedAgain: again,
  };
}
