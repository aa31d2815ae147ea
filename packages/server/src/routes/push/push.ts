import type { Random } from '@assent/engine';
import type { PhoneEndpoint, PushDevice, Relay } from '@assent/push';
import { comeBackSoon } from '../../bounds/come-back.ts';
import { HeldPlaces, type HeldStreams } from '../../bounds/held-places.ts';
import { type Answer, type Call, type Handler, header, ok, type Routes, refuse } from '../../http/call.ts';
import { JSON_HEADERS } from '../../http/security-headers.ts';
import type { Logger } from '../../platform/log.ts';

export interface PushRoutesOptions {
  readonly phones: PhoneEndpoint;
  readonly relay: Relay;
  readonly log: Logger;
  readonly random: Pick<Random, 'int'>;
  readonly streams: HeldStreams;
}

/** A comment this often keeps proxies from closing a quiet stream, and finds what a lost hint hid. */
const KEEP_ALIVE_MILLIS = 15_000;

/** A phone has one stream, and for a moment two where its connection was lost; the newest are kept. */
const MAX_STREAMS_OF_DEVICE = 4;
/** Behind one address there may be the phones of a whole company. */
const STREAM_LIMITS = { most: 10_000, mostOfSource: 1_000, mostOfOwner: MAX_STREAMS_OF_DEVICE } as const;
const NO_STREAM = {
  full: refuse(503, 'Very busy. Ask for the list of messages instead.'),
  'too-many-of-source': refuse(429, 'Too many phones listen at this address. Ask for the list of messages instead.'),
} as const;
/** Two phones with one key would otherwise take turns every second. */
const DISPLACED_RETRY = 'retry: 30000\n\n';
/** A phone that has not read as much is gone, though its connection does not say so. */
const MAX_UNREAD = 64 * 1024;
const RETRY_AFTER = { 'retry-after': '30' } as const;

/** One body for every cause, so that nobody learns which check failed (SEC-34). */
const REFUSED: Answer = refuse(400, 'Bad request.');
const TOO_MANY_REFUSED: Answer = refuse(429, 'Too many messages from this address were refused. Try again later.');
const NO_SERVICE: Answer = refuse(404, 'Cannot find Push Notification Service.');
const NOT_SUPPORTED: Answer = refuse(501, 'Action not supported.');
const UNKNOWN_DEVICE: Answer = {
  ...refuse(401, 'Unauthorized'),
  headers: { 'www-authenticate': 'Bearer' },
};

/** Where phones post their answers and where ours fetch their messages (spec: push-protocol §2–§5; design.md §3.1). */
export const pushRoutes = ({ phones, relay, log, random, streams }: PushRoutesOptions): Routes => {
  const authenticate = ({ request, realmPath, query }: Call): Promise<PushDevice | undefined> =>
    relay.authenticate({
      realm: realmPath,
      mechanismUid: query.mechanismUid,
      authorization: header(request, 'authorization'),
    });

  const message: Handler = async (call) => {
    const { realmPath: realm, body, clientAddress, transactionId } = call;
    const reply = await phones({ realm, action: call.query._action, body, clientAddress, transactionId });
    if (reply.status === 200) return ok({});
    log.info(
      { transactionId, realm, action: call.query._action?.slice(0, 32), cause: reply.cause },
      'A phone was refused.',
    );
    if (reply.status === 429) {
      return { ...TOO_MANY_REFUSED, headers: { 'retry-after': String(reply.retryAfterSeconds) } };
    }
    return reply.status === 404 ? NO_SERVICE : reply.status === 501 ? NOT_SUPPORTED : REFUSED;
  };

  /** What our own phones say beside their answers. */
  const said: Handler = async (call) => {
    const { _action } = call.query;
    if (_action !== 'shown' && _action !== 'pause') return NOT_SUPPORTED;
    const device = await authenticate(call);
    if (device === undefined) return UNKNOWN_DEVICE;
    if (_action === 'shown') return (await relay.shown(device, call.body)) ? ok({}) : REFUSED;
    await relay.pause(device, call.transactionId);
    return ok({});
  };

  const places = new HeldPlaces(STREAM_LIMITS);
  /** By device, functions that end its streams, the oldest first. */
  const ofDevices = new Map<string, Set<(retry: string) => void>>();
  const oldestOf = (device: string) => ofDevices.get(device)?.values().next().value;

  return {
    'POST push/sns/message': Object.assign(message, { answersUnreadable: true as const }),
    'GET push/relay': async (call) => {
      const device = await authenticate(call);
      if (device === undefined) return UNKNOWN_DEVICE;
      if (!(header(call.request, 'accept') ?? '').includes('text/event-stream')) {
        return ok({ messages: await relay.list(device) });
      }
      const place = { owner: device.uuid, clientAddress: call.clientAddress };
      // Its newest stream is the one that the phone still reads.
      if (places.refusal(place) === 'too-many-of-owner') oldestOf(device.uuid)?.(DISPLACED_RETRY);
      const refusal = places.refusal(place);
      if (refusal === 'full' || refusal === 'too-many-of-source')
        return { ...NO_STREAM[refusal], headers: RETRY_AFTER };
      stream(call, device);
      return undefined;
    },

    'POST push/relay': Object.assign(said, { answersUnreadable: true as const }),
  };

  /** Server-sent events (WHATWG HTML §9.2): `push` and `withdrawn`, until either side ends it. */
  function stream({ response, transactionId, clientAddress }: Call, device: PushDevice): void {
    // A connection that was lost meanwhile does not say so again: its stream would never end.
    if (response.destroyed) return;
    // Nothing follows a stream on its connection: it ends with it, and no event needs a chunk around it (RFC 9112 §6.3).
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, {
      ...JSON_HEADERS,
      vary: 'Origin',
      'x-transaction-id': transactionId,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const send = (event: string, data: unknown) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const subscription = relay.subscribe(device, {
      onPush: (message) => send('push', message),
      onWithdrawn: (messageId) => send('withdrawn', { messageId }),
      onError: (cause) => log.warn({ transactionId, cause: cause }, 'Messages for a phone could not be read.'),
    });
    const leave = places.take({ owner: device.uuid, clientAddress });
    const own = ofDevices.get(device.uuid) ?? new Set();
    ofDevices.set(device.uuid, own);
    const keepAlive = setInterval(() => {
      if (response.writableLength > MAX_UNREAD) {
        end();
        return;
      }
      response.write(': still here\n\n');
      void subscription.refresh();
    }, KEEP_ALIVE_MILLIS);
    keepAlive.unref();
    const endWith = (retry: string) => {
      clearInterval(keepAlive);
      subscription.close();
      leave();
      own.delete(endWith);
      if (own.size === 0) ofDevices.delete(device.uuid);
      streams.delete(end);
      response.end(retry);
    };
    const end = () => endWith(comeBackSoon(random));
    own.add(endWith);
    streams.add(end, device.realm);
    response.on('close', end);
    response.write(': open\n\n');
  }
};
