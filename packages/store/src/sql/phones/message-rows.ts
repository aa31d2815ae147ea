import {
  type AskedFrom,
  type FingerprintRow,
  isOpenMessage,
  type KeptMessage,
  type MessageSummary,
  type PushEnvelope,
  type PushMessage,
  type RegistrationClaims,
} from '@assent/push';
import type { Sealer } from '../../sealing/sealer.ts';
import { REALM_IS_ON } from '../verbs/conditions.ts';
import type { SqlValue } from '../verbs/verb.ts';

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
  claimBy: string | null,
  claimUntil: number,
  tries: number,
  nextTryAt: number,
  trace: string,
  communicationType: string,
];

export const MESSAGE_COLUMNS = `id, kind, request, realm, user_id, username, journey_id, device_uuid, mechanism_uid, sealed, push_type,
  state, created_at, expires_at, attempts, answered_at, answer_hash, claims, reason, delivery, claim_by, claim_until, tries,
  next_try_at, trace, communication_type`;

/** With the values of `valuesOf`. */
export const INSERT_MESSAGE = `INSERT INTO push_message (${MESSAGE_COLUMNS}, position, is_open)
   SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${REALM_IS_ON} ON CONFLICT DO NOTHING`;

/** What a poll has to know of a message: nothing of it is sealed before the message is answered. */
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
  delivery: PushMessage['delivery'],
];

export const SUMMARY_COLUMNS = `id, kind, realm, user_id, journey_id, device_uuid, push_type, state, expires_at, answered_at, reason,
  CASE state WHEN 'approved' THEN sealed END, claims, position, delivery`;

/** Where a summary has the place of its message among those of the request. */
export const POSITION = 13;

/** What is kept of a message, for its user. */
export type KeptRow = readonly [
  id: string,
  kind: PushMessage['kind'],
  deviceUuid: string,
  pushType: PushMessage['pushType'],
  state: PushMessage['state'],
  createdAt: number,
  expiresAt: number,
  answeredAt: number | null,
  reason: string | null,
  delivery: PushMessage['delivery'],
];

export const KEPT_COLUMNS =
  'id, kind, device_uuid, push_type, state, created_at, expires_at, answered_at, reason, delivery';

export const keptMessageOf = (row: KeptRow): KeptMessage => {
  const [id, kind, deviceUuid, pushType, state, createdAt, expiresAt, answeredAt, reason, delivery] = row;
  const times = { createdAt, expiresAt, ...(answeredAt !== null && { answeredAt }) };
  return { id, kind, deviceUuid, pushType, state, ...times, ...(reason !== null && { reason }), delivery };
};

/** What a look at all that is waited for has to know of a message. */
export type FingerprintColumns = readonly [
  id: string,
  request: string,
  deviceUuid: string,
  state: PushMessage['state'],
  reason: string | null,
  delivery: PushMessage['delivery'],
];

export const FINGERPRINT_COLUMNS = 'id, request, device_uuid, state, reason, delivery';

export const fingerprintRowOf = ([
  id,
  request,
  deviceUuid,
  state,
  reason,
  delivery,
]: FingerprintColumns): FingerprintRow => ({
  id,
  request,
  deviceUuid,
  state,
  delivery,
  reason: reason ?? undefined,
});

/** What the rules have to know of a message (`MessageFacts` of push), and what of it a phone shows. */
export type FactsRow = readonly [
  id: string,
  kind: PushMessage['kind'],
  request: string,
  state: PushMessage['state'],
  reason: string | null,
  expiresAt: number,
  attempts: number,
  realm: string,
  userId: string,
  deviceUuid: string,
  delivery: PushMessage['delivery'],
  communicationType: string,
];

export const FACTS_COLUMNS = `id, kind, request, state, reason, expires_at, attempts, realm, user_id, device_uuid, delivery,
  communication_type`;

/** With who asks, for what a newer request supersedes: that is sealed, and opened of what rings alone. */
export type RingingRow = readonly [...facts: FactsRow, journeyId: string, sealed: Uint8Array];

export const RINGING_COLUMNS = `${FACTS_COLUMNS}, journey_id, sealed`;

export const factsOf = (row: FactsRow) => {
  const [id, kind, request, state, reason, expiresAt, attempts, realm, userId, ...ringing] = row;
  const [deviceUuid, delivery, communicationType] = ringing;
  return {
    id,
    kind,
    request,
    state,
    reason,
    expiresAt,
    attempts,
    realm,
    userId,
    deviceUuid,
    delivery,
    communicationType,
  };
};

/** What a stolen database must not show: the rest of a row is of no use without it. */
interface Sealed {
  readonly challenge: string;
  readonly secret?: string;
  readonly expectedNumber?: number;
  readonly envelope?: PushEnvelope;
  readonly askedFrom?: AskedFrom;
}

type Opened = Pick<PushMessage, 'challenge' | 'secret' | 'expectedNumber' | 'envelope' | 'askedFrom'>;
type Owner = Pick<PushMessage, 'id' | 'realm' | 'userId'>;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));

export const placeOfMessage = ({ id, realm, userId }: Owner) => ({ table: 'push_message', id, realm, userId });
export const placeOfClaims = ({ id, realm, userId }: Owner) => ({ table: 'push_message.claims', id, realm, userId });

