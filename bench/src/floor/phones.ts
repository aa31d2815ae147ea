import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Exchange, HEADERS, refuse, reply } from './http.ts';
import { RETRY_MILLIS } from './journeys.ts';
import type { FloorStore, Message, RequestStatus } from './store.ts';
import { isSame, Mac, strictJson, verified } from './wire.ts';

export const RELAY = '/am/json/push/relay';
const MAX_SKEW_MILLIS = 300_000;

/** What a phone has said, once it is sure that it was that phone. */
export interface Answer {
  readonly message: Message;
  readonly claims: Record<string, unknown>;
  /** The same one again is answered the same. */
  readonly answerHash: string;
}

/** A message in the audit trail, which tells nobody its id. */
export const auditName = (messageId: string): string => hash('sha256', messageId, 'base64url').slice(0, 22);

export type Phones = ReturnType<typeof floorPhones>;

/** What phones send, and how they are told (design.md §3.1). */
export const floorPhones = (store: FloorStore) => {
  const streams = new Map<string, Set<ServerResponse>>();
  const tell = (deviceUuid: string, event: 'push' | 'withdrawn', data: string): void => {
    for (const stream of streams.get(deviceUuid) ?? []) stream.write(`event: ${event}\ndata: ${data}\n\n`);
  };
  const ring = ({ id, deviceUuid, jwt }: Message): void =>
    tell(deviceUuid, 'push', `{"messageId":"${id}","message":"${jwt}"}`);

  return {
    ring,
    withdraw: ({ id, deviceUuid }: RequestStatus): void => tell(deviceUuid, 'withdrawn', `{"messageId":"${id}"}`),

    /** Handles an answer to a message (spec: push-protocol §2.2, §4.2), under the key that `keyOf` finds for it. */
    answered:
      (keyOf: (message: Message) => Buffer | undefined, accept: (exchange: Exchange, answer: Answer) => void) =>
      (exchange: Exchange, text: string): void => {
        const { now } = exchange;
        const { messageId, jwt } = strictJson(text);
        if (typeof messageId !== 'string' || typeof jwt !== 'string' || jwt.length > 8_192) {
          throw new SyntaxError('jwt');
        }
        const message = store.message(messageId);
        const answerHash = hash('sha256', jwt, 'base64url');
        if (message?.answerHash === answerHash && now < (message.answeredAt ?? 0) + RETRY_MILLIS) {
          reply(exchange, 200, '{}');
          return;
        }
        const key = message?.state === 'pending' && now < message.expiresAt ? keyOf(message) : undefined;
        if (message === undefined || key === undefined) {
          refuse(exchange);
          return;
        }
        const mac = new Mac(key);
        const claims = verified(mac, jwt);
        const expected = mac.of(Buffer.from(message.challenge, 'base64'), 'base64');
        if (claims !== undefined && isSame(String(claims.response), expected)) {
          accept(exchange, { message, claims, answerHash });
          return;
        }
        store.commit(
          (to) => to.countBadProof(messageId),
          () => refuse(exchange),
        );
      },

    /** Opens the stream over which one of our phones is told. */
    relay({ request, response, transactionId, now, port }: Exchange, mechanismUid: string): void {
      const jwt = /^Bearer ([\w.-]+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const device = store.devicesByMechanism(mechanismUid).find(({ secret }) => {
        const claims = verified(new Mac(secret), jwt);
        const isNow = Math.abs(Number(claims?.iat) * 1_000 - now) <= MAX_SKEW_MILLIS;
        return isNow && claims?.mechanismUid === mechanismUid && claims.aud === `http://localhost:${port}${RELAY}`;
      });
      if (device === undefined) {
        response.writeHead(401).end();
        return;
      }
      response.useChunkedEncodingByDefault = false;
      const type = ['content-type', 'text/event-stream; charset=utf-8', 'x-accel-buffering', 'no'];
      response.writeHead(200, [...HEADERS, 'x-transaction-id', transactionId, ...type]);
      response.write(': open\n\n');
      const open = streams.get(device.uuid) ?? new Set();
      streams.set(device.uuid, open.add(response));
      const alive = setInterval(() => response.write(': still here\n\n'), 15_000).unref();
      response.on('close', () => {
        clearInterval(alive);
        open.delete(response);
      });
      for (const message of store.ringing(device)) ring(message);
    },
  };
};
