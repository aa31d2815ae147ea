import {
  afterAnswer,
  afterBadProof,
  afterClaim,
  afterClose,
  afterConsumption,
  afterDeferral,
  afterDelivery,
  afterNewRequest,
  afterRemovalOfDevice,
  afterRenewal,
  isRinging,
  isUnclaimed,
  isUnsent,
  type MessageReader,
  type MessageTransition,
  messageFingerprints,
  type PushMessage,
} from '@assent/push';
import type { ChangesOf } from '../ports/store.ts';
import { MemoryTable, type UndoLog } from './memory-table.ts';

const byAge = (a: PushMessage, b: PushMessage): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

export const memoryMessages = (undoLog: UndoLog) => {
  const table = new MemoryTable<PushMessage, 'others' | 'journey' | 'user' | 'ringing' | 'unsent'>(
    undoLog,
    (row) => row.id,
    {
      others: (row) => (row.request === row.id ? undefined : row.request),
      journey: (row) => row.journeyId,
      user: (row) => row.userId,
      ringing: (row) => (isRinging(row) ? row.userId : undefined),
      unsent: (row) => (isUnsent(row) ? 'unsent' : undefined),
    },
  );
  /** The first one first: it is the one whose id the request has. */
  const ofRequest = (request: string): readonly PushMessage[] => {
    const first = table.get(request);
    const others = table.by('others', request);
    return first?.request === request ? [first, ...others] : others;
  };
  /** False where the rule says that the change does not apply. */
  const move = (transitions: readonly MessageTransition[] | undefined): boolean => {
    for (const { id, state, reason } of transitions ?? []) {
      // Nobody sends a message again that was consumed; what was sent would only fill the memory until the sweep.
      table.update(id, (row) => ({ ...row, state, reason, ...(state === 'consumed' && { envelope: undefined }) }));
    }
    return transitions !== undefined;
  };

  return {
    reader: {
      get: async (id) => table.get(id),
      ofRequest: async (request) => ofRequest(request),
      pendingFor: async (devices, now) =>
        devices
          .flatMap(({ uuid, userId }) => table.by('ringing', userId).filter((row) => row.deviceUuid === uuid))
          .filter((row) => now < row.expiresAt)
          .sort(byAge),
      fingerprints: async ({ requests, users }) =>
        messageFingerprints(
          requests,
          requests.flatMap(ofRequest),
          users.flatMap((user) => table.by('ringing', user)),
        ),
      unclaimed: async (now, limit, alsoOf) =>
        table
          .by('unsent', 'unsent')
          .filter((row) => isUnclaimed(row, now, alsoOf) && now < row.expiresAt)
          .sort(byAge)
          .slice(0, limit)
          .map(({ id }) => id),
      claimed: async ({ by, until }) =>
        table
          .by('unsent', 'unsent')
          .filter(({ claim }) => claim?.by === by && claim.until === until)
          .sort(byAge),
    } satisfies MessageReader,
    changes: {
      'push.open': ({ rows }) => {
        for (const row of rows) move(afterNewRequest(row, table.by('ringing', row.userId)));
        return rows.every((row) => table.insert(row));
      },
      'push.answer': ({ id, state, at, answerHash, reason, claims }) => {
        const rows = ofRequest(table.get(id)?.request ?? '');
        if (!move(afterAnswer(rows, { id, state, at, reason }))) return false;
        table.update(id, (row) => ({ ...row, answeredAt: at, answerHash, claims }));
        return true;
      },
      'push.badProof': ({ id }) => {
        table.update(id, (row) => ({ ...row, ...afterBadProof(row) }));
        return true;
      },
      'push.consume': ({ request, state }) => move(afterConsumption(ofRequest(request), state)),
      'push.close': ({ request, reason }) => move(afterClose(ofRequest(request), reason)),
      'push.closeJourney': ({ journeyId, reason }) => move(afterClose(table.by('journey', journeyId), reason)),
      'push.closeUser': ({ userId, reason }) => move(afterClose(table.by('user', userId), reason)),
      'push.claim': ({ ids, claim, now, alsoOf }) => {
        for (const id of ids) {
          table.update(id, (row) => (isUnclaimed(row, now, alsoOf) ? afterClaim(row, claim) : undefined));
        }
        return true;
      },
      'push.renewClaim': ({ ids, claim }) => {
        for (const id of ids) table.update(id, (row) => afterRenewal(row, claim));
        return true;
      },
      'push.defer': ({ id, by, nextTryAt }) => {
        table.update(id, (row) => afterDeferral(row, by, nextTryAt));
        return true;
      },
      'push.delivery': ({ marks }) => {
        for (const { id, delivery } of marks) {
          table.update(id, (row) => ({ ...row, delivery: afterDelivery(row.delivery, delivery) }));
        }
        return true;
      },
    } satisfies ChangesOf<
      | 'push.open'
      | 'push.answer'
      | 'push.badProof'
      | 'push.consume'
      | 'push.close'
      | 'push.closeJourney'
      | 'push.closeUser'
      | 'push.claim'
      | 'push.renewClaim'
      | 'push.defer'
      | 'push.delivery'
    >,
    voidDevice: (userId: string, deviceUuid: string) => {
      move(afterRemovalOfDevice(table.by('user', userId).filter((row) => row.deviceUuid === deviceUuid)));
    },
    deleteUser: (userId: string) => {
      table.deleteBy('user', userId);
    },
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
