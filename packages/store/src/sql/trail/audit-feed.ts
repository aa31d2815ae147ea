import type { AuditEvent } from '@assent/engine/host';
import { GENESIS } from '../../chain/seals.ts';
import type { AuditFeed } from '../../ports/audit-feed.ts';
import type { LeaseName } from '../../rules/leases.ts';
import { all, first, type ReadVerbs, run, statement, type Verb } from '../verbs/verb.ts';
import type { StoredTrailRow } from './audit-rows.ts';
import { hashBefore, withSeals } from './audit-seals.ts';

/** The rows of `audit_sent`: up to which position rows were sent, and since when they are, in milliseconds since 1970. */
const UP_TO = 1;
const SINCE = 2;

/**
 * Where it begins in the future by now, somebody has set the clock back since: what has happened in the meantime is of before that moment, and
 * it is looked for this often at the least.
 */
const CAUGHT_UP_MILLIS = 5 * 60_000;

/** Rows of from then on are sent. */
export const beginsAt = (begun: number, now: number): number => (now < begun ? now - CAUGHT_UP_MILLIS : begun);

const markOf = (id: number): string => `COALESCE((SELECT position FROM audit_sent WHERE id = ${id}), 0)`;

/** The position up to which rows were sent. */
export const SENT = markOf(UP_TO);

const selectMarks = statement<[id: number]>('SELECT id FROM audit_sent');
const selectSince = statement<[since: number]>(`SELECT ${markOf(SINCE)}`);
const begin = statement('INSERT INTO audit_sent (id, position) VALUES (?, ?) ON CONFLICT (id) DO NOTHING');
const beginEarlier = statement(`UPDATE audit_sent SET position = ? WHERE id = ${SINCE} AND position > ?`);
const setSent = statement(
  `INSERT INTO audit_sent (id, position) VALUES (${UP_TO}, ?)
   ON CONFLICT (id) DO UPDATE SET position = excluded.position WHERE audit_sent.position < excluded.position`,
);

/** Since when rows are sent, in milliseconds since 1970; 0 where that was not said, or is all of them. */
export const SENT_SINCE = markOf(SINCE);

/** What of the feed is for each database to choose: where rows stand in it. */
export interface FeedRows {
  /** The last position of a row that happened before then; 0 where there is none. It may read all that has happened since. */
  readonly lastBefore: (time: number) => Verb<number>;
  /** When the first of those happened that `unsent` brings. */
  readonly firstUnsent: (since: number) => Verb<number | undefined>;
  /** What of the sealed rows comes after all that was sent, and happened since then. */
  readonly unsent: (since: number, limit: number) => Verb<readonly StoredTrailRow[]>;
}

/** A row that cannot be read any more is told of all the same. */
const UNREADABLE: AuditEvent = { at: 0, event: 'UNREADABLE', realm: '/', transactionId: '' };

const selectBeginning = statement<[hash: string]>('SELECT begins_hash FROM audit_sealed WHERE id = 1');

export interface FeedParts extends FeedRows {
  readonly holds: (lease: LeaseName, holder: string, now: number) => Verb<boolean>;
  readonly epoch: () => Verb<number>;
}

/** The trail as it is sent on (OPS-58): whoever holds the lease asks, each time in the transaction that it asks in. */
export const auditFeedTopic = ({ holds, epoch, lastBefore, firstUnsent, unsent }: FeedParts): ReadVerbs<AuditFeed> => ({
  *begin(since) {
    if ((yield* all(selectMarks)).length > 0) return;
    // Whoever else begins at this moment waits here, and changes nothing then.
    if ((yield* run(begin, SINCE, since)) === 1) yield* run(begin, UP_TO, since === 0 ? 0 : yield* lastBefore(since));
  },
  *next({ holder, now }, limit) {
    if (!(yield* holds('audit-sink', holder, now))) return undefined;
    const [begun = 0] = (yield* first(selectSince)) ?? [];
    const since = beginsAt(begun, now);
    if (since < begun) yield* run(beginEarlier, since, since);
    const rows = yield* withSeals(yield* unsent(since, limit));
    const [begin] = rows;
    if (begin === undefined) return [];
    const current = yield* epoch();
    let previous = (yield* hashBefore(begin.position)) ?? (yield* first(selectBeginning))?.[0] ?? GENESIS;
    return rows.map(({ id, position, event = UNREADABLE, seal }) => {
      const fed = { ...event, id, position, epoch: current, ...(seal && { seal, previous }) };
      previous = seal?.hash ?? previous;
      return fed;
    });
  },
  *oldestUnsent() {
    if ((yield* all(selectMarks)).length === 0) return undefined;
    const [since = 0] = (yield* first(selectSince)) ?? [];
    return yield* firstUnsent(since);
  },
  *sent({ holder, now }, position) {
    if (!(yield* holds('audit-sink', holder, now))) return false;
    yield* run(setSent, position);
    return true;
  },
});
