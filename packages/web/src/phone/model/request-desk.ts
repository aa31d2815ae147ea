import type { DenyReason } from '@assent/push/protocol';
import type { RequestEnd } from '../accounts/phone-store.ts';
import type { AnswerOutcome, Decision } from '../server/server-calls.ts';
import type { SignInRequest } from '../server/sign-in-request.ts';

/** Where a request is between its arrival and its end. @see ux.md §3.3 */
export type Phase =
  | { readonly kind: 'open' }
  /** Denied; why is still to be said. */
  | { readonly kind: 'reason' }
  /** Approved; the phone checks who holds it. */
  | { readonly kind: 'checking' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'over'; readonly end: RequestEnd };

/** One request on the desk. */
export interface DeskEntry {
  readonly request: SignInRequest;
  readonly phase: Phase;
  /** Why the last try to approve led nowhere. */
  readonly problem: 'not-verified' | 'cannot-verify' | undefined;
}

/** What the check of the holder led to. */
export type Verification = 'passed' | 'failed' | 'impossible';

export interface RequestDeskOptions {
  now(): number;
  /** Runs the action after that time, unless the returned function is called before. */
  after(millis: number, action: () => void): () => void;
  /** Whether this request needs the holder checked, and the check. */
  verify(request: SignInRequest): Promise<Verification>;
  /** Signs an answer beforehand, for a page that may be closed before there is time to. */
  prepare(request: SignInRequest, decision: Decision): Promise<string | undefined>;
  send(request: SignInRequest, decision: Decision, prepared: string | undefined): Promise<AnswerOutcome>;
  onEnd(request: SignInRequest, end: RequestEnd): void;
  onChange(): void;
}

/** Who says nothing on the page of reasons has still denied. @see ux.md §3.2 "Deny" */
const REASON_MILLIS = 8_000;
const UNSAID = { kind: 'deny', reason: 'other' } as const;

/**
 * The requests that wait for the user, and what becomes of each. A newer request goes behind the older ones: it must not take the place of
 * the one that the user is looking at, since a tap that was meant for that one would answer it (SEC-24). What is over makes room for it.
 */
export const createRequestDesk = (options: RequestDeskOptions) => {
  const { now, after, verify, prepare, send, onEnd, onChange } = options;
  let entries: readonly DeskEntry[] = [];
  const stopExpiry = new Map<string, () => void>();
  const stopReason = new Map<string, () => void>();
  const prepared = new Map<string, string>();

  const find = (id: string): DeskEntry | undefined => entries.find(({ request }) => request.messageId === id);
  const isIn = (id: string, ...kinds: readonly Phase['kind'][]): boolean => {
    const phase = find(id)?.phase.kind;
    return phase !== undefined && kinds.includes(phase);
  };
  const put = (id: string, phase: Phase, problem?: DeskEntry['problem']): void => {
    entries = entries.map((it) => (it.request.messageId === id ? { ...it, phase, problem } : it));
    onChange();
  };
  const forget = (id: string): void => {
    for (const timers of [stopExpiry, stopReason]) {
      timers.get(id)?.();
      timers.delete(id);
    }
    prepared.delete(id);
  };
  const finish = (id: string, end: RequestEnd): void => {
    const entry = find(id);
    if (entry === undefined) return;
    forget(id);
    onEnd(entry.request, end);
    put(id, { kind: 'over', end });
  };

  const answer = async (request: SignInRequest, decision: Decision): Promise<void> => {
    const { messageId } = request;
    const made = prepared.get(messageId);
    forget(messageId);
    put(messageId, { kind: 'sending' });
    // What was made beforehand gives no reason.
    const outcome = await send(request, decision, decision === UNSAID ? made : undefined);
    finish(messageId, outcome === 'sent' ? endOf(decision) : outcome);
  };

  return {
    entries: () => entries,

    /** A verified request that nobody has seen yet. */
    arrive(request: SignInRequest): void {
      const { messageId, expiresAt } = request;
      if (find(messageId) !== undefined) return;
      entries = [
        ...entries.filter(({ phase }) => phase.kind !== 'over'),
        { request, phase: { kind: 'open' }, problem: undefined },
      ];
      const left = Math.max(0, expiresAt - now());
      stopExpiry.set(
        messageId,
        after(left, () => {
          if (isIn(messageId, 'open', 'reason', 'checking')) finish(messageId, 'ran-out');
        }),
      );
      onChange();
    },

    /** The server has closed it: answered elsewhere, replaced by a newer one, or run out. */
    withdrawn(id: string): void {
      const entry = find(id);
      if (entry === undefined || !isIn(id, 'open', 'reason', 'checking')) return;
      finish(id, now() >= entry.request.expiresAt ? 'ran-out' : 'withdrawn');
    },

    async approve(id: string, number: string | undefined): Promise<void> {
      const entry = find(id);
      if (entry?.phase.kind !== 'open') return;
      put(id, { kind: 'checking' });
      const verification = await verify(entry.request);
      // Its end may have come while the browser asked for a finger.
      if (!isIn(id, 'checking')) return;
      if (verification !== 'passed') {
        put(id, { kind: 'open' }, verification === 'failed' ? 'not-verified' : 'cannot-verify');
        return;
      }
      await answer(entry.request, { kind: 'approve', number });
    },

    /** The first tap of a denial; the second one says why. */
    async startDeny(id: string): Promise<void> {
      const entry = find(id);
      if (entry?.phase.kind !== 'open') return;
      put(id, { kind: 'reason' });
      stopReason.set(
        id,
        after(REASON_MILLIS, () => {
          if (isIn(id, 'reason')) void answer(entry.request, UNSAID);
        }),
      );
      const made = await prepare(entry.request, UNSAID);
      if (made !== undefined && isIn(id, 'reason')) prepared.set(id, made);
    },

    /** Somebody is choosing a reason: no hurry any more. */
    waitForReason(id: string): void {
      stopReason.get(id)?.();
      stopReason.delete(id);
    },

    async deny(id: string, reason: DenyReason): Promise<void> {
      const entry = find(id);
      if (entry?.phase.kind === 'reason') await answer(entry.request, { kind: 'deny', reason });
    },

    /** Back from the page of reasons. */
    takeBack(id: string): void {
      if (!isIn(id, 'reason')) return;
      this.waitForReason(id);
      prepared.delete(id);
      put(id, { kind: 'open' });
    },

    /** Takes a request that is over from the desk. */
    dismiss(id: string): void {
      if (!isIn(id, 'over')) return;
      entries = entries.filter(({ request }) => request.messageId !== id);
      onChange();
    },

    /** The page goes away: a denial without a reason is still one. */
    leave(): void {
      for (const { request, phase } of entries) if (phase.kind === 'reason') void answer(request, UNSAID);
    },

    /** An account was removed: its requests are nobody's any more. */
    removeAccount(accountId: string): void {
      const gone = entries.filter(({ request }) => request.accountId === accountId);
      for (const { request } of gone) forget(request.messageId);
      entries = entries.filter((it) => !gone.includes(it));
      onChange();
    },
  };
};

const endOf = (decision: Decision): RequestEnd =>
  decision.kind === 'approve' ? 'approved' : decision.reason === 'not_me' ? 'not-me' : 'denied';

/** The desk of one phone. */
export type RequestDesk = ReturnType<typeof createRequestDesk>;
