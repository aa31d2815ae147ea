import { isWithheldCookie, type JourneyCookie } from '@assent/engine';
import { BINDING_COOKIES, HOST_SESSION_COOKIE, KNOWN_COOKIES, SESSION_COOKIE } from '@assent/engine/host';
import { parse, type SerializeOptions, serialize } from 'cookie';
import type { Settings } from '../settings/settings.ts';

/** Cookies of a server; on http neither `Secure` nor a `__Host-` name, which browsers would drop. */
export class Cookies {
  readonly #options: SerializeOptions;
  /** What clients are told as `cookieName`. */
  readonly sessionName: string;
  readonly bindingName: string;
  /** Of the cookie that says whose browser this is. */
  readonly knownName: string;
  readonly #secure: boolean;
  readonly #sessionSameSite: 'lax' | 'none';

  constructor({
    publicUrl,
    sessionCookieSameSite = 'Lax',
    sessionCookiePrefix = 'none',
  }: Pick<Settings, 'publicUrl'> & Partial<Pick<Settings, 'sessionCookieSameSite' | 'sessionCookiePrefix'>>) {
    const secure = publicUrl.startsWith('https:');
    this.#secure = secure;
    // Browsers drop `None` without TLS.
    this.#sessionSameSite = secure && sessionCookieSameSite === 'None' ? 'none' : 'lax';
    this.#options = { path: '/', httpOnly: true, sameSite: 'lax', secure };
    this.sessionName = secure && sessionCookiePrefix === '__Host-' ? HOST_SESSION_COOKIE : SESSION_COOKIE;
    this.bindingName = secure ? BINDING_COOKIES.https : BINDING_COOKIES.http;
    this.knownName = secure ? KNOWN_COOKIES.https : KNOWN_COOKIES.http;
  }

  /** Undefined where there is no such cookie, or two of them (A148). */
  read(header: string | undefined, name: string): string | undefined {
    if (header === undefined || !header.includes(`${name}=`)) return undefined;
    if (header.split(';').filter((pair) => pair.trimStart().startsWith(`${name}=`)).length > 1) return undefined;
    const value = parse(header)[name];
    return value === '' ? undefined : value;
  }

  /** `isForOtherSites` for one that a page of another site has asked for: there, browsers withhold it otherwise. */
  session(token: string, { isForOtherSites = false } = {}): string {
    const sameSite = isForOtherSites && this.#secure ? 'none' : this.#sessionSameSite;
    return serialize(this.sessionName, token, { ...this.#options, sameSite });
  }

  endSession(): string {
    return serialize(this.sessionName, '', { ...this.#options, sameSite: this.#sessionSameSite, maxAge: 0 });
  }

  /** A cookie that a journey sets beside our own. */
  ofJourney({ name, value, maxAgeSeconds, domain, path, secure, httpOnly, sameSite }: JourneyCookie): string {
    return serialize(name, value, {
      // A node has checked it; its author finds it in the browser as it was written.
      encode: String,
      httpOnly,
      secure: secure && this.#secure,
      ...(maxAgeSeconds !== undefined && { maxAge: maxAgeSeconds }),
      ...(domain !== undefined && { domain }),
      ...(path !== undefined && { path }),
      ...(sameSite !== undefined && { sameSite }),
    });
  }

  /** Names that no journey may set a cookie by: with them it could sign the browser in as somebody else. */
  isReserved(name: string): boolean {
    return isWithheldCookie(name);
  }

  binding(value: string): string {
    return serialize(this.bindingName, value, this.#options);
  }

  known(value: string, maxAge: number): string {
    return serialize(this.knownName, value, { ...this.#options, maxAge });
  }
}
