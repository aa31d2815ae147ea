import { type MessageReader, type MessageSummary, messageFingerprints, type PushMessage } from '@assent/push';
import { IS_RINGING, IS_UNCLAIMED, IS_UNSENT, valuesOfUnclaimed } from '../verbs/conditions.ts';
import type { RowCache } from '../verbs/row-cache.ts';
import { all, allOfEach, first, type ReadVerbs, statement } from '../verbs/verb.ts';
import {
  FINGERPRINT_COLUMNS,
  type FingerprintColumns,
  fingerprintRowOf,
  KEPT_COLUMNS,
  type KeptRow,
  keptMessageOf,
  MESSAGE_COLUMNS,
  type MessageRow,
  type messageMapping,
  POSITION,
  SUMMARY_COLUMNS,
  type SummaryRow,
} from './message-rows.ts';

/** The messages of a request: the first lends it its id, and an index finds the others. It takes the request twice. */
const ofRequest = (columns: string): string =>
  `SELECT ${columns} FROM push_message WHERE id = ? AND request = id
   UNION ALL SELECT ${columns} FROM push_message WHERE request = ? AND request <> id`;

const select = statement<MessageRow>(`SELECT ${MESSAGE_COLUMNS} FROM push_message WHERE id = ?`);
const selectSummaries = statement<SummaryRow>(ofRequest(SUMMARY_COLUMNS));
const selectPending = statement<MessageRow>(
  `SELECT ${MESSAGE_COLUMNS} FROM push_message WHERE user_id = ? AND device_uuid = ? AND ${IS_RINGING} AND expires_at > ?`,
);
const selectOfRequests = statement<FingerprintColumns>(
  `SELECT ${FINGERPRINT_COLUMNS} FROM push_message WHERE id = {any} AND request = id
   UNION ALL SELECT ${FINGERPRINT_COLUMNS} FROM push_message WHERE request = {any} AND request <> id`,
);
const selectRingingOfUsers = statement<FingerprintColumns>(
  `SELECT ${FINGERPRINT_COLUMNS} FROM push_message WHERE user_id = {any} AND ${IS_RINGING}`,
);
const selectUnclaimed = statement<readonly [id: string]>(
  `SELECT id FROM push_message WHERE ${IS_UNCLAIMED} AND expires_at > ? AND NOT realm = {any} ORDER BY created_at, id LIMIT ?`,
);
const selectOfJourneys = statement<
  readonly [
    id: string,
    request: string,
    userId: string,
    deviceUuid: string,
    state: PushMessage['state'],
    expiresAt: number,
    trace: string,
  ]
>(
  `SELECT id, request, user_id, device_uuid, state, expires_at, trace FROM push_message WHERE journey_id = {any}
   ORDER BY created_at DESC, id LIMIT ?`,
);
const selectClaimed = statement<MessageRow>(
  `SELECT ${MESSAGE_COLUMNS} FROM push_message
   WHERE ${IS_UNSENT} AND claim_by = ? AND claim_until = ? ORDER BY created_at, id`,
);
const selectOfUser = statement<KeptRow>(
  `SELECT ${KEPT_COLUMNS} FROM push_message WHERE user_id = ? ORDER BY created_at DESC, id LIMIT ?`,
);

/** Keeps the messages of requests that are still pending: a login page that waits asks for them again and again. */
export const requestCache = (requests: RowCache<readonly MessageSummary[]>) => ({
  get: (request: string) => requests.get(request),
  remember(request: string, messages: readonly MessageSummary[]): void {
    if (messages.length > 0 && messages.every(({ state }) => state === 'pending')) requests.set(request, messages);
  },
});

export const messageReader = (
  mapping: ReturnType<typeof messageMapping>,
  known: ReturnType<typeof requestCache>,
): ReadVerbs<MessageReader> => ({
  *get(id) {
    const row = yield* first(select, id);
    return row === undefined ? undefined : mapping.messageOf(row);
  },
  *ofRequest(request) {
    const remembered = known.get(request);
    if (remembered !== undefined) return remembered;
    const rows = yield* all(selectSummaries, request, request);
    const inOrder = rows.length < 2 ? rows : [...rows].sort((a, b) => a[POSITION] - b[POSITION]);
    const messages = inOrder.flatMap((row) => mapping.summaryOf(row) ?? []);
    known.remember(request, messages);
    return messages;
  },
  *pendingFor(devices, now) {
    const rows: MessageRow[] = [];
    for (const { userId, uuid } of devices) rows.push(...(yield* all(selectPending, userId, uuid, now)));
    return rows
      .flatMap((row) => mapping.messageOf(row) ?? [])
      .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  },
  *fingerprints({ requests: asked, users }) {
    const [rows = [], ringing = []] = yield* allOfEach<FingerprintColumns>([
      [selectOfRequests, asked, asked],
      [selectRingingOfUsers, users],
    ]);
    return messageFingerprints(asked, rows.map(fingerprintRowOf), ringing.map(fingerprintRowOf));
  },
  *unclaimed(now, limit, alsoOf, except = []) {
    return (yield* all(selectUnclaimed, ...valuesOfUnclaimed(now, alsoOf), now, except, limit)).map(([id]) => id);
  },
  *ofUser(userId, limit) {
    return (yield* all(selectOfUser, userId, limit)).map(keptMessageOf);
  },
  *ofJourneys(journeyIds, limit) {
    const rows = yield* all(selectOfJourneys, journeyIds, limit);
    return rows.map(([id, request, userId, deviceUuid, state, expiresAt, trace]) => ({
      id,
      request,
      userId,
      deviceUuid,
      state,
      expiresAt,
      trace,
    }));
  },
  *claimed({ by, until }) {
    const rows = yield* all(selectClaimed, by, until);
    return rows.flatMap((row) => mapping.messageOf(row) ?? []);
  },
});
