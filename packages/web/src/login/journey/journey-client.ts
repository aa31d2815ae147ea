import { realmPath } from '../../kit/browser/realm-path.ts';
import type { PageAddress } from '../address/page-address.ts';
import { type Callback, type ResendsLeft, readResend, type Step } from '../step/step.ts';
import { type Answer, memberOf, readAnswer, retryAfterOf, textAt } from './server-answer.ts';
import { type WaitEnd, waitFor } from './wait-stream.ts';

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
  wait(step: Pick<Step, 'authId' | 'phone'>, signal: AbortSignal): Promise<WaitEnd>;
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
  capabilities,
  fetch,
}: {
  readonly address: PageAddress;
  /** The language that was asked for or chosen; without one the browser's own header says it. */
  readonly locale: () => string | undefined;
  /** What its browser can do, as far as the server goes by it. */
  readonly capabilities: () => readonly string[];
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
        'X-Assent-Page': ['1', ...capabilities()].join(', '),
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
    wait: ({ authId, phone }, signal) =>
      waitFor(
        (alive) =>
          fetch(`${json}/authenticate/wait`, {
            headers: {
              Accept: 'text/event-stream',
              'X-Assent-Page': '1',
              'X-Assent-AuthId': authId,
              ...(phone?.unreachable === true && { 'X-Assent-Told': 'unreachable' }),
            },
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
