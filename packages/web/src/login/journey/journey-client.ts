import { realmPath } from '../../kit/browser/realm-path.ts';
import type { PageAddress } from '../address/page-address.ts';
import { type Callback, type ResendsLeft, readResend, readStep, type Step } from '../step/step.ts';
import { type WaitEnd, waitFor } from './wait-stream.ts';

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

/** What came of asking for the same request once more. */
export type ResendAnswer =
  | { readonly kind: 'sent'; readonly resend?: ResendsLeft }
  | { readonly kind: 'too-soon'; readonly in: number }
  /** There is nothing to send again any more. */
  | { readonly kind: 'over' }
  | { readonly kind: 'failed' };

/** What the page says to the server. */
export interface JourneyClient {
  /** The first call of a journey. */
  start(): Promise<Answer>;
  /** Asks for the current step again; moves nothing. */
  resume(authId: string): Promise<Answer>;
  submit(authId: string, callbacks: readonly Callback[]): Promise<Answer>;
  /** Waits until the server says that there is news of the phone, or `signal` ends it. Never throws. */
  wait(authId: string, signal: AbortSignal): Promise<WaitEnd>;
  /** Asks for the request to the phone once more; the step stays as it is. Never throws. */
  resend(authId: string): Promise<ResendAnswer>;
  /** Who is signed in in this browser, if anybody. */
  signedInAs(): Promise<string | undefined>;
  signOut(): Promise<void>;
}

/** A server that has said nothing for so long will not. */
const silence = 30_000;

/** The JSON of the server over the browser's `fetch`. */
export const createJourneyClient = ({
  address,
  locale,
  fetch,
}: {
  readonly address: PageAddress;
  /** The language that was asked for or chosen; without one the browser's own header says it. */
  readonly locale: () => string | undefined;
  readonly fetch: typeof globalThis.fetch;
}): JourneyClient => {
  const json = `${address.context}json/${realmPath(address.realm)}`;

  const call = (url: string, version: string, body: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Accept-API-Version': version,
        'X-Requested-With': 'assent-login',
        // Asks for the page's own additions, and keeps the token out of the body. @see design.md §3.2, §3.3
        'X-Assent-Page': '1',
      },
      body,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(silence),
    });

  const authenticate = async (query: URLSearchParams, body: object): Promise<Answer> => {
    const search = query.size > 0 ? `?${query}` : '';
    try {
      const response = await call(`${json}/authenticate${search}`, 'protocol=1.0,resource=2.1', JSON.stringify(body));
      return readAnswer(response.status, response.headers, await response.json().catch(() => undefined));
    } catch {
      return { kind: 'unreachable' };
    }
  };

  // Tree and realm of a journey come from its authId; only the language is still ours to say. @see journeys-rest.md §1.3
  const inLanguage = (query?: URLSearchParams): URLSearchParams => {
    const asked = new URLSearchParams(query);
    const tag = locale();
    if (tag !== undefined) asked.set('locale', tag);
    return asked;
  };

  return {
    start: () => authenticate(inLanguage(address.start), {}),
    resume: (authId) => authenticate(inLanguage(), { authId }),
    submit: (authId, callbacks) => authenticate(inLanguage(), { authId, callbacks }),
    wait: (authId, signal) =>
      waitFor(
        (alive) =>
          fetch(`${json}/authenticate/wait`, {
            headers: { Accept: 'text/event-stream', 'X-Assent-Page': '1', 'X-Assent-AuthId': authId },
            credentials: 'same-origin',
            cache: 'no-store',
            redirect: 'error',
            signal: alive,
          }),
        signal,
      ),
    resend: async (authId) => {
      try {
        const response = await call(`${json}/authenticate/renotify`, 'resource=2.1', JSON.stringify({ authId }));
        const body: unknown = await response.json().catch(() => undefined);
        if (response.ok) return { kind: 'sent', ...readResend(memberOf(body, 'now'), memberOf(body, 'resend')) };
        if (response.status === 429) return { kind: 'too-soon', in: retryAfterOf(response.headers.get('Retry-After')) };
        return { kind: response.status === 409 ? 'over' : 'failed' };
      } catch {
        return { kind: 'failed' };
      }
    },
    signedInAs: async () => {
      try {
        const response = await call(`${json}/users?_action=idFromSession`, 'protocol=1.0,resource=2.0', '{}');
        const body: unknown = response.ok ? await response.json() : undefined;
        return textAt(body, 'id');
      } catch {
        return undefined;
      }
    },
    signOut: async () => {
      await call(`${json}/sessions/?_action=logout`, 'protocol=1.0,resource=2.0', '{}').catch(() => undefined);
    },
  };
};

/** The link of a journey that another one asked for is used up, or too old. */
const TRANSACTION_GONE = 'The transaction is not known, or it is over.';

/** Reads status, headers and body of an answer to `authenticate`. */
export const readAnswer = (status: number, headers: Headers, body: unknown): Answer => {
  const ok = status >= 200 && status < 300;
  const step = ok ? readStep(body) : undefined;
  if (step !== undefined) return { kind: 'step', step };
  if (ok && typeof body === 'object' && body !== null)
    return { kind: 'success', successUrl: textAt(body, 'successUrl') };

  const message = textAt(body, 'message') ?? '';
  const detail = memberOf(body, 'detail');
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

const retryAfterOf = (value: string | null): number => {
  const seconds = Number(value);
  return value !== null && Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 120) * 1000 : 5_000;
};

const memberOf = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;

const textAt = (body: unknown, name: string): string | undefined => {
  const value = memberOf(body, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};
