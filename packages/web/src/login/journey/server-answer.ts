import { readStep, type Step } from '../step/step.ts';

/** What came of a call, in the page's own terms. @see journeys-rest.md §1.5 to §1.8 */
export type Answer =
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'success'; readonly successUrl: string | undefined }
  /** The journey ended in Failure. `message` is the server's text, `locked` says which known kind it is. */
  | {
      readonly kind: 'failure';
      readonly message: string;
      readonly locked: boolean;
      readonly failureUrl: string | undefined;
      /** What became of the request to the phone that the step waited for, where the server says so. */
      readonly phone?: PhoneEnd;
    }
  /** The authId is unknown, used or out of time (`errorCode` 110). */
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'link-gone' }
  | { readonly kind: 'no-journey' }
  /** The server is full; `retryAfter` in milliseconds. */
  | { readonly kind: 'busy'; readonly retryAfter: number }
  | { readonly kind: 'fault'; readonly reference: string | undefined }
  /** Nothing came back. */
  | { readonly kind: 'unreachable' };

/** Why a journey that waited for a phone failed. @see docs/adr/0015 */
export interface PhoneEnd {
  readonly end: 'denied' | 'number' | 'expired' | 'withdrawn' | 'setup-refused' | 'setup-failed';
  readonly device: string | undefined;
}

/** The link of a journey that another one asked for is used up, or too old. */
const TRANSACTION_GONE = 'The transaction is not known, or it is over.';

/** Reads status, headers and body of an answer to `authenticate`. */
export const readAnswer = (status: number, headers: Headers, body: unknown): Answer => {
  const ok = status >= 200 && status < 300;
  const step = ok ? readStep(body) : undefined;
  if (step !== undefined) return { kind: 'step', step };
  if (ok && typeof body === 'object' && body !== null)
    return { kind: 'success', successUrl: textAt(body, 'successUrl') };

  const detail = memberOf(body, 'detail');
  // Our server words the reason in the page's language, where it knows one.
  const message = textAt(memberOf(detail, 'assent'), 'message') ?? textAt(body, 'message') ?? '';
  const errorCode = String(memberOf(detail, 'errorCode') ?? '');
  if (status === 429 || status === 503) return { kind: 'busy', retryAfter: retryAfterOf(headers.get('Retry-After')) };
  if (status === 401) {
    if (errorCode === '110') return { kind: 'timed-out' };
    if (message.includes('SuspendedAuthSessionException') || message === TRANSACTION_GONE) return { kind: 'link-gone' };
    const locked = errorCode === '112' || lockTexts.has(message);
    return { kind: 'failure', message, locked, failureUrl: textAt(detail, 'failureUrl'), ...phoneEndOf(detail) };
  }
  if (
    status === 400 &&
    (/^No Configuration found/i.test(message) ||
      /^Invalid realm/.test(message) ||
      message === 'Unknown Authentication Index Type')
  ) {
    return { kind: 'no-journey' };
  }
  return { kind: 'fault', reference: headers.get('x-transaction-id') ?? undefined };
};

const phoneEnds: ReadonlySet<unknown> = new Set([
  'denied',
  'number',
  'expired',
  'withdrawn',
  'setup-refused',
  'setup-failed',
]);

const phoneEndOf = (detail: unknown): { readonly phone?: PhoneEnd } => {
  const told = memberOf(detail, 'assent');
  const end = memberOf(told, 'end');
  return phoneEnds.has(end) ? { phone: { end: end as PhoneEnd['end'], device: textAt(told, 'device') } } : {};
};

/** AM's texts for a locked account, which are part of the contract. @see journeys-rest.md §1.8 */
const lockTexts: ReadonlySet<string> = new Set([
  'User Locked Out.',
  'Your account has been locked.',
  'User not Active',
]);

export const retryAfterOf = (value: string | null): number => {
  const seconds = Number(value);
  return value !== null && Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 120) * 1000 : 5_000;
};

export const memberOf = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;

export const textAt = (body: unknown, name: string): string | undefined => {
  const value = memberOf(body, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};
