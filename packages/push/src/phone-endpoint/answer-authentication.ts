import { type Change, type EngineChange, SOURCE_POLICY, sourceSubject, type ThrottleReader } from '@assent/engine/host';
import { requestHint } from '../delivery/hints.ts';
import { answerChallenge, openEs256, openHs256, sameBytes } from '../jose/index.ts';
import type { PushDevice } from '../model/devices.ts';
import { CONSUMABLE_AFTER_MILLIS } from '../model/message-status.ts';
import type { MessageChange, PushMessage } from '../model/messages.ts';
import { afterRefusal, alarmOf, type Refusal, refusalSubject, wasDoneBefore } from '../model/push-limits.ts';
import {
  type AuthenticationAnswer,
  type Parsed,
  parseAuthenticationClaims,
  parseBoundAuthenticationClaims,
  parseMessageBody,
} from '../protocol/index.ts';
import type { PhoneCall, PhoneReply } from './phone-call.ts';
import {
  ACCEPTED,
  answerHash,
  auditRepeat,
  type CeremonyDependencies,
  countBadProof,
  isRepeat,
  messageAudit,
  refusal,
  untilCommitted,
  verifyInVain,
} from './phone-ceremony.ts';

/** A phone's yes or no to a login (spec/push-protocol.md §4.2, in that order). */
export async function answerAuthentication(ceremony: CeremonyDependencies, call: PhoneCall): Promise<PhoneReply> {
  const body = parseMessageBody(call.body);
  if (!body.ok) return refusal(body.reason);
  const { messageId, type, jwt } = body.value;
  if (type !== 'AUTHENTICATE') return refusal('the message is of another type');
  return untilCommitted(() => decide(ceremony, call, messageId, jwt));
}

async function decide(
  ceremony: CeremonyDependencies,
  call: PhoneCall,
  messageId: string,
  jwt: string,
): Promise<PhoneReply | 'lost the race'> {
  const { messages, devices, clock } = ceremony;
  const now = clock.now();
  const row = await messages.get(messageId);
  const mayAnswer = row?.kind === 'AUTHENTICATE' && row.realm === call.realm;
  const hash = answerHash(jwt);
  if (mayAnswer && isRepeat(row, hash, now)) {
    await auditRepeat(ceremony, call, row, now, 'PUSH_DUPLICATE');
    return ACCEPTED;
  }
  const device = mayAnswer && isOpenFor(row, now) ? await devices.get(row.deviceUuid) : undefined;
  if (!mayAnswer || device === undefined || device.realm !== row.realm || device.userId !== row.userId) {
    verifyInVain(ceremony, jwt, now);
    return refusal(mayAnswer ? `the message is ${stateOf(row, now)}` : 'no such message in this realm');
  }

  const answer = openAnswer(jwt, device, row, now);
  if (!answer.ok) return countBadProof(ceremony, row, now, answer.reason);
  if (!sameBytes(answer.value.response, answerChallenge(device.secret, row.challenge))) {
    return countBadProof(ceremony, row, now, 'response is wrong');
  }
  if (row.state === 'consumed') {
    return answer.value.deny ? denyTooLate(ceremony, call, row, now) : refusal('the message is consumed');
  }
  const verdict = verdictOf(answer.value, row);
  if (row.state !== 'pending' && verdict.event !== 'PUSH_DENIED') return refusal(`the message is ${stateOf(row, now)}`);
  return settle(ceremony, call, { row, hash, now, verdict });
}

/** Verifies with what the device has: its own key, and from then on nothing else (SEC-10, SEC-33). */
function openAnswer(jwt: string, device: PushDevice, row: PushMessage, now: number): Parsed<AuthenticationAnswer> {
  if (device.xKey !== undefined) {
    const opened = openEs256(jwt, device.xKey, { now });
    return opened.ok ? parseBoundAuthenticationClaims(opened.claims, row.id) : opened;
  }
  const opened = openHs256(jwt, device.secret, { now });
  return opened.ok ? parseAuthenticationClaims(opened.claims) : opened;
}

/**
 * Pending and in time; or approved, also by another phone of the request, and then only a deny counts, as long as a
 * journey might still take the approve (SEC-18). A consumed one is opened to see a late deny.
 */
function isOpenFor(row: PushMessage, now: number): boolean {
  if (row.state === 'pending') return now < row.expiresAt;
  const isAnswered = row.state === 'approved' || row.state === 'consumed';
  const isWithdrawn = row.state === 'closed' && row.reason === 'withdrawn';
  return (isAnswered || isWithdrawn) && now < row.expiresAt + CONSUMABLE_AFTER_MILLIS;
}

const stateOf = (row: PushMessage, now: number): string =>
  row.state === 'pending' && now >= row.expiresAt
    ? 'expired'
    : row.state === 'closed'
      ? `closed: ${row.reason}`
      : row.state;

