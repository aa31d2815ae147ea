import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type Configuration, JourneyError, type RealmSettings } from '@assent/engine';
import { errorBody, type JsonObject } from '@assent/wire';
import type { RoutedRequest } from '../telemetry/http-observer.ts';
import type { Parameters } from './parameters.ts';

/** A request as Node's server hands it over: it always has an address and a method. */
export type ServedRequest = RoutedRequest & { readonly url: string; readonly method: string };

/** One request under `{am}/json`, already routed to a realm and a resource. */
export interface Call {
  readonly request: ServedRequest;
  /** For a handler that answers with a stream; any other returns its answer. */
  readonly response: ServerResponse;
  /** Of the caller, as far as proxies that are trusted tell. */
  readonly clientAddress: string;
  /** Whether it came by one of them: only then is what such headers say more than what the caller says. */
  readonly isFromTrustedProxy: boolean;
  /** `/` or `/alpha`. */
  readonly realmPath: string;
  /** A realm in force: a call to any other realm is refused before it is handled ({@link realmOfCall}). */
  readonly realm: RealmSettings;
  /** Named segments of the path. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: Parameters;
  readonly body: unknown;
  readonly transactionId: string;
  /** A page of another origin calls, one that the realm lists. */
  readonly isFromListedOrigin: boolean;
  /**
   * Set where the server renders the login page and makes this call for it: for a form that was sent, or for somebody who only
   * looks, for whom it may change nothing.
   */
  readonly renderMode?: 'form' | 'preview';
}

export interface Answer {
  readonly status: number;
  /** What is to be said as JSON; undefined for an answer without a body. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Handles a call, or throws; undefined says that the response is taken over, as a stream does. */
export interface Handler {
  (call: Call): Promise<Answer | undefined>;
  /**
   * Present where a body that cannot be read is answered like any other that is wrong, so that nobody learns which check
   * failed: the handler is called without one.
   */
  readonly answersUnreadable?: true;
}

/** Handlers by `METHOD path/with/:names`. */
export type Routes = Readonly<Record<string, Handler>>;

export const ok = (body: unknown, headers?: Answer['headers']): Answer => ({
  status: 200,
  body,
  ...(headers && { headers }),
});

/** The realm of a call; throws AM's answer where the realm does not exist or is switched off (SEC-89). */
export const realmOfCall = (configuration: Pick<Configuration, 'realm'>, path: string): RealmSettings => {
  const found = configuration.realm(path);
  if (found === undefined) throw new JourneyError('REALM_UNKNOWN', { realm: path });
  return found;
};

/** What a client hears that does not get what it asked for. */
export const refuse = (status: number, message: string, detail?: JsonObject): Answer => ({
  status,
  body: errorBody(status, message, detail),
});

/** What is wrong with a request, and the field that is. */
export const badRequest = (reason: string, field?: string): Answer =>
  refuse(400, reason, field === undefined || field === '' ? undefined : { field });

/** What `_action` of a call names, of those that a resource has. */
export const actionOf = <T>(actions: Readonly<Record<string, T>>, { query }: Pick<Call, 'query'>): T | undefined => {
  const { _action = '' } = query;
  return Object.hasOwn(actions, _action) ? actions[_action] : undefined;
};

/** What a client hears that names none of those. */
export const unsupportedAction = (names: readonly string[]): Answer =>
  refuse(501, `Action not supported: this resource answers to ${names.join(', ')}.`);

export const header = ({ headers }: { readonly headers: IncomingHttpHeaders }, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const FETCH_SITES = ['same-origin', 'same-site', 'cross-site', 'none'] as const;
export type FetchSite = (typeof FETCH_SITES)[number];

/**
 * Reads `Sec-Fetch-Site`, which browsers send once (Fetch Metadata, "The `Sec-Fetch-Site` HTTP Request Header"). Node joins repeated values with a comma, and a
 * proxy may add one: a value that no browser sends counts as `cross-site`, since it may hide one.
 */
export const fetchSiteOf = ({
  'sec-fetch-site': site,
}: {
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}): FetchSite | undefined => (site === undefined ? undefined : (FETCH_SITES.find((it) => it === site) ?? 'cross-site'));

/** frodo names itself so. It brings what AM has exported, which is kept whatever it says (ADR 40). */
const IMPORTER = /^@rockcarver\/frodo/;

export const isImport = ({ request }: Pick<Call, 'request'>): boolean =>
  IMPORTER.test(header(request, 'user-agent') ?? '');
