import type { ReplayReader } from '@assent/oidc';
import type { ChangesOf } from '../ports/store.ts';
import { MemoryTable, type UndoLog } from './memory-table.ts';

interface Seen {
  readonly hash: string;
  readonly expiresAt: number;
}

export const memoryReplays = (undoLog: UndoLog) => {
  const table = new MemoryTable<Seen>(undoLog, (row) => row.hash, {});
  return {
    reader: { has: async (hash) => table.get(hash) !== undefined } satisfies ReplayReader,
    changes: {
      'replay.see': ({ hash, expiresAt, now }) => {
        const before = table.get(hash);
        if (before !== undefined && now < before.expiresAt) return false;
        table.put({ hash, expiresAt });
        return true;
      },
    } satisfies ChangesOf<'replay.see'>,
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
  };
};
