import type { JourneyRequest, Session } from '@assent/engine';
import { parse as parseCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { type Call, header } from '../http/call.ts';
import { type Cookies, SESSION_COOKIE } from '../http/cookies.ts';
import { preferredLocales } from '../http/locales.ts';
import type { LiveSessions } from '../live-sessions.ts';

/** The token that a caller presents: header before cookie, never the query (A148). */
export const tokenOf = (request: FastifyRequest, cookies: Cookies): string | undefined =>
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

/** What a journey may know of the request. Languages are worked out only when a node asks for a text. */
export const journeyRequest = (call: Call, session: Session | undefined, locale?: string): JourneyRequest => {
  const { request } = call;
  let locales: readonly string[] | undefined;
  return {
    header: (name) => header(request, name),
    headerCount: (name) => request.raw.headersDistinct[name]?.length ?? 0,
    get locales() {
      locales ??= preferredLocales(locale ?? call.query.locale, header(request, 'accept-language'));
      return locales;
    },
    get headers() {
      const given = Object.entries(request.headers).filter(([name]) => !WITHHELD_HEADERS.has(name));
      return Object.fromEntries(given.map(([name, value]) => [name, [value ?? []].flat()]));
    },
    get parameters() {
      return Object.fromEntries(Object.entries(call.query).map(([name, value]) => [name, [value ?? []].flat()]));
    },
    get cookies() {
      return cookiesOf(request.headers.cookie);
    },
    clientAddress: request.ip,
    transactionId: call.transactionId,
    ...(session && { session }),
  };
};
