import type { ServerResponse } from 'node:http';
import { errorBody } from '@assent/wire';
import type { ServedRequest } from './call.ts';
import { type Parameters, parametersOf } from './parameters.ts';
import { JSON_HEADERS } from './security-headers.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** One request outside `{am}/json`: for a page, a file, health, or an endpoint of the provider. */
export class HttpCall {
  readonly request: ServedRequest;
  /** For a handler that answers with a stream; any other returns its answer. */
  readonly response: ServerResponse;
  readonly transactionId: string;
  /** Named segments of the path, decoded. */
  readonly names: Readonly<Record<string, string>>;
  readonly #proxies: TrustedProxies;
  #parameters: Parameters | undefined;

  constructor(
    request: ServedRequest,
    response: ServerResponse,
    { transactionId, names, proxies }: Pick<HttpCall, 'transactionId' | 'names'> & { readonly proxies: TrustedProxies },
  ) {
    this.request = request;
    this.response = response;
    this.transactionId = transactionId;
    this.names = names;
    this.#proxies = proxies;
  }

  get url(): string {
    return this.request.url;
  }

  get headers(): ServedRequest['headers'] {
    return this.request.headers;
  }

  /** Of the address. Throws a `SyntaxError` where they cannot be read. */
  get parameters(): Parameters {
    this.#parameters ??= parametersOf(this.url);
    return this.#parameters;
  }

  /** Of the caller, as far as proxies that are trusted tell. */
  get clientAddress(): string {
    return this.#proxies.clientOf(this.request);
  }

  get isFromTrustedProxy(): boolean {
    return this.#proxies.haveSent(this.request);
  }
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A text is sent in UTF-8; undefined for an answer without a body. */
  readonly body?: string | Buffer;
}

/** Answers a call, or throws; undefined says that the response is taken over, as a stream does. */
export type HttpHandler = (call: HttpCall) => HttpAnswer | undefined | Promise<HttpAnswer | undefined>;

/** Handlers by `METHOD /path/with/:names`. */
export type HttpRoutes = Readonly<Record<string, HttpHandler>>;

/** One handler for several methods of an address. */
export const routesFor = (methods: readonly string[], path: string, handler: HttpHandler): HttpRoutes =>
  Object.fromEntries(methods.map((method) => [`${method} ${path}`, handler]));

export const JSON_TYPE = 'application/json; charset=utf-8';

/** A JSON answer with the headers that every one has. */
export const jsonAnswer = (status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer => ({
  status,
  headers: { ...JSON_HEADERS, 'content-type': JSON_TYPE, ...headers },
  body: JSON.stringify(body),
});

/** A refusal in AM's shape. */
export const refusalAnswer = ({ transactionId }: Pick<HttpCall, 'transactionId'>, status: number, message: string) =>
  jsonAnswer(status, errorBody(status, message), { 'x-transaction-id': transactionId });

export const notFound = (call: Pick<HttpCall, 'transactionId'>): HttpAnswer => refusalAnswer(call, 404, 'Not Found');

export const redirectTo = (location: string, status: 302 | 307, headers: HttpAnswer['headers'] = {}): HttpAnswer => ({
  status,
  headers: { ...headers, location },
});
