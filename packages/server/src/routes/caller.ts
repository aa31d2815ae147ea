import type { IncomingHttpHeaders } from 'node:http';
import type { JourneyRequest, Session } from '@assent/engine';
import { parse as parseCookie } from 'cookie';
import { type Call, header } from '../http/call.ts';
import { type Cookies, SESSION_COOKIE } from '../http/cookies.ts';
import { preferredLocales } from '../http/locales.ts';
import type { KnownBrowsers } from '../known-browsers.ts';
import type { LiveSessions } from '../live-sessions.ts';

/** The token that a caller presents: header before cookie, never the query (A148). */
export const tokenOf = (request: { readonly headers: IncomingHttpHeaders }, cookies: Cookies): string | undefined =>
  header(request, SESSION_COOKIE.toLowerCase()) ?? cookies.read(request.headers.cookie, SESSION_COOKIE);

/** The caller's live session, whatever its realm. */
export const sessionOf = (call: Call, cookies: Cookies, sessions: LiveSessions): Promise<Session | undefined> =>
  sessions.find(tokenOf(call.request, cookies));

/** They carry the caller's session. */
const WITHHELD_HEADERS = new Set(['cookie', SESSION_COOKIE.toLowerCase()]);

/** Cookies without the one that carries a session: nothing that a journey runs has a use for that. */
const cookiesOf = (text: string | undefined): Readonly<Record<string, string>> => {
  const { [SESSION_COOKIE]: _, ...others } = parseCookie(text ?? '');
  return others as Readonly<Record<string, string>>;
};

/** What a journey may know of the request; what is worked out of the headers is worked out when a node asks for it. */
class CallersRequest implements JourneyRequest {
  readonly #call: Call;
  readonly #locale: string | undefined;
  #locales: readonly string[] | undefined;
  readonly clientAddress: string;
  readonly transactionId: string;
  readonly session?: Session;
  readonly #browsers: KnownBrowsers;

  constructor(call: Call, session: Session | undefined, browsers: KnownBrowsers, locale: string | undefined) {
    this.#call = call;
    this.#browsers = browsers;
    this.#locale = locale;
    this.clientAddress = call.clientAddress;
    this.transactionId = call.transactionId;
    if (session !== undefined) this.session = session;
  }

  header(name: string): string | undefined {
    return header(this.#call.request, name);
  }

  headerCount(name: string): number {
    return this.#call.request.headersDistinct[name]?.length ?? 0;
  }

  browserKnownTo(userId: string): string | undefined {
    return this.#browsers.nameOf(this.#call.request.headers.cookie, userId);
  }

  get locales(): readonly string[] {
    const { request, query } = this.#call;
    this.#locales ??= preferredLocales(this.#locale ?? query.locale, header(request, 'accept-language'));
    return this.#locales;
  }

  get headers(): Readonly<Record<string, readonly string[]>> {
    const given = Object.entries(this.#call.request.headers).filter(([name]) => !WITHHELD_HEADERS.has(name));
    return Object.fromEntries(given.map(([name, value]) => [name, [value ?? []].flat()]));
  }

  get parameters(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(Object.entries(this.#call.query).map(([name, value]) => [name, [value ?? []].flat()]));
  }

  get cookies(): Readonly<Record<string, string>> {
    return cookiesOf(this.#call.request.headers.cookie);
  }
}

export const journeyRequest = (
  call: Call,
  session: Session | undefined,
  browsers: KnownBrowsers,
  locale?: string,
): JourneyRequest => new CallersRequest(call, session, browsers, locale);