/** Messages as rows and back. A message of which not all can be opened is not there, for whoever asks (SEC-74). */
export const messageMapping = (sealer: Sealer) => {
  const open = (owner: Owner, sealed: Uint8Array): Opened | undefined => {
    const plain = sealer.tryOpen('message', placeOfMessage(owner), sealed);
    if (plain === undefined) return undefined;
    const { challenge, secret, ...others }: Sealed = JSON.parse(plain.toString());
    return { challenge: bytesOf(challenge), ...(secret !== undefined && { secret: bytesOf(secret) }), ...others };
  };
  const openClaims = (owner: Owner, claims: Uint8Array): RegistrationClaims | undefined => {
    const plain = sealer.tryOpen('message', placeOfClaims(owner), claims);
    return plain === undefined ? undefined : JSON.parse(plain.toString());
  };
  const sealClaims = (owner: Owner, claims: RegistrationClaims | undefined): Uint8Array | null =>
    claims === undefined ? null : sealer.seal('message', placeOfClaims(owner), JSON.stringify(claims));

  return {
    sealClaims,

    ringingOf(row: RingingRow) {
      const facts = factsOf(row.slice(0, -2) as unknown as FactsRow);
      const [journeyId, sealed] = row.slice(-2) as [string, Uint8Array];
      return { ...facts, journeyId, askedFrom: open(facts, sealed)?.askedFrom };
    },

    /** The values of `MESSAGE_COLUMNS`, of its place among the messages of the request, and whether it is open. */
    valuesOf(row: PushMessage, position: number): readonly SqlValue[] {
      const sealed: Sealed = {
        challenge: base64(row.challenge),
        ...(row.secret !== undefined && { secret: base64(row.secret) }),
        ...(row.expectedNumber !== undefined && { expectedNumber: row.expectedNumber }),
        ...(row.envelope !== undefined && { envelope: row.envelope }),
        ...(row.askedFrom !== undefined && { askedFrom: row.askedFrom }),
      };
      return [
        row.id,
        row.kind,
        row.request,
        row.realm,
        row.userId,
        row.username,
        row.journeyId,
        row.deviceUuid,
        row.mechanismUid,
        sealer.seal('message', placeOfMessage(row), JSON.stringify(sealed)),
        row.pushType,
        row.state,
        row.createdAt,
        row.expiresAt,
        row.attempts,
        row.answeredAt ?? null,
        row.answerHash ?? null,
        sealClaims(row, row.claims),
        row.reason ?? null,
        row.delivery,
        row.claim?.by ?? null,
        row.claim?.until ?? 0,
        row.tries ?? 0,
        row.nextTryAt ?? 0,
        row.trace ?? '',
        row.envelope?.communicationType ?? '',
        position,
        isOpenMessage(row) ? 1 : 0,
        row.realm,
      ];
    },

    messageOf(row: MessageRow): PushMessage | undefined {
      const [id, kind, request, realm, userId, username, journeyId, deviceUuid, mechanismUid, sealed, ...others] = row;
      const [pushType, state, createdAt, expiresAt, attempts, answeredAt, answerHash, claims, ...sending] = others;
      const [reason, delivery, claimBy, claimUntil, tries, nextTryAt, trace] = sending;
      const owner = { id, realm, userId };
      const opened = open(owner, sealed);
      const registered = claims === null ? null : openClaims(owner, claims);
      if (opened === undefined || registered === undefined) return undefined;
      return {
        id,
        kind,
        request,
        realm,
        userId,
        username,
        journeyId,
        deviceUuid,
        mechanismUid,
        pushType,
        state,
        createdAt,
        expiresAt,
        attempts,
        delivery,
        ...opened,
        ...(answeredAt !== null && { answeredAt }),
        ...(answerHash !== null && { answerHash }),
        ...(reason !== null && { reason }),
        ...(registered !== null && { claims: registered }),
        ...(claimBy !== null && { claim: { by: claimBy, until: claimUntil } }),
        ...(tries > 0 && { tries }),
        ...(nextTryAt > 0 && { nextTryAt }),
        ...(trace !== '' && { trace }),
      };
    },

    /** An answer of which not all can be read decides nothing: without its number, an approve would not need one. */
    summaryOf(row: SummaryRow): MessageSummary | undefined {
      const [id, kind, realm, userId, journeyId, deviceUuid, pushType, state, expiresAt, ...answer] = row;
      const [answeredAt, reason, sealedIfApproved, claims, , delivery] = answer;
      const owner = { id, realm, userId };
      const registered = claims === null ? null : openClaims(owner, claims);
      const opened = sealedIfApproved === null ? null : open(owner, sealedIfApproved);
      if (registered === undefined || opened === undefined) return undefined;
      const { expectedNumber, askedFrom } = opened ?? {};
      return {
        id,
        kind,
        realm,
        userId,
        journeyId,
        deviceUuid,
        pushType,
        state,
        expiresAt,
        ...(delivery === 'unreachable' && { isUnreachable: true as const }),
        ...(answeredAt !== null && { answeredAt }),
        ...(reason !== null && { reason }),
        ...(registered !== null && { claims: registered }),
        ...(expectedNumber !== undefined && { expectedNumber }),
        ...(askedFrom !== undefined && { askedFrom }),
      };
    },
  };
};

/** How a message stands that nobody has answered yet. */
export const summaryAtFirst = (row: PushMessage): MessageSummary => {
  const { id, kind, realm, userId, journeyId, deviceUuid, pushType, state, expiresAt, delivery } = row;
  const summary = { id, kind, realm, userId, journeyId, deviceUuid, pushType, state, expiresAt };
  return delivery === 'unreachable' ? { ...summary, isUnreachable: true } : summary;
};
