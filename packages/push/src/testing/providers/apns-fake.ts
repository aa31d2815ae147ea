import { randomUUID } from 'node:crypto';
import {
  constants,
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { FakeBehaviour, readBody, type ScriptedAnswer } from './fake-behaviour.ts';
import { newApnsKey } from './provider-keys.ts';
import { readAssertion, unknownNames } from './read-assertion.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

/** What APNs took for a phone. */
export interface TakenApns {
  readonly token: string;
  readonly id: string;
  readonly collapseId: string | undefined;
  /** Seconds since the epoch. */
  readonly expiration: number;
  /** The JSON as the phone gets it, byte for byte. */
  readonly text: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What an operator sets for this Apple. */
export interface ApnsAccount {
  readonly teamId: string;
  readonly keyId: string;
  /** The text of the `.p8` file. */
  readonly key: string;
  readonly topic: string;
}

export interface ApnsFake extends FakeBehaviour<TakenApns> {
  readonly endpoint: string;
  /** PEM of the certificate that its clients have to trust. */
  readonly certificate: string;
  readonly account: ApnsAccount;
  /** Connections that were opened so far. */
  sessions(): number;
  /** Different provider tokens so far. */
  readonly providerTokens: readonly string[];
  /** Where that token is from now on: gone from its phone, of another app, of the other environment. */
  setPhone(token: string, is: 'gone' | 'of another app' | 'of the other environment'): void;
  /** Announces that all connections end (GOAWAY); what is under way is still answered. */
  drain(): void;
  /** What a phone shows: of messages with one collapse id the last. */
  shown(token: string): readonly TakenApns[];
  close(): Promise<void>;
}

const TEAM = 'ACMETEAM01';
const KEY = 'ACMEKEY001';
const TOPIC = 'com.example.authenticator';
const MAX_PAYLOAD_BYTES = 4_096;
const HOUR_SECONDS = 3_600;
const UPDATED_AT_MOST_EVERY_SECONDS = 1_200;
const NOBODY = /^0+$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HEADERS = [
  'authorization',
  'apns-id',
  'apns-collapse-id',
  'apns-topic',
  'apns-push-type',
  'apns-priority',
  'apns-expiration',
];
const APS = [
  'alert',
  'sound',
  'category',
  'interruption-level',
  'messageId',
  'data',
  'content-available',
  'mutable-content',
];

interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly timestamp?: number;
}

const no = (status: number, reason: string): Refusal => ({ status, reason });

/** Apple's push service over real HTTP/2 and TLS, as strict as its documents allow. @see "Sending notification requests to APNs" */
export const startApnsFake = async ({
  now = Date.now,
  isPlain = false,
}: {
  readonly now?: () => number;
  /** Without TLS, for whoever cannot be told to trust another certificate. */
  readonly isPlain?: boolean;
} = {}): Promise<ApnsFake> => {
  const behaviour = new FakeBehaviour<TakenApns>();
  const { file, publicKey } = newApnsKey();
  const { certificate, key } = selfSignedCertificate();
  const sessions = new Set<ServerHttp2Session>();
  const providerTokens: string[] = [];
  const phones = new Map<string, Parameters<ApnsFake['setPhone']>[1]>();
  let opened = 0;
  let updatedAt = Number.NEGATIVE_INFINITY;

  /** @see "Establishing a token-based connection to APNs" */
  const judgeProvider = (authorization: string | undefined): Refusal | undefined => {
    const token = /^bearer (\S+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined) return no(403, 'MissingProviderToken');
    const read = readAssertion(token, 'ES256', publicKey);
    if (typeof read === 'string') return no(403, 'InvalidProviderToken');
    const { header, claims } = read;
    const isOurs = header.kid === KEY && claims.iss === TEAM;
    if (!isOurs || unknownNames(header, ['alg', 'typ', 'kid']).length + unknownNames(claims, ['iss', 'iat']).length > 0)
      return no(403, 'InvalidProviderToken');
    const age = now() / 1_000 - Number(claims.iat);
    if (!Number.isInteger(claims.iat) || age < -1) return no(403, 'InvalidProviderToken');
    if (age > HOUR_SECONDS) return no(403, 'ExpiredProviderToken');
    if (providerTokens.at(-1) !== token) {
      const seconds = now() / 1_000;
      if (seconds - updatedAt < UPDATED_AT_MOST_EVERY_SECONDS) return no(429, 'TooManyProviderTokenUpdates');
      providerTokens.push(token);
      updatedAt = seconds;
    }
    return undefined;
  };

  const judgeHeaders = (headers: IncomingHttpHeaders): Refusal | undefined => {
    const own = Object.keys(headers).filter((name) => !name.startsWith(':') && name !== 'content-length');
    const [unknown] = own.filter((name) => !HEADERS.includes(name));
    if (unknown !== undefined) return no(400, `UnknownHeader_${unknown}`);
    if (headers['apns-topic'] === undefined) return no(400, 'MissingTopic');
    if (headers['apns-topic'] !== TOPIC) return no(400, 'TopicDisallowed');
    if (headers['apns-push-type'] !== 'alert') return no(400, 'InvalidPushType');
    if (headers['apns-priority'] !== '10') return no(400, 'BadPriority');
    if (!/^\d{1,10}$/.test(String(headers['apns-expiration']))) return no(400, 'BadExpirationDate');
    const { 'apns-id': id } = headers;
    if (id !== undefined && !UUID.test(String(id))) return no(400, 'BadMessageId');
    return Buffer.byteLength(String(headers['apns-collapse-id'] ?? '')) > 64 ? no(400, 'BadCollapseId') : undefined;
  };

  const judgePhone = (token: string): Refusal | undefined => {
    const phone = phones.get(token);
    if (NOBODY.test(token) || phone === 'of the other environment') return no(400, 'BadDeviceToken');
    if (phone === 'of another app') return no(400, 'DeviceTokenNotForTopic');
    return phone === 'gone' ? { ...no(410, 'Unregistered'), timestamp: now() } : undefined;
  };

  const judge = (headers: IncomingHttpHeaders, body: Buffer | undefined): Refusal | TakenApns => {
    if (headers[':method'] !== 'POST') return no(405, 'MethodNotAllowed');
    const [, token] = /^\/3\/device\/([^/]*)$/.exec(headers[':path'] ?? '') ?? [];
    if (token === undefined) return no(404, 'BadPath');
    const provider = judgeProvider(headers.authorization);
    if (provider !== undefined) return provider;
    if (token === '') return no(400, 'MissingDeviceToken');
    if (!/^(?:[0-9a-f]{2}){16,100}$/i.test(token)) return no(400, 'BadDeviceToken');
    if (body === undefined || body.length > MAX_PAYLOAD_BYTES) return no(413, 'PayloadTooLarge');
    if (body.length === 0) return no(400, 'PayloadEmpty');
    const refusal = judgeHeaders(headers) ?? judgePhone(token);
    if (refusal !== undefined) return refusal;
    const text = body.toString('utf8');
    const payload = payloadOf(text);
    if (payload === undefined) return no(400, 'UnknownMember');
    const collapseId = headers['apns-collapse-id'];
    return {
      token,
      // Apple makes one where the provider has not.
      id: String(headers['apns-id'] ?? randomUUID()),
      collapseId: typeof collapseId === 'string' ? collapseId : undefined,
      expiration: Number(headers['apns-expiration']),
      text,
      payload,
    };
  };

  const obey = (stream: ServerHttp2Stream, { answer, code, retryAfter }: ScriptedAnswer): void => {
    if (answer === 'hang') return;
    if (answer === 'reset') stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    // Nothing that came after the stream before this one will be answered.
    else if (answer === 'drain') stream.session?.goaway(constants.NGHTTP2_NO_ERROR, Math.max(0, (stream.id ?? 0) - 2));
    else {
      stream.respond({ ':status': answer, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) });
      stream.end(JSON.stringify({ reason: code ?? 'InternalServerError' }));
    }
  };

  const answer = async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> => {
    const body = await readBody(stream, MAX_PAYLOAD_BYTES + 1);
    if (stream.destroyed) return;
    const scripted = behaviour.next('send');
    if (scripted !== undefined) {
      obey(stream, scripted);
      return;
    }
    const result = judge(headers, body);
    if ('reason' in result) {
      if (result.status !== 410 && !/^(?:BadDeviceToken|DeviceTokenNotForTopic)$/.test(result.reason))
        behaviour.refusals.push(result.reason);
      const { status, ...said } = result;
      stream.respond({ ':status': status, 'apns-id': String(headers['apns-id'] ?? randomUUID()) });
      stream.end(JSON.stringify(said));
      return;
    }
    behaviour.take(result);
    stream.respond({ ':status': 200, 'apns-id': result.id });
    stream.end();
  };

  const server = isPlain ? createServer() : createSecureServer({ cert: certificate, key });
  server.on('session', (session) => {
    opened += 1;
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    answer(stream, headers).catch(() => stream.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));

  return Object.assign(behaviour, {
    endpoint: `${isPlain ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificate,
    account: { teamId: TEAM, keyId: KEY, key: file, topic: TOPIC },
    sessions: () => opened,
    providerTokens,
    setPhone: (token: string, is: Parameters<ApnsFake['setPhone']>[1]) => void phones.set(token, is),
    drain() {
      for (const session of sessions) session.goaway();
    },
    shown(token: string) {
      const prompts = new Map<string, TakenApns>();
      behaviour.delivered.forEach((it, at) => {
        if (it.token === token) prompts.set(it.collapseId ?? String(at), it);
      });
      return [...prompts.values()];
    },
    close: () =>
      new Promise<void>((closed) => {
        for (const session of sessions) session.destroy();
        server.close(() => closed());
      }),
  });
};

/** The payload of an alert; undefined for one with members that neither Apple nor the official apps know. */
const payloadOf = (text: string): Readonly<Record<string, unknown>> | undefined => {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(payload) || unknownNames(payload, ['aps', 'messageId', 'message']).length > 0) return undefined;
  return isObject(payload.aps) && unknownNames(payload.aps, APS).length === 0 ? payload : undefined;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
