import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AuditEvent, type AuditReader, MAX_AUDIT_ROWS_OF_PAGE, type PlacedAuditEvent } from '@assent/engine/host';
import type { ChainState } from '../chain/readable-chain.ts';
import { GENESIS, type Seal, type TrailRow } from '../chain/seals.ts';
import type { FedAuditEvent } from '../ports/audit-feed.ts';
import type { ChangesOf } from '../ports/store.ts';
import { type ChainRows, type ChainStates, UNSEALED } from '../sql/trail/audit-chain.ts';
import { pageOfAudit } from '../sql/trail/audit-page.ts';
import { detailGoesWith } from '../sql/trail/audit-rows.ts';
import { trailIdOf } from '../sql/trail/trail-id.ts';
import { askingNothing } from './asked-nothing.ts';
import { MemorySignIns } from './memory-sign-ins.ts';
import type { UndoLog } from './tables/memory-table.ts';

interface Kept {
  event: AuditEvent;
  seal?: Seal;
}

const withoutDetail = ({ detail: _, ...event }: AuditEvent): AuditEvent => Object.freeze(event);
const withoutSalt = ({ salt: _, ...seal }: Seal): Seal => seal;

/** `isErased` says whether what is told of a user has no detail any more. */
export const memoryAudit = (undoLog: UndoLog, keep: number, isErased: (userId: string) => boolean) => {
  /** Append only, oldest first; the oldest go when there are a quarter more than are kept. */
  const rows: Kept[] = [];
  const signIns = new MemorySignIns();
  /** How many stood before the first that is kept. */
  let trimmed = 0;
  let sent: number | undefined;
  let state: ChainState = UNSEALED;
  const rowAt = (index: number): (TrailRow & { readonly key: number }) | undefined => {
    const row = rows[index];
    if (row === undefined) return undefined;
    const position = trimmed + index + 1;
    const { event, seal } = row;
    return { id: trailIdOf(event.at, position), key: position, position, event, ...(seal && { seal }) };
  };
  const behind = (position: number, limit: number) =>
    Array.from({ length: Math.max(0, Math.min(limit, trimmed + rows.length - position)) }, (_, at) =>
      rowAt(Math.max(0, position - trimmed) + at),
    ).filter((row) => row !== undefined);
  const append = (event: AuditEvent): true => {
    const row = { event: isErased(detailGoesWith(event) ?? '') ? withoutDetail(event) : Object.freeze(event) };
    rows.push(row);
    signIns.add(row);
    return true;
  };
  const letGo = (upTo: number): number => {
    const gone = rows.splice(0, Math.max(0, upTo - trimmed));
    for (const row of gone) signIns.forget(row);
    return gone.length;
  };
  return {
    begin: (since: number): void => {
      sent ??= trimmed + rows.findLastIndex(({ event }) => event.at < since) + 1;
    },
    unsent: (limit: number): readonly FedAuditEvent[] => {
      const from = Math.max(trimmed, sent ?? 0);
      let previous = rows[from - trimmed - 1]?.seal?.hash ?? state.begins.hash;
      return behind(from, Math.min(limit, Math.max(0, state.head.position - from))).map(
        ({ key: _, event, seal, ...row }) => {
          const fed = { ...row, ...(event as AuditEvent), epoch: 0, ...(seal && { seal, previous }) };
          previous = seal?.hash ?? previous;
          return fed;
        },
      );
    },
    oldestUnsent: (): number | undefined =>
      sent === undefined ? undefined : rows[Math.max(0, sent - trimmed)]?.event.at,
    noteSent: (position: number): void => {
      sent = Math.max(sent ?? 0, position);
    },
    reader: {
      ofUser: async (userId, limit) => {
        const found: AuditEvent[] = [];
        for (let at = rows.length - 1; at >= 0 && found.length < limit; at -= 1) {
          const event = rows[at]?.event;
          if (event?.userId === userId) found.push(event);
        }
        return found;
      },
      page: async (userId, { events: names, since, before, limit }) => {
        if (before !== undefined) await nextTurn();
        const events: PlacedAuditEvent[] = [];
        let read = 0;
        const from = before === undefined ? rows.length : Math.min(rows.length, Number(before) - trimmed);
        for (let index = from - 1; index >= 0; index -= 1) {
          const event = rows[index]?.event;
          if (event?.userId !== userId) continue;
          read += 1;
          const place = String(trimmed + index);
          const isWanted = event.at >= since && names?.includes(event.event) !== false;
          if (isWanted) events.push({ ...event, place });
          if (events.length === limit || read === MAX_AUDIT_ROWS_OF_PAGE)
            return pageOfAudit(events, { since, limit }, { place, at: event.at });
        }
        return { events };
      },
      signIns: async (userId, query) => signIns.newest(userId, query),
    } satisfies AuditReader,
    states: askingNothing<ChainStates>({
      read() {
        return state;
      },
      moveHead(seen, head, count) {
        if (seen.head.position !== state.head.position) return false;
        state = { ...state, head, count };
        return true;
      },
      setCheckpoint(position, at) {
        state = { ...state, checkpoint: { position, at } };
      },
      setBeginning({ position, hash }) {
        state = { ...state, begins: { position, hash } };
      },
      sent() {
        return sent ?? 0;
      },
    }),
    chain: askingNothing<ChainRows>({
      unsealed(head, limit) {
        return behind(head.position, limit);
      },
      seal(sealed) {
        for (const { row, seal } of sealed) {
          const kept = rows[row.position - trimmed - 1];
          if (kept !== undefined) kept.seal = seal;
        }
      },
      empty(told) {
        for (const { position } of told) {
          const kept = rows[position - trimmed - 1];
          if (kept !== undefined) kept.event = withoutDetail(kept.event);
        }
      },
      passOver() {
        // What was there when sending began stands before the mark.
      },
      appendAt(event, position) {
        append(event);
        return { id: trailIdOf(event.at, position), key: position, position, event };
      },
      behind({ position }, limit) {
        return behind(position, limit);
      },
      oldestUnsealed(head) {
        const [row] = behind(head, 1);
        return row && { id: row.id, at: row.event?.at ?? 0 };
      },
      unsealedErasures() {
        const waiting = rows.slice(Math.max(0, state.head.position - trimmed)).map(({ event }) => event);
        return waiting.flatMap(({ event, userId }) => (event === 'ERASE' && userId !== undefined ? [userId] : []));
      },
      from(position) {
        return behind(position - 1, 1)[0];
      },
      newest() {
        return trimmed + rows.length;
      },
      remove(upTo, limit) {
        const removed = letGo(Math.min(upTo, trimmed + limit));
        trimmed += removed;
        return removed;
      },
    }),
    append,
    changes: {
      'audit.append': ({ event }) => {
        append(event);
        undoLog.note(() => {
          const row = rows.pop();
          if (row !== undefined) signIns.takeBack(row);
        });
        return true;
      },
      'audit.erase': ({ userId }) => {
        for (const row of rows) {
          const { event, seal } = row;
          if (detailGoesWith(event) !== userId) continue;
          row.event = withoutDetail(event);
          if (seal !== undefined) row.seal = withoutSalt(seal);
          undoLog.note(() => {
            row.event = event;
            if (seal !== undefined) row.seal = seal;
          });
        }
        return true;
      },
    } satisfies ChangesOf<'audit.append' | 'audit.erase'>,
    /** What keeps nothing signs nothing: the chain begins anew where the oldest are. */
    trim: () => {
      if (rows.length < 1.25 * keep) return;
      const last = rows[rows.length - keep - 1]?.seal?.hash ?? GENESIS;
      trimmed += letGo(trimmed + rows.length - keep);
      const begins = { position: trimmed, hash: last };
      state = { ...state, begins, head: state.head.position < trimmed ? begins : state.head };
    },
  };
};
