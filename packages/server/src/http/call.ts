import type { RealmSettings } from '@assent/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One request under `{am}/json`, already routed to a realm and a resource. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** `/` or `/alpha`. */
  readonly realmPath: string;
  /** Undefined where there is no such realm. */
  readonly realm: RealmSettings | undefined;
  /** Named segments of the path. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly transactionId: string;
  /** A page of another origin calls, one that the realm lists. */
  readonly isFromListedOrigin: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Handles a call; undefined says that the reply is taken over, as a stream does. */
export type Handler = (call: Call) => Promise<Answer | undefined>;

/** Handlers by `METHOD path/with/:names`. */
export type Routes = Readonly<Record<string, Handler>>;

export const ok = (body: unknown, headers?: Answer['headers']): Answer => ({
  status: 200,
  body,
  ...(headers && { headers }),
});

export const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};
