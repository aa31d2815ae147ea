import type { OutboxEntry } from '@assent/engine/host';
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
  afterStep,
  isRinging,
  isUnclaimed,
  isUnsent,
  keptMessage,
  type MessageMoment,
  type MessageReader,
  type MessageTransition,
  messageFingerprints,
  momentOfNewer,
  type PushMessage,
  stepOfTransition,
  type TraceEntry,
  withdrawalsOf,
} from '@assent/push';
import type { ChangesOf } from '../../ports/store.ts';
import { MemoryTable, type UndoLog } from '../tables/memory-table.ts';

const byAge = (a: PushMessage, b: PushMessage): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

export const memoryMessages = (undoLog: UndoLog, tell: (entries: readonly OutboxEntry[]) => void) => {
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
  const noted = (row: PushMessage, entry: TraceEntry | undefined) =>
    entry === undefined ? {} : { trace: afterStep(row.trace, entry) };
  /** False where the rule says that the change does not apply. */
  const move = (transitions: readonly MessageTransition[] | undefined, moment?: MessageMoment): boolean => {
    const before = (transitions ?? []).flatMap(({ id }) => table.get(id) ?? []);
    const rung = before.map((row) => ({ ...row, communicationType: row.envelope?.communicationType }));
    tell(withdrawalsOf(rung, transitions ?? [], moment?.at));
    for (const { id, state, reason } of transitions ?? []) {
      const entry = stepOfTransition({ state, reason }, moment);
      // Nobody sends a message again that was consumed; what was sent would only fill the memory until the sweep.
      table.update(id, (row) => ({
        ...row,
        state,
        reason,
        ...(state === 'consumed' && { envelope: undefined }),
        ...noted(row, entry),
      }));
    }
    return transitions !== undefined;
  };

  return {
    reader: {
      get: async (id) => table.get(id),
      ofRequest: async (request) =>
        ofRequest(request).map((row) => (row.delivery === 'unreachable' ? { ...row, isUnreachable: true } : row)),
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
      unclaimed: async (now, limit, alsoOf, except = []) =>
        table
          .by('unsent', 'unsent')
          .filter((row) => isUnclaimed(row, now, alsoOf) && now < row.expiresAt && !except.includes(row.realm))
          .sort(byAge)
          .slice(0, limit)
          .map(({ id }) => id),
      ofUser: async (userId, limit) =>
        [...table.by('user', userId)]
          .sort((a, b) => byAge(b, a))
          .slice(0, limit)
          .map(keptMessage),
      ofJourneys: async (journeyIds, limit) =>
        [...new Set(journeyIds)]
          .flatMap((journeyId) => table.by('journey', journeyId))
          .sort((a, b) => byAge(b, a))
          .slice(0, limit)
          .map(({ id, request, userId, deviceUuid, state, expiresAt, trace = '' }) => ({
            id,
            request,
            userId,
            deviceUuid,
            state,
            expiresAt,
            trace,
          })),
      claimed: async ({ by, until }) =>
        table
          .by('unsent', 'unsent')
          .filter(({ claim }) => claim?.by === by && claim.until === until)
          .sort(byAge),
    } satisfies MessageReader,
    changes: {
      'push.open': ({ rows }) => {
        for (const row of rows) move(afterNewRequest(row, table.by('ringing', row.userId)), momentOfNewer(row));
        return rows.every((row) => table.insert(row));
      },
      'push.answer': ({ id, state, at, answerHash, reason, claims, moment }) => {
        const rows = ofRequest(table.get(id)?.request ?? '');
        if (!move(afterAnswer(rows, { id, state, at, reason }), moment)) return false;
        table.update(id, (row) => ({ ...row, answeredAt: at, answerHash, claims }));
        return true;
      },
      'push.badProof': ({ id }) => {
        const row = table.get(id);
        if (row === undefined) return true;
        const { attempts, ...after } = afterBadProof(row);
        table.update(id, (it) => ({ ...it, attempts }));
        return after.state === row.state || move([after]);
      },
      'push.consume': ({ request, state, moment }) => move(afterConsumption(ofRequest(request), state), moment),
      'push.close': ({ request, reason, moment }) => move(afterClose(ofRequest(request), reason), moment),
      'push.closeJourney': ({ journeyId, reason, moment }) =>
        move(afterClose(table.by('journey', journeyId), reason), moment),
      'push.closeUser': ({ userId, reason, moment }) => move(afterClose(table.by('user', userId), reason), moment),
      'push.claim': ({ ids, claim, now, alsoOf }) => {
        for (const id of ids) {
          table.update(id, (row) => {
            if (!isUnclaimed(row, now, alsoOf)) return undefined;
            return { ...afterClaim(row, claim), ...noted(row, { step: 'takenOver', at: now, by: claim.by }) };
          });
        }
        return true;
      },
      'push.renewClaim': ({ ids, claim }) => {
        for (const id of ids) table.update(id, (row) => afterRenewal(row, claim));
        return true;
      },
      'push.defer': ({ id, by, nextTryAt, cause, moment }) => {
        const entry = moment && ({ ...moment, step: 'deferred', cause } as const);
        table.update(id, (row) => {
          const after = afterDeferral(row, by, nextTryAt);
          return after === row ? row : { ...after, ...noted(row, entry) };
        });
        return true;
      },
      'push.delivery': ({ marks, moment }) => {
        for (const { id, delivery, cause } of marks) {
          const entry = moment && { ...moment, step: delivery, cause };
          table.update(id, (row) =>
            row.delivery === 'shown'
              ? row
              : { ...row, delivery: afterDelivery(row.delivery, delivery), ...noted(row, entry) },
          );
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
    realmOf: (id: string) => table.get(id)?.realm,
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