interface Verdict {
  readonly state: 'approved' | 'denied';
  readonly event: 'PUSH_ANSWERED' | 'PUSH_DENIED' | 'PUSH_NUMBER_MISMATCH';
  /** For the row. */
  readonly reason?: string;
  /** For the audit trail. */
  readonly outcome: string;
}

/** The number is decided here and once: without the right one a challenge is denied, whatever else is right (SEC-21). */
function verdictOf({ deny, number, reason }: AuthenticationAnswer, row: PushMessage): Verdict {
  if (deny) return { state: 'denied', event: 'PUSH_DENIED', reason: 'denied', outcome: reason ?? 'denied' };
  const demandsNumber = row.expectedNumber !== undefined || row.pushType === 'CHALLENGE';
  if (demandsNumber && (number === undefined || number !== row.expectedNumber)) {
    return {
      state: 'denied',
      event: 'PUSH_NUMBER_MISMATCH',
      reason: 'number',
      outcome: number === undefined ? 'missing' : 'wrong',
    };
  }
  return { state: 'approved', event: 'PUSH_ANSWERED', outcome: 'approved' };
}

const refusalOf = ({ event, outcome }: Verdict): Refusal => {
  if (event === 'PUSH_NUMBER_MISMATCH') return 'wrong number';
  return outcome === 'not_me' ? 'not me' : outcome === 'cancelled' ? 'cancelled' : 'denied';
};

/**
 * What a refusal counts and locks: the place that has asked, and its source where that is a stranger's (SEC-26). Whoever says that it was
 * somebody else shuts strangers out as well, wherever that somebody sits; other places of theirs go on, since they are the way in.
 */
async function refusalChanges(
  throttles: ThrottleReader,
  call: PhoneCall,
  row: PushMessage,
  kind: Refusal,
  now: number,
): Promise<readonly Change[]> {
  const { userId, askedFrom } = row;
  const ofPlace = refusalSubject(userId, askedFrom?.place);
  const subjects = [...new Set([ofPlace, ...(kind === 'not me' ? [refusalSubject(userId)] : [])])];
  const before = await throttles.get(subjects);
  const after = subjects.map((subject) =>
    afterRefusal(
      before.find((it) => it.subject === subject),
      subject,
      kind,
      now,
    ),
  );
  const changes: Change[] = after.map((it): EngineChange => ({ type: 'throttle.put', row: it.row }));
  if (askedFrom !== undefined && askedFrom.place === undefined) {
    const subject = sourceSubject(askedFrom.source);
    changes.push({ type: 'throttle.hit', subject, policy: SOURCE_POLICY, at: now } satisfies EngineChange);
  }
  if (after.some(({ locks }) => locks)) changes.push(messageAudit(call, row, now, 'PUSH_LOCK'));
  if (kind === 'not me') changes.push(alertOf(call, row, now, 'not-me'));
  return changes;
}

/** What administrators are told at once, and the user by mail (SEC-26). */
const alertOf = (call: PhoneCall, row: PushMessage, now: number, outcome: 'not-me' | 'too-late'): EngineChange =>
  messageAudit(call, row, now, 'PUSH_ALERT', outcome, { journey: row.journeyId });

/** Too late to undo, but the owner has just said that it was not them (A024): strangers are shut out, and somebody has to look at the session. */
async function denyTooLate(
  { committer, throttles }: CeremonyDependencies,
  call: PhoneCall,
  row: PushMessage,
  now: number,
): Promise<PhoneReply | 'lost the race'> {
  const subject = refusalSubject(row.userId);
  const [before] = await throttles.get([subject]);
  const result = await committer.commit([
    ...alarmOf(row.request, now),
    messageAudit(call, row, now, 'PUSH_DENIED', 'too-late'),
    { type: 'throttle.put', row: afterRefusal(before, subject, 'not me', now).row } satisfies EngineChange,
    alertOf(call, row, now, 'too-late'),
  ]);
  return result.committed || wasDoneBefore(result) ? refusal('the message is consumed') : 'lost the race';
}

async function settle(
  { committer, throttles, hints, observer }: CeremonyDependencies,
  call: PhoneCall,
  {
    row,
    hash,
    now,
    verdict,
  }: { readonly row: PushMessage; readonly hash: string; readonly now: number; readonly verdict: Verdict },
): Promise<PhoneReply | 'lost the race'> {
  const answer: MessageChange = {
    type: 'push.answer',
    id: row.id,
    state: verdict.state,
    at: now,
    answerHash: hash,
    reason: verdict.reason,
  };
  const changes: Change[] = [answer, messageAudit(call, row, now, verdict.event, verdict.outcome)];
  if (verdict.state === 'denied')
    changes.push(...(await refusalChanges(throttles, call, row, refusalOf(verdict), now)));
  const result = await committer.commit(changes);
  if (!result.committed) return 'lost the race';
  hints.publish(requestHint(row.request), { isOver: true });
  observer?.answered(now - row.createdAt);
  return ACCEPTED;
}
