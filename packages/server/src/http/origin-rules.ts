import type { RealmSettings } from '@assent/engine';
import { isLoopback } from '../settings/loopback.ts';
import { fetchSiteOf } from './call.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Repeated headers become one value, which is the origin of no page. */
const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value;

/** A list of header names; a list of none is not sent. */
const named = (header: string, names: readonly string[]): Readonly<Record<string, string>> =>
  names.length === 0 ? {} : { [header]: names.join(', ') };

/** Every answer depends on the origin, also one that no other origin may read. */
const UNLISTED: Readonly<Record<string, string>> = Object.freeze({ vary: 'Origin' });

/** The origins of the applications that a realm has as OAuth 2.0 clients. */
interface OriginsOfClients {
  /** Reads what `isOrigin` looks at; undefined where that is done. */
  readOrigins(realm: RealmSettings): Promise<void> | undefined;
  isOrigin(realm: RealmSettings, origin: string): boolean;
}

const NO_CLIENTS: OriginsOfClients = { readOrigins: () => undefined, isOrigin: () => false };

/** Which other origins may call, and what counts as a forged call (security-reliability §6 "CORS", "CSRF"). */
export class OriginRules {
  readonly #own: string;
  readonly #rootOrigins: () => readonly string[];
  readonly #ofClients: OriginsOfClients;

  /** `rootOrigins` are asked for at each request. */
  constructor(publicUrl: string, rootOrigins: () => readonly string[], ofClients: OriginsOfClients) {
    this.#own = new URL(publicUrl).origin;
    this.#rootOrigins = rootOrigins;
    this.#ofClients = ofClients;
  }

  /** Rules that the origins of applications do not count for: what those may do, their tokens say. */
  withoutClients(): OriginRules {
    return new OriginRules(this.#own, this.#rootOrigins, NO_CLIENTS);
  }

  /**
   * What has to be read before the other methods are asked about these headers; undefined where nothing has to. The origins of many clients
   * take turns of the event loop.
   */
  prepare({ origin: given }: Headers, realm: RealmSettings | undefined): Promise<void> | undefined {
    const origin = one(given);
    if (origin === undefined || realm === undefined || this.#isOwn(origin) || this.#isOfRealm(origin, realm)) {
      return undefined;
    }
    return this.#ofClients.readOrigins(realm);
  }

  /** True for a page of another origin that the realm lists; undefined stands for resources that no realm lists any for. */
  isListed({ origin: given }: Headers, realm: RealmSettings | undefined): boolean {
    const origin = one(given);
    return origin !== undefined && !this.#isOwn(origin) && this.#lists(origin, realm);
  }

  /** True for whatever is no page of another origin, and for one that the realm lists. */
  isOwnOrListed({ origin: given }: Headers, realm: RealmSettings): boolean {
    const origin = one(given);
    return origin === undefined || this.#isOwn(origin) || this.#lists(origin, realm);
  }

  #lists(origin: string, realm: RealmSettings | undefined): boolean {
    if (realm === undefined) return false;
    return this.#isOfRealm(origin, realm) || this.#ofClients.isOrigin(realm, origin);
  }

  #isOfRealm(origin: string, realm: RealmSettings): boolean {
    return realm.corsOrigins.includes(origin) || (realm.realm === '/' && this.#rootOrigins().includes(origin));
  }

  #isOwn(origin: string): boolean {
    if (origin === this.#own) return true;
    // Loopback names are one host for the API (design.md §3.3 "Host check").
    const own = new URL(this.#own);
    return isLoopback(own.hostname) && URL.canParse(origin) && isSameLoopback(new URL(origin), own);
  }

  /** Headers that let a listed origin read the answer; empty for every other origin. */
  corsHeaders(headers: Headers, realm: RealmSettings | undefined): Readonly<Record<string, string>> {
    const origin = one(headers.origin);
    if (origin === undefined || realm === undefined || !this.#lists(origin, realm)) return UNLISTED;
    return {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      ...named('access-control-expose-headers', realm.corsExposedHeaders),
    };
  }

  preflightHeaders(headers: Headers, realm: RealmSettings | undefined): Readonly<Record<string, string>> {
    const cors = this.corsHeaders(headers, realm);
    if (realm === undefined || cors['access-control-allow-origin'] === undefined) return cors;
    return {
      ...cors,
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      ...named('access-control-allow-headers', realm.corsAcceptedHeaders),
      'access-control-max-age': '600',
    };
  }

  /**
   * Whether a page of ours has sent a form. Ours tell nobody where they are from, so browsers give `null` as the origin of
   * their forms (Fetch standard, "append a request `Origin` header"), and say beside it that it is the same.
   */
  isOwnForm(headers: Headers): boolean {
    const [origin, site] = [one(headers.origin), fetchSiteOf(headers)];
    const isOwn = origin !== undefined && this.#isOwn(origin);
    return site === 'same-origin' ? isOwn || origin === undefined || origin === 'null' : site === undefined && isOwn;
  }

  /**
   * Whether a form comes from a page that is not ours. Programs and older browsers do not say where theirs is from; what else
   * proves the form has to do there.
   */
  isForeignForm(headers: Headers): boolean {
    const [origin, site] = [one(headers.origin), fetchSiteOf(headers)];
    if (site !== undefined) return site !== 'same-origin';
    return origin !== undefined && origin !== 'null' && !this.#isOwn(origin);
  }

  /** Why a write must be refused as forged by another site; undefined where it is fine. */
  forgery(headers: Headers, realm: RealmSettings | undefined): string | undefined {
    const origin = one(headers.origin);
    const isListed = this.isListed(headers, realm);
    if (origin !== undefined && !this.#isOwn(origin) && !isListed) {
      return 'The origin of this page may not call this server.';
    }
    if (fetchSiteOf(headers) === 'cross-site' && !isListed) return 'Calls from other sites are not allowed.';
    const hasCookie = headers.cookie !== undefined;
    const isMarked = headers['x-requested-with'] !== undefined || headers['accept-api-version'] !== undefined;
    if (hasCookie && !isMarked) return 'A call with a cookie needs the header X-Requested-With or Accept-API-Version.';
    return undefined;
  }
}

const isSameLoopback = (a: URL, b: URL): boolean =>
  isLoopback(a.hostname) && a.port === b.port && a.protocol === b.protocol;
