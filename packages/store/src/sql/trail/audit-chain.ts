import type { Random } from '@assent/engine';
import type { AuditEvent } from '@assent/engine/host';
import { canonicalJson } from '../../chain/canonical-json.ts';
import { SIGNED_EVENTS, signedEvent } from '../../chain/checkpoint-key.ts';
import type { ChainState, TrailPlace } from '../../chain/readable-chain.ts';
import { batchOf, endOf } from '../../chain/sealed-batch.ts';
import { type ChainPlace, digestOf, GENESIS, saltsFrom } from '../../chain/seals.ts';
import type { AuditChain, SealOrder } from '../../ports/audit-chain.ts';
import type { LeaseName } from '../../rules/leases.ts';
import { first, type ReadVerbs, run, statement, type Verb } from '../verbs/verb.ts';
import { SENT } from './audit-feed.ts';
import { detailGoesWith, type StoredTrailRow } from './audit-rows.ts';
import {
  addBatch,
  batchesBetween,
  detailHashOfRow,
  hashBefore,
  hashOfEnd,
  removeBatches,
  withSeals,
} from './audit-seals.ts';

/** A checkpoint is due after as many rows, or as long after the last one. */
const CHECKPOINT_ROWS = 1_000;
const CHECKPOINT_MILLIS = 60_000;

type StateRow = readonly [
  position: number,
  hash: string,
  count: number,
  begins: number,
  beginsHash: string,
  checkpoint: number,
  checkpointAt: number,
];

const selectState = statement<StateRow>(
  'SELECT position, hash, count, begins, begins_hash, checkpoint, checkpoint_at FROM audit_sealed WHERE id = 1',
);
const beginState = statement(
  `INSERT INTO audit_sealed (id, position, hash, count, begins, begins_hash, checkpoint, checkpoint_at)
   VALUES (1, 0, ?, 0, 0, ?, 0, 0) ON CONFLICT DO NOTHING`,
);
const moveHead = statement('UPDATE audit_sealed SET position = ?, hash = ?, count = ? WHERE id = 1 AND position = ?');
const setCheckpoint = statement('UPDATE audit_sealed SET checkpoint = ?, checkpoint_at = ? WHERE id = 1');
const setBeginning = statement('UPDATE audit_sealed SET begins = ?, begins_hash = ? WHERE id = 1');
const selectSent = statement<[position: number]>(`SELECT ${SENT}`);

/** The position up to which rows are sealed. */
export const SEALED = 'COALESCE((SELECT position FROM audit_sealed WHERE id = 1), 0)';

/** What of the chain is for each database to choose: where rows stand in it. */
export interface ChainRows {
  /** Numbers committed rows without a position, and returns the rows that are not sealed, in their order. The rows are locked. */
  readonly unsealed: (head: ChainPlace, limit: number) => Verb<readonly StoredTrailRow[]>;
  /** Writes details, salts and hashes of details before the rows are sealed. */
  readonly putDetails: (rows: readonly StoredTrailRow[]) => Verb<void>;
  /** Of rows that were sealed, what is not to be sent counts as sent. */
  readonly passOver: (rows: readonly StoredTrailRow[], now: number) => Verb<void>;
  /** A row of ours at a position that no other row has. */
  readonly appendAt: (event: AuditEvent, position: number) => Verb<void>;
  readonly behind: (place: TrailPlace, limit: number) => Verb<readonly StoredTrailRow[]>;
  readonly oldestUnsealed: (head: number) => Verb<{ readonly id: string; readonly at: number } | undefined>;
  readonly unsealedErasures: () => Verb<readonly string[]>;
  /** The row that stands there or, where none does, the next one. */
  readonly from: (position: number) => Verb<StoredTrailRow | undefined>;
  readonly newest: () => Verb<number>;
  /** Takes rows away up to a position, at most as many. */
  readonly remove: (upTo: number, limit: number) => Verb<number>;
}

/** How far the chain goes, as it is kept. */
export interface ChainStates {
  readonly read: () => Verb<ChainState>;
  /** `false` where it is not where it was seen: somebody else has sealed. */
  readonly moveHead: (seen: ChainState, head: ChainPlace, count: number) => Verb<boolean>;
  readonly setCheckpoint: (position: number, at: number) => Verb<void>;
  readonly setBeginning: (begins: ChainPlace) => Verb<void>;
  /** Up to where the sink has it. */
  readonly sent: () => Verb<number>;
}

export interface ChainParts extends ChainRows {
  readonly states: ChainStates;
  readonly holds: (lease: LeaseName, holder: string, now: number) => Verb<boolean>;
  readonly epoch: () => Verb<number>;
  readonly random: Pick<Random, 'bytes'>;
  readonly append: (event: AuditEvent) => Verb<boolean>;
  /** Who of these users was erased. */
  readonly erased: (userIds: readonly string[]) => Verb<readonly string[]>;
}

