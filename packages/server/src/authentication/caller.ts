import type { IncomingHttpHeaders } from 'node:http';
import {
  type BrowserKnownBy,
  type BrowserOwner,
  isSignInHeader,
  isWithheldHeader,
  type JourneyRequest,
  type PageCapability,
  type Session,
} from '@assent/engine';
import { isProxyHeader, SESSION_HEADERS, shownCookies, shownHeaders, shownParameters } from '@assent/engine/host';
import { parse as parseCookie } from 'cookie';
import { type Call, header } from '../http/call.ts';
import type { Cookies } from '../http/cookies.ts';
import { preferredLocales } from '../http/locales.ts';
import { withoutTokens } from '../http/without-tokens.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import type { LiveSessions } from './live-sessions.ts';
import { isFromOwnSite } from './presented-auth-id.ts';

/** Our own pages ask for what no other client gets (design.md §3.2). */
export const isOwnPage = ({ request, renderMode }: Call): boolean =>
  renderMode !== undefined || header(request, 'x-assent-page') !== undefined;

/** The token that a caller presents: header before cookie, never the query (A148). */
export const tokenOf = (request: { readonly headers: IncomingHttpHeaders }, cookies: Cookies): string | undefined =>
  SESSION_HEADERS.map((name) => header(request, name)).find((token) => token !== undefined) ??
  cookies.read(request.headers.cookie, cookies.sessionName);

/** The caller's live session, whatever its realm. */
export const sessionOf = (call: Call, cookies: Cookies, sessions: LiveSessions): Promise<Session | undefined> =>
  sessions.find(tokenOf(call.request, cookies), { peek: call.renderMode === 'preview' });

/** The caller's live session; a page of another site has to do with sessions of the realm that lists it alone (SEC-72). */
export const currentSessionOf = async (
  call: Call,
  cookies: Cookies,
  sessions: LiveSessions,
): Promise<Session | undefined> => {
  const session = await sessionOf(call, cookies, sessions);
  return call.isFromListedOrigin && session?.realm !== call.realmPath ? undefined : session;
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

  header(given: string): string | undefined {
    const name = given.toLowerCase();
    if (!this.#isShown(name)) return undefined;
    const value = header(this.#call.request, name);
    return name === 'referer' && value !== undefined ? withoutTokens(value) : value;
  }

  headerCount(given: string): number {
    const name = given.toLowerCase();
    return this.#isShown(name) ? (this.#call.request.headersDistinct[name]?.length ?? 0) : 0;
  }

  #isShown(name: string): boolean {
    return !isWithheldHeader(name) && (this.#call.isFromTrustedProxy || !isProxyHeader(name));
  }

  browserKnownTo(owner: BrowserOwner, by: BrowserKnownBy): string | undefined {
    return this.#browsers.nameOf(this.#call.request.headers.cookie, owner, by);
  }

  /** A browser on a page of ours keeps our cookies; any other client is known by its address alone. */
  get canBecomeKnown(): boolean {
    return isFromOwnSite(this.#call) || isOwnPage(this.#call);
  }

  /** Beside the `1` that each page of ours sends there. */
  pageCan(capability: PageCapability): boolean {
    return (header(this.#call.request, 'x-assent-page') ?? '').split(',').some((it) => it.trim() === capability);
  }

  get locales(): readonly string[] {
    const { request, query } = this.#call;
    this.#locales ??= preferredLocales(this.#locale ?? query.locale, header(request, 'accept-language'));
    return this.#locales;
  }

  get headers(): Readonly<Record<string, readonly string[]>> {
    const shown = Object.entries(shownHeaders(this.#call.request.headers, this.#call));
    return Object.fromEntries(
      shown.map(([name, value]) => [
        name,
        [value ?? []].flat().map((text) => (name === 'referer' ? withoutTokens(text) : text)),
      ]),
    );
  }

  get signInHeaders(): Readonly<Record<string, readonly string[]>> {
    const given = Object.entries(this.#call.request.headersDistinct).filter(([name]) => isSignInHeader(name));
    return Object.fromEntries(given.map(([name, values = []]) => [name, values]));
  }

  get parameters(): Readonly<Record<string, readonly string[]>> {
    const shown = Object.entries(shownParameters(this.#call.query));
    return Object.fromEntries(shown.map(([name, value]) => [name, [value ?? []].flat()]));
  }

  get cookies(): Readonly<Record<string, string>> {
    return shownCookies(parseCookie(this.#call.request.headers.cookie ?? '') as Readonly<Record<string, string>>);
  }
}

export const journeyRequest = (
  call: Call,
  session: Session | undefined,
  browsers: KnownBrowsers,
  locale?: string,
): JourneyRequest => new CallersRequest(call, session, browsers, locale);
