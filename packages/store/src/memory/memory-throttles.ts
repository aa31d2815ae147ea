import {
  afterHit,
  clearedThrottle,
  forgivenThrottle,
  isLocked,
  storedThrottle,
  type ThrottleRow,
  withoutHit,
} from '@assent/engine/host';
import type { CounterReader } from '../ports/counters-of-users.ts';
import type { ChangesOf } from '../ports/store.ts';
import { locksFactor } from '../rules/lockouts.ts';
import { keptLongerMillis } from '../rules/retention.ts';
import { accountOf, demandShortSubject, nameInCounter } from '../rules/throttle-subjects.ts';
import { MemoryTable, type UndoLog } from './tables/memory-table.ts';

const lastHit = (row: ThrottleRow): number => (row.hits.at(-1) ?? 0) + keptLongerMillis(row);

export const memoryThrottles = (undoLog: UndoLog) => {
  const table = new MemoryTable<ThrottleRow, 'name'>(undoLog, (row) => row.subject, {
    name: (row) => nameInCounter(row.subject),
  });
  return {
    reader: {
      get: async (subjects) => subjects.map((it) => table.get(it)).filter((row) => row !== undefined),
      ofUser: async ({ id, realm, username }) =>
        [id, accountOf(realm, username)]
          .flatMap((name) => table.by('name', name))
          .filter(({ subject }) => locksFactor(subject)),
    } satisfies CounterReader,
    changes: {
      'throttle.put': ({ row }) => {
        demandShortSubject(row.subject);
        return table.putIf(storedThrottle(table.get(row.subject), row));
      },
      'throttle.hit': ({ subject, policy, at, credential, onlyUnlocked = false }) => {
        demandShortSubject(subject);
        const row = table.get(subject);
        if (isLocked(row, at)) return !onlyUnlocked;
        return table.putIf(storedThrottle(row, afterHit(row, subject, policy, at, credential)));
      },
      'throttle.unlocked': ({ subjects, now }) => subjects.every((subject) => !isLocked(table.get(subject), now)),
      'throttle.clear': ({ subjects }) => {
        for (const subject of subjects) table.update(subject, (row) => storedThrottle(row, clearedThrottle(row)));
        return true;
      },
      'throttle.takeBack': ({ hits }) => {
        for (const { subject, at } of hits) table.update(subject, (row) => storedThrottle(row, withoutHit(row, at)));
        return true;
      },
      'throttle.forgive': ({ subject }) => {
        table.update(subject, (row) => {
          const forgiven = forgivenThrottle(row);
          return forgiven === row ? undefined : storedThrottle(row, forgiven);
        });
        return true;
      },
    } satisfies ChangesOf<
      | 'throttle.put'
      | 'throttle.hit'
      | 'throttle.unlocked'
      | 'throttle.clear'
      | 'throttle.takeBack'
      | 'throttle.forgive'
    >,
    deleteUser: (userId: string, account: string) => {
      for (const name of [userId, account]) table.deleteBy('name', name);
    },
    sweep: (now: number, idleSince: number, limit: number) =>
      table.deleteWhere((row) => lastHit(row) < idleSince && !isLocked(row, now), limit),
  };
};
