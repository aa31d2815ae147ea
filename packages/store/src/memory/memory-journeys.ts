import type { JourneySession, JourneySessionReader } from '@assent/engine';
import type { ChangesOf } from '../store.ts';
import type { UndoLog } from './memory-table.ts';
import type { Rest } from './resting-rows.ts';
import { RestingTable } from './resting-table.ts';

const treeKey = (realm: string, tree: string, version: number): string => `${realm}\0${tree}\0${version}`;

/** The state is a text already, and stays one: what comes before the line break is the rest of the row. */
const rest: Rest<JourneySession> = {
  toText: (row) => `${JSON.stringify({ ...row, state: undefined })}\n${row.state}`,
  fromText: (text) => {
    const end = text.indexOf('\n');
    return { ...JSON.parse(text.slice(0, end)), state: text.slice(end + 1) };
  },
  isOver: (row) => row.ended,
  sweptFrom: (row) => row.expiresAt,
};

export const memoryJourneys = (undoLog: UndoLog) => {
  const table = new RestingTable<JourneySession, 'tree'>(
    undoLog,
    (row) => row.id,
    { tree: (row) => (row.ended ? undefined : treeKey(row.realm, row.tree, row.treeVersion)) },
    rest,
  );
  return {
    reader: { get: async (id) => table.get(id) } satisfies JourneySessionReader,
    changes: {
      'journey.insert': ({ row }) => table.insert(row),
      'journey.advance': ({ row, seenNonce }) => {
        const stored = table.get(row.id);
        if (stored === undefined || stored.ended || stored.nonce !== seenNonce) return false;
        table.put(row);
        return true;
      },
    } satisfies ChangesOf<'journey.insert' | 'journey.advance'>,
    isOn: (realm: string, tree: string, version: number) => table.has('tree', treeKey(realm, tree, version)),
    rest: (awake: number) => table.rest(awake),
    sweep: (expiredBy: number, limit: number) => table.sweep(expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
