import type { PushMessage } from '@assent/push';

/** A message as `MESSAGE_COLUMNS` has it. */
export type MessageRow = readonly [
  id: string,
  kind: PushMessage['kind'],
  request: string,
  realm: string,
  userId: string,
  username: string,
  journeyId: string,
  deviceUuid: string,
  mechanismUid: string,
  sealed: Uint8Array,
  pushType: PushMessage['pushType'],
  state: PushMessage['state'],
  createdAt: number,
  expiresAt: number,
  attempts: number,
  answeredAt: number | null,
  answerHash: string | null,
  claims: Uint8Array | null,
  reason: string | null,
  delivery: PushMessage['delivery'],
];

/** How a message stands, by what is not sealed of it. */
export type SummaryRow = readonly [
  id: string,
  kind: PushMessage['kind'],
  realm: string,
  userId: string,
  journeyId: string,
  deviceUuid: string,
  pushType: PushMessage['pushType'],
  state: PushMessage['state'],
  expiresAt: number,
  answeredAt: number | null,
  reason: string | null,
  sealedIfApproved: Uint8Array | null,
  claims: Uint8Array | null,
  position: number,
];

/** Where a standing row has its place among the messages of the request. */
export const POSITION = 13;

export type StateRow = readonly [id: string, state: PushMessage['state']];

/** What decides whether a message may still be answered. */
export type AnswerableRow = readonly [
  kind: PushMessage['kind'],
  request: string,
  realm: string,
  userId: string,
  state: PushMessage['state'],
  reason: string | null,
  expiresAt: number,
];

export const MESSAGE_COLUMNS = `id, kind, request, realm, user_id, username, journey_id, device_uuid, mechanism_uid, sealed, push_type,
  state, created_at, expires_at, attempts, answered_at, answer_hash, claims, reason, delivery`;

/** The messages of a request: the first lends it its id, and an index finds the others. It takes the request twice. */
export const ofRequest = (columns: string): string =>
  `SELECT ${columns} FROM push_message WHERE id = ? AND request = id
   UNION ALL SELECT ${columns} FROM push_message WHERE request = ? AND request <> id`;
