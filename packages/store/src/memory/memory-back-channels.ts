import { type BackChannel, type BackChannelReader, isApprovalOf, isOpenBackChannel } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { MemoryTable, type UndoLog } from './tables/memory-table.ts';

type BackChannelChangeType =
  | 'backChannel.open'
  | 'backChannel.start'
  | 'backChannel.tell'
  | 'backChannel.approve'
  | 'backChannel.consume'
  | 'backChannel.deny';

export const memoryBackChannels = (undoLog: UndoLog) => {
  const table = new MemoryTable<BackChannel>(undoLog, (row) => row.idHash, {});
  const changeOpen = (idHash: string, now: number, members: Partial<BackChannel>): boolean =>
    table.update(idHash, (row) => (isOpenBackChannel(row, now) ? { ...row, ...members } : undefined));
  return {
    reader: { get: async (idHash) => table.get(idHash) } satisfies BackChannelReader,
    changes: {
      'backChannel.open': ({ row }) => table.insert(row),
      'backChannel.start': ({ idHash, now }) => changeOpen(idHash, now, { status: 'started' }),
      'backChannel.tell': ({ idHash, now, notice }) => changeOpen(idHash, now, { notice }),
      'backChannel.approve': ({ idHash, now, properties }) =>
        changeOpen(idHash, now, { status: 'approved', ...(properties !== undefined && { properties }) }),
      'backChannel.consume': ({ idHash, ...access }) => {
        const row = table.get(idHash);
        return row !== undefined && isApprovalOf(row, access) && table.delete(idHash);
      },
      'backChannel.deny': ({ idHash, now }) => {
        changeOpen(idHash, now, { status: 'denied' });
        return true;
      },
    } satisfies ChangesOf<BackChannelChangeType>,
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    deleteUser: (userId: string) => table.deleteWhere((row) => row.subject === userId),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
