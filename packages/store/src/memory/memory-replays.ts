import { MAX_SEEN_OF_OWNER, type ReplayReader } from '@assent/oidc';
import type { ChangesOf } from '../ports/store.ts';
import { MemoryTable, type UndoLog } from './tables/memory-table.ts';

interface Seen {
  readonly hash: string;
  readonly owner: string;
  readonly expiresAt: number;
}

export const memoryReplays = (undoLog: UndoLog) => {
  const table = new MemoryTable<Seen, 'owner'>(undoLog, (row) => row.hash, { owner: (row) => row.owner });
  return {
    reader: { has: async (hash) => table.get(hash) !== undefined } satisfies ReplayReader,
    changes: {
      'replay.room': ({ owner, now }) =>
        table.by('owner', owner).filter(({ expiresAt }) => now < expiresAt).length < MAX_SEEN_OF_OWNER,
      'replay.see': ({ hash, owner, expiresAt, now }) => {
        const before = table.get(hash);
        if (before !== undefined && now < before.expiresAt) return false;
        table.put({ hash, owner, expiresAt });
        return true;
      },
    } satisfies ChangesOf<'replay.room' | 'replay.see'>,
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
  };
};