/** Of a trail that nobody has sealed yet. */
const UNSEALED: ChainState = {
  head: { position: 0, hash: GENESIS },
  count: 0,
  begins: { position: 0, hash: GENESIS },
  checkpoint: { position: 0, at: 0 },
};

const stateOf = ([position, hash, count, begins, beginsHash, checkpoint, checkpointAt]: StateRow): ChainState => {
  return {
    head: { position, hash },
    count,
    begins: { position: begins, hash: beginsHash },
    checkpoint: { position: checkpoint, at: checkpointAt },
  };
};

export const storedChainStates: ChainStates = {
  *read() {
    const row = yield* first(selectState);
    return row === undefined ? UNSEALED : stateOf(row);
  },
  *moveHead(seen, { position, hash }, count) {
    if (seen.count === 0) yield* run(beginState, GENESIS, GENESIS);
    return (yield* run(moveHead, position, hash, count, seen.head.position)) === 1;
  },
  *setCheckpoint(position, at) {
    yield* run(setCheckpoint, position, at);
  },
  *setBeginning({ position, hash }) {
    yield* run(setBeginning, position, hash);
  },
  *sent() {
    return (yield* first(selectSent))?.[0] ?? 0;
  },
};

/**
 * Prepares a row for its seal: a detail is stored as canonical JSON with a salt, and a row without a detail has no salt. The rows that Assent writes
 * are like that, unless their user was erased after the commit. The hash of an erased detail goes, too: the row `ERASE` may get a lower position than a
 * row that was committed at the same time. A row that another program wrote may differ.
 */
const tidied = (row: StoredTrailRow, isErased: boolean, newSalt: () => string): StoredTrailRow => {
  const { event, detailText, salt } = row;
  if (event === undefined) return row;
  if (event.detail === undefined || isErased) {
    if (detailText === undefined && salt === undefined && row.detailHash === undefined) return row;
    const { detail: _, ...told } = event;
    return { ...row, event: told, detailText: undefined, salt: undefined, detailHash: undefined };
  }
  const text = canonicalJson(event.detail);
  if (text === detailText && salt !== undefined && row.detailHash === undefined) return row;
  return { ...row, detailText: text, salt: salt ?? newSalt(), detailHash: undefined };
};

/** Groups rows into runs of consecutive positions. */
const runsOf = (rows: readonly StoredTrailRow[]): readonly (readonly StoredTrailRow[])[] => {
  const runs: StoredTrailRow[][] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last?.at(-1)?.position === row.position - 1) last.push(row);
    else runs.push([row]);
  }
  return runs;
};

/** The last row that happened before then, up to a position, as far as the clocks of instances agree: one look for each bit of a position. */
function* lastBefore(
  from: ChainRows['from'],
  begins: number,
  upTo: number,
  before: number,
): Verb<StoredTrailRow | undefined> {
  let low = begins + 1;
  let high = upTo;
  let found: StoredTrailRow | undefined;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const row: StoredTrailRow | undefined = yield* from(middle);
    // What cannot be read is no reason to keep, or to let go: it goes with its neighbours.
    if (row === undefined || row.position > upTo || (row.event !== undefined && row.event.at >= before))
      high = middle - 1;
    else {
      found = row;
      low = row.position + 1;
    }
  }
  return found;
}

