import { afterHit, auditChange, type Committer, type EngineChange } from '@assent/engine/host';
import { isCertainlyUnsent } from '../delivery/push-transport.ts';
import { rowsShownTo } from '../model/message-status.ts';
import type { MessageSummary, PushMessage } from '../model/messages.ts';
import { messageIdHash } from '../model/push-audit.ts';
import { type Asking, heldUntil, NO_SOURCE, phoneSubject, SEND_POLICY, subjectsOf } from '../model/push-limits.ts';
import { countedSend } from './push-counters.ts';
import type { PushDependencies } from './push-dependencies.ts';
import { newsOf } from './request-watch.ts';
import {
  momentOfResend,
  notedCharge,
  REST_MILLIS,
  resendChargesSubject,
  resendSubject,
  takenBack,
} from './resend-charges.ts';

/** How often a request may be sent once more (ux.md §2.1). */
const MAX_RESENDS = 2;
const MAX_ATTEMPTS = 3;

/** How often a request may still be sent again, and from when on. */
export interface ResendsLeft {
  readonly left: number;
  readonly at: number;
}

export type ResendResult =
  /** It is on its way once more, or the limits say that it only looks so (SEC-25). */
  | { readonly status: 'sent'; readonly resends: ResendsLeft | undefined }
  | { readonly status: 'too-soon'; readonly at: number }
  /** Answered, run out, not of this journey, sent as often as it may be, or only phones are left that cannot be rung. */
  | { readonly status: 'over' };

/** Which request, and whose page asks. */
export interface ResendCall {
  readonly request: string;
  readonly realm: string;
  readonly journeyId: string;
  readonly transactionId: string;
  /** Whom the journey has identified. */
  readonly identifiedUser?: string | undefined;
}

/** Delivers a request that waits for an answer once more: the same message, with the same number and the same end. */
export interface PushResends {
  /** Undefined where it may not be sent again; `rows` are all of the request, as the page is shown them. */
  leftOf(request: string, rows: readonly MessageSummary[]): Promise<ResendsLeft | undefined>;
  resend(call: ResendCall): Promise<ResendResult>;
}

export type ResendDependencies = Pick<PushDependencies, 'messages' | 'throttles' | 'dispatcher' | 'clock'> & {
  readonly committer: Committer;
};

/** Whoever asked first asks again: the page of the journey has no other way to a request than by it. */
const askingOf = ({ userId, askedFrom, envelope, deviceUuid }: PushMessage): Asking => ({
  userId,
  source: NO_SOURCE,
  ...askedFrom,
  phones: [phoneSubject(envelope?.communicationId || deviceUuid)],
  isResend: true,
});

export function pushResends({ messages, throttles, dispatcher, clock, committer }: ResendDependencies): PushResends {
  /** The messages that their phones can still be rung with: not those that were answered, nor those whose address is dead. */
  const toRing = async (rows: readonly MessageSummary[]): Promise<readonly PushMessage[]> => {
    const pending = rows.filter(({ state }) => state === 'pending');
    const fresh = await Promise.all(pending.map(({ id }) => messages.get(id)));
    return fresh.flatMap((row) => (row?.state === 'pending' && row.delivery !== 'unreachable' ? [row] : []));
  };

  const isWaitedFor = (rows: readonly MessageSummary[], now: number): boolean =>
    rows[0]?.kind === 'AUTHENTICATE' && newsOf(rows, now) === undefined;

  const left = (first: PushMessage, hits: readonly number[]): ResendsLeft | undefined => {
    const at = (hits.at(-1) ?? first.createdAt) + REST_MILLIS;
    return hits.length < MAX_RESENDS && at < first.expiresAt ? { left: MAX_RESENDS - hits.length, at } : undefined;
  };

  /** A resend that reached no phone is charged to no caller. What a success has taken back meanwhile is left as it is. */
  const takeBack = async (request: string, asking: Asking, at: number): Promise<void> => {
    for (let tries = 1; tries <= MAX_ATTEMPTS; tries += 1) {
      const [charges] = await throttles.get([resendChargesSubject(request)]);
      if (charges === undefined || !charges.hits.includes(at)) return;
      if ((await committer.commit(takenBack(asking, charges, at))).committed) return;
    }
  };

  /** Undefined where another caller has counted meanwhile. */
  const attempt = async ({
    request,
    realm,
    journeyId,
    transactionId,
    identifiedUser,
  }: ResendCall): Promise<ResendResult | undefined> => {
    const [first, stored] = await Promise.all([messages.get(request), messages.ofRequest(request)]);
    const rows = rowsShownTo(identifiedUser, stored);
    const now = clock.now();
    const isOwn = first?.journeyId === journeyId && first.realm === realm;
    if (first === undefined || !isOwn || !isWaitedFor(rows, now)) return { status: 'over' };

    const { userId } = first;
    const again = resendSubject(request);
    const asking = askingOf(first);
    const subjects = [again, resendChargesSubject(request), ...subjectsOf(asking)];
    const known = new Map((await throttles.get(subjects)).map((row) => [row.subject, row]));
    const rowOf = (subject: string) => known.get(subject);
    const before = left(first, known.get(again)?.hits ?? []);
    if (before === undefined) return { status: 'over' };
    if (now < before.at) return { status: 'too-soon', at: before.at };

    const pending = rows.filter(({ state }) => state === 'pending');
    // Told to the user alone: for whoever has only said a name, it is sent like every other (SEC-59).
    const isUnreachable = pending.length > 0 && identifiedUser === userId && (await toRing(pending)).length === 0;
    if (isUnreachable) return { status: 'over' };
    const isSuppressed = pending.length === 0 || heldUntil(asking, rowOf, now) > now;
    const counted = afterHit(known.get(again), again, SEND_POLICY, now);
    const countedAgain: EngineChange = { type: 'throttle.put', row: counted };
    const base = { at: now, realm, transactionId };
    const detail = { message: messageIdHash(request), devices: pending.length, again: counted.hits.length };
    const at = momentOfResend(request, asking, rowOf, now);
    const changes: readonly EngineChange[] = isSuppressed
      ? [countedAgain, auditChange(base, 'THROTTLED', { userId, outcome: 'push' })]
      : [
          countedAgain,
          notedCharge(request, rowOf, at),
          ...countedSend(asking, rowOf, at).changes,
          auditChange(base, 'PUSH_SENT', { userId, detail }),
        ];
    if (!(await committer.commit(changes)).committed) return undefined;

    if (!isSuppressed) {
      dispatcher.dispatch(await toRing(pending), async (results) => {
        if (results.every(isCertainlyUnsent)) await takeBack(request, asking, at);
      });
    }
    return { status: 'sent', resends: left(first, counted.hits) };
  };

  return {
    async leftOf(request, rows) {
      if (!isWaitedFor(rows, clock.now())) return undefined;
      const [first, [row]] = await Promise.all([messages.get(request), throttles.get([resendSubject(request)])]);
      return first && left(first, row?.hits ?? []);
    },

    async resend(call) {
      for (let tries = 1; tries <= MAX_ATTEMPTS; tries += 1) {
        const result = await attempt(call);
        if (result !== undefined) return result;
      }
      // Others were quicker each time, which is to say that it was sent.
      return { status: 'too-soon', at: clock.now() + REST_MILLIS };
    },
  };
}
