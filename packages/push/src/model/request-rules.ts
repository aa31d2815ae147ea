import type { DeliveryOutcome, MessageClaim, MessageState, PushMessage } from './messages.ts';
import type { AskedFrom } from './push-limits.ts';

/** As many bad proofs close a message: whoever sends them does not have the key of the phone. */
const MAX_BAD_PROOFS = 5;

/** What the rules have to know of one message of a request. */
export type MessageFacts = Pick<PushMessage, 'id' | 'kind' | 'state'> & { readonly reason?: string | null | undefined };

/** What a message becomes. */
export interface MessageTransition {
  readonly id: string;
  readonly state: MessageState;
  readonly reason: string | undefined;
}

const isPending = ({ state }: Pick<PushMessage, 'state'>): boolean => state === 'pending';

/** Whether something may still become of the message: nobody has answered it, or no journey has taken the answer. */
export const isOpenMessage = ({ state }: Pick<PushMessage, 'state'>): boolean =>
  state === 'pending' || state === 'approved' || state === 'denied';

/** Whether a phone shows the message and asks for an answer. */
export const isRinging = ({ kind, state }: Pick<PushMessage, 'kind' | 'state'>): boolean =>
  kind === 'AUTHENTICATE' && state === 'pending';

/** Whether the message waits for the dispatcher: whoever committed it has not sent it. */
export const isUnsent = ({ state, delivery }: Pick<PushMessage, 'state' | 'delivery'>): boolean =>
  state === 'pending' && delivery === 'queued';

/** For how long an instance holds a message without renewing its claim (OPS-41). */
const CLAIM_MILLIS = 4_000;

export const claimFrom = (now: number, by: string): MessageClaim => ({ by, until: now + CLAIM_MILLIS });

type Claimable = Pick<PushMessage, 'state' | 'delivery' | 'claim' | 'tries' | 'nextTryAt'>;

/** Whether the message is to be sent by somebody: nobody holds it, or `alsoOf` does, who was started again. */
export const isUnclaimed = (message: Claimable, now: number, alsoOf?: string): boolean =>
  isUnsent(message) &&
  (message.nextTryAt ?? 0) <= now &&
  ((message.claim?.until ?? 0) < now || (alsoOf !== undefined && message.claim?.by === alsoOf));

/** The message as whoever takes it holds it. */
export const afterClaim = <M extends Claimable>(message: M, claim: MessageClaim): M => ({
  ...message,
  claim,
  tries: (message.tries ?? 0) + 1,
});

const closed = (rows: readonly MessageFacts[], reason: string): readonly MessageTransition[] =>
  rows.map(({ id }) => ({ id, state: 'closed', reason }));

/** Closes what is open of the given messages: at an exit, a timeout or the end of a journey (push-protocol §8). */
export const afterClose = (rows: readonly MessageFacts[], reason: string): readonly MessageTransition[] =>
  closed(rows.filter(isOpenMessage), reason);

/** Who asks for a request, as far as a newer one takes its place. */
export type Asked = Pick<PushMessage, 'kind' | 'state' | 'request' | 'journeyId' | 'askedFrom'>;

/** A known place, or the address of a stranger: strangers are counted together, but none of them ends the request of another. */
const isFromSamePlace = (one: AskedFrom | undefined, other: AskedFrom | undefined): boolean =>
  one === undefined ||
  other === undefined ||
  (one.place === other.place && (one.place !== undefined || one.source === other.source));

/**
 * A user has one request that rings from each place: the messages of another are superseded by the first message of a newer one from there, or of
 * the same journey. A request from elsewhere is none of its business: a stranger with the password would end those of the owner (SEC-24).
 */
export const afterNewRequest = (
  opened: Asked,
  others: readonly (MessageFacts & Asked)[],
): readonly MessageTransition[] => {
  if (!isRinging(opened)) return [];
  const isSuperseded = (other: Asked) =>
    isRinging(other) &&
    other.request !== opened.request &&
    (other.journeyId === opened.journeyId || isFromSamePlace(other.askedFrom, opened.askedFrom));
  return closed(others.filter(isSuperseded), 'superseded');
};

/** Whoever removes a phone wants no sign-in of it any more, not even one that it has approved (A108). Its deny stays one. */
export const afterRemovalOfDevice = (rows: readonly MessageFacts[]): readonly MessageTransition[] =>
  closed(
    rows.filter((row) => isOpenMessage(row) && row.state !== 'denied'),
    'removed',
  );

interface Answer {
  readonly id: string;
  readonly state: 'approved' | 'denied';
  readonly at: number;
  readonly reason?: string | undefined;
}

/**
 * What the messages of a request become by the answer of one phone; undefined where it may not answer any more. An answer
 * is final, with one exception: a deny beats an approve that no journey has taken (design.md decision 8). It also counts
 * on a phone whose message was withdrawn because another one approved (design.md §3.3).
 */
export const afterAnswer = (
  rows: readonly (MessageFacts & Pick<PushMessage, 'expiresAt'>)[],
  { id, state, at, reason }: Answer,
): readonly MessageTransition[] | undefined => {
  const answered = rows.find((row) => row.id === id);
  if (answered === undefined) return undefined;
  const others = rows.filter((row) => row.id !== id);
  const isWithdrawn =
    answered.state === 'closed' &&
    answered.reason === 'withdrawn' &&
    others.some((other) => other.state === 'approved');
  const isInTime = isPending(answered) && at < answered.expiresAt;
  const isChangeOfMind = state === 'denied' && (answered.state === 'approved' || isWithdrawn);
  if (!isInTime && !isChangeOfMind) return undefined;
  const mine: MessageTransition = { id, state, reason };
  if (answered.kind !== 'AUTHENTICATE') return [mine];
  const denied = state === 'denied' ? others.filter((other) => other.state === 'approved') : [];
  return [
    mine,
    ...closed(others.filter(isPending), 'withdrawn'),
    ...denied.map((other) => ({ id: other.id, state, reason: reason ?? other.reason ?? undefined })),
  ];
};

/**
 * What the messages of a request become as its journey takes the answer; undefined where there is no such answer. An
 * answer is taken once (I2), and an approve beside which there is a deny is none (I8).
 */
export const afterConsumption = (
  rows: readonly MessageFacts[],
  wanted: 'approved' | 'denied',
): readonly MessageTransition[] | undefined => {
  if (!rows.some(({ state }) => state === wanted)) return undefined;
  if (wanted === 'approved' && rows.some(({ state }) => state === 'denied')) return undefined;
  return [
    ...rows
      .filter((row) => isOpenMessage(row) && !isPending(row))
      .map(({ id, reason }): MessageTransition => ({ id, state: 'consumed', reason: reason ?? undefined })),
    ...closed(rows.filter(isPending), 'withdrawn'),
  ];
};

/** What a message becomes by one more bad proof. */
export const afterBadProof = (
  row: MessageFacts & Pick<PushMessage, 'attempts'>,
): MessageTransition & { readonly attempts: number } => {
  const attempts = row.attempts + 1;
  return isPending(row) && attempts >= MAX_BAD_PROOFS
    ? { id: row.id, attempts, state: 'closed', reason: 'attempts' }
    : { id: row.id, attempts, state: row.state, reason: row.reason ?? undefined };
};

/** A phone that has shown a message has it, whatever the provider says of it later. */
export const afterDelivery = (before: PushMessage['delivery'], mark: DeliveryOutcome): PushMessage['delivery'] =>
  before === 'shown' ? before : mark;