/** The trail as a chain (SEC-80): whoever holds the lease seals, each time in the transaction that it asks in. */
export const auditChainTopic = (parts: ChainParts): ReadVerbs<AuditChain> => {
  const { states, holds, epoch, random, append, erased, ...rows } = parts;
  const newSalt = saltsFrom(random);

  /** One row of ours, behind the head, sealed in the same transaction. */
  function* appendSealed(before: ChainState, event: AuditEvent): Verb<ChainState> {
    const position = before.head.position + 1;
    yield* rows.appendAt(event, position);
    const row = yield* rows.from(position);
    return yield* sealed(before, row === undefined ? [] : [row]);
  }

  /** What was written while its user was erased, such as of a guess that was under way, has no details either (security-reliability §7). */
  function* tidy(found: readonly StoredTrailRow[]): Verb<readonly StoredTrailRow[]> {
    const ids = found.flatMap(({ event }) => event?.userId ?? []);
    const gone = new Set(ids.length === 0 ? [] : yield* erased([...new Set(ids)]));
    const tidy = found.map((row) => {
      const of = row.event && detailGoesWith(row.event);
      return tidied(row, of !== undefined && gone.has(of), newSalt);
    });
    const others = tidy.filter((row, at) => row !== found[at]);
    if (others.length > 0) yield* rows.putDetails(others);
    return tidy;
  }

  function* sealed(before: ChainState, found: readonly StoredTrailRow[]): Verb<ChainState> {
    if (found.length === 0) return before;
    let { head } = before;
    for (const run of runsOf(yield* tidy(found))) {
      const digests = run.map((row) => digestOf(row, detailHashOfRow(row)));
      const batch = batchOf(run[0]?.position ?? 0, digests, head.hash);
      yield* addBatch(batch);
      head = endOf(batch);
    }
    return yield* moved(before, head, found.length);
  }

  function* moved(before: ChainState, head: ChainPlace, count: number): Verb<ChainState> {
    const after = { ...before, head, count: before.count + count };
    if (!(yield* states.moveHead(before, head, after.count)))
      throw new Error('The trail was sealed by somebody else at the same moment.');
    return after;
  }

  /** What is wrong at the head: rows that were sealed are not there, or not as they were. */
  function* gapAt({ head, begins }: ChainState): Verb<string | undefined> {
    if (head.position === begins.position) return undefined;
    const row = yield* rows.from(head.position);
    if (row?.position !== head.position)
      return `The row at position ${head.position}, up to which the trail was sealed, is not there.`;
    return (yield* hashOfEnd(head.position)) === head.hash
      ? undefined
      : `The row at position ${head.position}, up to which the trail was sealed, is not as it was.`;
  }

  function* checkpointed(before: ChainState, { now, key, transactionId }: SealOrder): Verb<void> {
    const place = { ...before.head, count: before.count, at: now, epoch: yield* epoch() };
    const after = yield* appendSealed(before, signedEvent(SIGNED_EVENTS.checkpoint, place, key, transactionId));
    yield* states.setCheckpoint(after.head.position, now);
  }

  /** A batch has at least one row, so the same limit is enough for the seals. */
  function* removed(upTo: number, limit: number): Verb<number> {
    yield* removeBatches(upTo, limit);
    return yield* rows.remove(upTo, limit);
  }

  return {
    state: states.read,
    *seal(order) {
      const { holder, now, limit } = order;
      if (!(yield* holds('audit-seal', holder, now))) return undefined;
      let current = yield* states.read();
      const gap = yield* gapAt(current);
      if (order.gap !== undefined) {
        const { transactionId } = order;
        const detail = { position: current.head.position, problem: order.gap };
        const event: AuditEvent = {
          at: now,
          event: 'AUDIT_GAP',
          realm: '/',
          transactionId,
          outcome: 'failure',
          detail,
        };
        // Where the end was taken away, new rows would get the numbers of those that were there, and never be sealed.
        if ((yield* rows.newest()) < current.head.position) current = yield* appendSealed(current, event);
        else yield* append(event);
      }
      const found = yield* rows.unsealed(current.head, limit);
      // Of one that is sealed for the first time, a checkpoint is due as long after that as of any other.
      const isFirst = current.count === 0 && found.length > 0;
      current = yield* sealed(current, found);
      yield* rows.passOver(found, now);
      if (isFirst) yield* states.setCheckpoint(0, now);
      const isMore = found.length === limit;
      const since = current.head.position - current.checkpoint.position;
      const isDue =
        since > 0 &&
        (order.ends === true ||
          since >= CHECKPOINT_ROWS ||
          (!isFirst && (now - current.checkpoint.at >= CHECKPOINT_MILLIS || now < current.checkpoint.at)));
      const madeCheckpoint = isDue && !isMore;
      if (madeCheckpoint) yield* checkpointed(current, order);
      return { rows: found.length, isMore, madeCheckpoint, ...(gap !== undefined && { gap }) };
    },
    *trim({ holder, now, before: horizon, limit, onlySent, key, transactionId }) {
      if (!(yield* holds('audit-seal', holder, now))) return undefined;
      const before = yield* states.read();
      const found = yield* rows.unsealed(before.head, limit);
      const current = yield* sealed(before, found);
      yield* rows.passOver(found, now);
      const { head, begins } = current;
      const newest = head.position - 1;
      const last = yield* lastBefore(rows.from, begins.position, newest, horizon);
      const sent = onlySent ? yield* states.sent() : Number.MAX_SAFE_INTEGER;
      const at = last === undefined || last.position <= sent ? last : yield* rows.from(sent);
      const isLetGo = at !== undefined && at.position > begins.position && at.position <= Math.min(sent, newest);
      const hash = isLetGo ? yield* hashBefore(at.position + 1) : undefined;
      // A row of ours has to stand behind all others, so what is not sealed yet is sealed first.
      if (!isLetGo || hash === undefined || found.length === limit)
        return begins.position === 0 ? 0 : yield* removed(begins.position, limit);
      const place = { position: at.position, hash, count: current.count, at: now, epoch: yield* epoch() };
      yield* appendSealed(current, signedEvent(SIGNED_EVENTS.beginning, place, key, transactionId));
      yield* states.setBeginning(place);
      return yield* removed(place.position, limit);
    },
    *rows(place, limit) {
      return yield* withSeals(yield* rows.behind(place, limit));
    },
    seals: batchesBetween,
    unsealedErasures: rows.unsealedErasures,
    *oldestUnsealed() {
      return yield* rows.oldestUnsealed((yield* states.read()).head.position);
    },
  };
};
