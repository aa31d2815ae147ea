import { hash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Changes, Device, FloorStore, Journey, JourneyState, Message, RequestStatus } from './store.ts';
import { draw, isSame, Mac, sign, strictJson, textOf, timeId, verified } from './wire.ts';

const AUTHENTICATE = '/am/json/realms/root/authenticate?authIndexType=service&authIndexValue=BenchPush';
const ANSWER = '/am/json/push/sns/message?_action=authenticate';
const RELAY = '/am/json/push/relay';

/** On every answer (security-reliability §6). */
const HEADERS = [
  ...['x-content-type-options', 'nosniff', 'referrer-policy', 'no-referrer'],
  ...['permissions-policy', 'camera=(), microphone=(), geolocation=(self)'],
  ...['cross-origin-opener-policy', 'same-origin', 'cache-control', 'private, no-store', 'pragma', 'no-cache'],
  ...['expires', '0', 'content-security-policy', "default-src 'none'; frame-ancestors 'none'", 'vary', 'Origin'],
];
const JSON_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i;
const TRANSACTION_ID = /^[\w/.-]{1,64}$/;

const MINUTE = 60_000;
const JOURNEY_MILLIS = 15 * MINUTE;
const MESSAGE_MILLIS = 10 * MINUTE;
const RETRY_MILLIS = MINUTE;
/** Messages since the last success that a user's phones get (SEC-25). */
const SEND_LIMITS = [
  [MINUTE, 3],
  [10 * MINUTE, 6],
  [24 * 60 * MINUTE, 20],
] as const;

const SIGN_IN =
  '"callbacks":[{"type":"NameCallback","output":[{"name":"prompt","value":"User Name"}],"input":[{"name":"IDToken1","value":""}],"_id":0},{"type":"PasswordCallback","output":[{"name":"prompt","value":"Password"}],"input":[{"name":"IDToken2","value":""}],"_id":1}]}';
const waitStep = (number: string): string =>
  `"callbacks":[{"type":"PollingWaitCallback","output":[{"name":"waitTime","value":"5000"},{"name":"message","value":"On your phone, type ${number}."}]},{"type":"HiddenValueCallback","output":[{"name":"value","value":"${number}"},{"name":"id","value":"pushChallengeNumber"}],"input":[{"name":"IDToken2","value":"pushChallengeNumber"}]},{"type":"ConfirmationCallback","output":[{"name":"prompt","value":""},{"name":"messageType","value":0},{"name":"options","value":["Cancel"]},{"name":"optionType","value":-1},{"name":"defaultOption","value":0}],"input":[{"name":"IDToken3","value":100}]}]}`;
const FAILED = '{"code":401,"reason":"Unauthorized","message":"Login failure"}';
const REFUSED = '{"code":400,"reason":"Bad Request","message":"Bad request."}';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly transactionId: string;
  readonly now: number;
}

const reply = ({ response, transactionId }: Exchange, status: number, body: string, ...others: string[]): void => {
  const lines = HEADERS.slice();
  const length = Buffer.byteLength(body);
  lines.push('x-transaction-id', transactionId, ...others);
  lines.push('content-type', 'application/json; charset=utf-8', 'content-length', String(length));
  response.writeHead(status, lines);
  response.end(body, length === body.length ? 'latin1' : 'utf8');
};
const V21 = ['content-api-version', 'resource=2.1'];
const fail = (exchange: Exchange): void => reply(exchange, 401, FAILED, ...V21);

/** The input of a callback that was asked for at that place; undefined where another one came. */
const inputOf = (callbacks: unknown, at: number, type: string): unknown => {
  const given = Array.isArray(callbacks) ? (callbacks[at] as { type?: unknown; input?: unknown } | null) : undefined;
  if (given?.type !== type) return undefined;
  return Array.isArray(given.input) ? (given.input[0] as { value?: unknown } | null)?.value : undefined;
};

interface Reference {
  readonly sessionId: string;
  readonly otk: string;
  readonly exp: number;
  readonly isFirst: boolean;
}

/**
 * The floor of P6: what design.md asks of a push login in five requests, for this one journey and nothing else. An answer has
 * the bytes that Assent sends, a commit the rows that Assent writes.
 *
 * | request     | reads                           | commit (design.md §3, §4)                                          |
 * | ----------- | ------------------------------- | ------------------------------------------------------------------ |
 * | each        |                                 | headers, transaction id, Host, Origin, strict JSON (SEC-08, -65)   |
 * | start       | none                            | none (decision 1)                                                  |
 * | credentials | user with phones, 3 counters    | journey with its submit (SEC-39), message of each phone, which     |
 * |             |                                 | supersedes, count of sends (SEC-25), lock seen again, 2 audit rows |
 * | then        |                                 | the phone is told over its stream (§3.1)                           |
 * | poll        | journey, messages               | none: the same step                                                |
 * | answer      | message, phone                  | answer where it is pending, 1 audit row; a bad proof is counted    |
 * | then        | messages                        | the phones are told that it is over                                |
 * | poll        | journey, messages               | journey ended, messages consumed, phone seen, 2 counters cleared,  |
 * |             |                                 | user looked at again (SEC-58), session, 2 audit rows               |
 *
 * Left out: any other journey, realm, address or language; registration; official apps and keys of a phone's own; pages (binding
 * cookie, other origins); sweeping; the log; what a node fails with. So it says what the work costs, and not what a server does.
 */
export const floorServer = (store: FloorStore): Server => {
  const authIdMac = new Mac(randomBytes(32));
  const streams = new Map<string, Set<ServerResponse>>();
  let port = 0;

  const authIdOf = ({ sessionId, otk, exp, isFirst }: Reference): string =>
    sign(
      authIdMac,
      `{"typ":"authId","realm":"/","authIndexType":"service","authIndexValue":"BenchPush","version":1,"sessionId":"${sessionId}","otk":"${otk}","exp":${exp / 1_000}${isFirst ? ',"start":{}' : ''}}`,
    );

  const tell = (deviceUuid: string, event: 'push' | 'withdrawn', data: string): void => {
    for (const stream of streams.get(deviceUuid) ?? []) stream.write(`event: ${event}\ndata: ${data}\n\n`);
  };
  const ring = ({ id, deviceUuid, jwt }: Message): void =>
    tell(deviceUuid, 'push', `{"messageId":"${id}","message":"${jwt}"}`);
  const withdraw = ({ id, deviceUuid }: RequestStatus): void => tell(deviceUuid, 'withdrawn', `{"messageId":"${id}"}`);

  const start = (exchange: Exchange): void => {
    const exp = exchange.now + JOURNEY_MILLIS;
    const authId = authIdOf({
      ...{ sessionId: timeId(exchange.now), otk: draw(18).toString('base64url'), exp, isFirst: true },
    });
    reply(exchange, 200, `{"authId":"${authId}",${SIGN_IN}`, ...V21);
  };

  const showWait = (exchange: Exchange, authId: string, { number }: JourneyState): void =>
    reply(exchange, 200, `{"authId":"${authId}",${waitStep(number)}`, ...V21);

  const messageTo = (device: Device, username: string, number: string, now: number): Omit<Message, 'request'> => {
    const id = `AUTHENTICATE:${timeId(now)}${now}`;
    const challenge = draw(32).toString('base64');
    const name = JSON.stringify(username).slice(1, -1);
    const jwt = sign(
      new Mac(device.secret),
      `{"u":"${device.mechanismUid}","l":"YW1sYmNvb2tpZT0wMQ==","c":"${challenge}","m":"Is this you? ${name} is signing in to Assent.","k":"challenge","i":"${now}","t":"600","d":"${name}","p":"{}","x":"{\\"remoteIp\\":\\"127.0.0.1\\"}","x_len":"6"}`,
    );
    const status = { id, userId: device.userId, journeyId: '', deviceUuid: device.uuid, state: 'pending' as const };
    const rest = {
      createdAt: now,
      expiresAt: now + MESSAGE_MILLIS,
      attempts: 0,
      answerHash: undefined,
      answeredAt: undefined,
    };
    return { ...status, ...rest, challenge, number, jwt };
  };

  /** Name and password: the phones ring, and the journey is stored for the first time. */
  const credentials = (exchange: Exchange, { sessionId, otk, exp }: Reference, callbacks: unknown, text: string) => {
    const { now, transactionId } = exchange;
    const username = String(inputOf(callbacks, 0, 'NameCallback') ?? '').toLowerCase();
    const password = inputOf(callbacks, 1, 'PasswordCallback');
    const user = store.user(username);
    const guesses = `password:/:${username}`;
    const subjects = [guesses, `push:${user?.id}`, `push-refused:${user?.id}`];
    const [guess, sends, refusals] = store.counters(subjects);
    const digest = hash('sha256', text, 'base64url');
    const nonce = draw(18).toString('base64url');
    const stored = { id: sessionId, nonce, expiresAt: exp, lastNonce: otk, lastDigest: digest, lastAt: now };
    const base = { at: now, transactionId };
    const isLocked = guess !== undefined && guess.lockedUntil > now;
    if (user === undefined || password !== user.hash || isLocked || user.devices.length === 0) {
      const hits = [...(guess?.hits ?? []).filter((at) => at > now - 24 * 60 * MINUTE), now];
      const counter = {
        subject: guesses,
        hits,
        lockedUntil: hits.length >= 5 ? now + 30_000 : 0,
        rev: guess?.rev ?? 0,
      };
      const work = (to: Changes): boolean =>
        (isLocked || to.putCounter(counter)) &&
        to.insertJourney({ ...stored, state: undefined }) &&
        to.audit({ ...base, event: 'JOURNEY_END', outcome: 'failure' });
      store.commit(work, () => fail(exchange));
      return;
    }
    const { id: userId, credentialRev, devices } = user;
    const number = String(randomInt(100_000, 1_000_000));
    const drafts = devices.map((device) => messageTo(device, user.username, number, now));
    const request = drafts[0]?.id ?? '';
    const hits = sends?.hits ?? [];
    // Over the limit the journey goes on as if it had been sent (SEC-25).
    const isSuppressed =
      (refusals?.lockedUntil ?? 0) > now ||
      SEND_LIMITS.some(([millis, most]) => hits.filter((at) => at > now - millis).length >= most);
    const messages = drafts.map((it): Message => {
      const { jwt, ...rest } = it;
      return { ...rest, request, journeyId: sessionId, jwt, state: isSuppressed ? 'closed' : 'pending' };
    });
    const state = { username: user.username, userId, credentialRev, request, number };
    const withdrawn: RequestStatus[] = [];
    const work = (to: Changes): boolean =>
      to.insertJourney({ ...stored, state }) &&
      to.audit({ ...base, event: 'JOURNEY_START' }) &&
      to.isUnlocked(guesses, now) &&
      (isSuppressed ||
        to.putCounter({ subject: `push:${userId}`, lockedUntil: 0, rev: 0, ...sends, hits: [...hits, now] })) &&
      to.openMessages(messages, withdrawn) &&
      to.audit({
        ...base,
        ...{ event: isSuppressed ? 'THROTTLED' : 'PUSH_SENT', userId },
        detail: `{"message":"${hash('sha256', request, 'base64url').slice(0, 22)}","devices":${devices.length}}`,
      });
    store.commit(work, (committed) => {
      const journey = committed ? { ...stored, state } : store.journey(sessionId);
      // Refused: the authId was used before. Only the very same submit gets its answer again (SEC-39).
      const isRetry =
        journey?.lastNonce === otk && journey.lastDigest === digest && now < journey.lastAt + RETRY_MILLIS;
      if (journey?.state === undefined || !isRetry) {
        fail(exchange);
        return;
      }
      const next = { sessionId, otk: journey.nonce, exp, isFirst: false };
      showWait(exchange, authIdOf(next), journey.state);
      if (!committed) return;
      for (const it of withdrawn) withdraw(it);
      if (!isSuppressed) for (const message of messages) ring(message);
    });
  };

  /** The page asks again: the same step, or the end. */
  const poll = (exchange: Exchange, authId: string, { sessionId, otk }: Reference, callbacks: unknown): void => {
    const { now } = exchange;
    const journey = store.journey(sessionId);
    const state = journey?.state;
    const choice = inputOf(callbacks, 2, 'ConfirmationCallback');
    if (state === undefined || journey?.nonce !== otk || choice === undefined) {
      fail(exchange);
      return;
    }
    const rows = store.request(state.request).filter(({ journeyId }) => journeyId === sessionId);
    const isDenied = rows.some((it) => it.state === 'denied');
    const isApproved = rows.some((it) => it.state === 'approved' && now < it.expiresAt + 30_000);
    const isOver = rows.every(({ expiresAt }) => now >= expiresAt);
    if (choice === 0 || isDenied || (isOver && !isApproved)) finish(exchange, journey, state, rows, undefined);
    else if (isApproved) finish(exchange, journey, state, rows, draw(32).toString('base64url'));
    else showWait(exchange, authId, state);
  };

  const finish = (
    exchange: Exchange,
    { id, nonce }: Journey,
    { userId, username, credentialRev }: JourneyState,
    rows: readonly RequestStatus[],
    token: string | undefined,
  ): void => {
    const { now, transactionId } = exchange;
    const base = { at: now, transactionId, userId };
    const open = rows.filter(({ state }) => state !== 'consumed' && state !== 'closed');
    const instant = `${new Date(now).toISOString().slice(0, 19)}Z`;
    const session = (of: string) => ({
      ...{ tokenHash: hash('sha256', of, 'buffer'), handle: randomUUID(), userId, username, createdAt: now },
      properties: `{"NodeType":"AuthenticatorPush|","Service":"BenchPush","AuthLevel":"0","authInstant":"${instant}","FactorInstant":"${instant}","Host":"127.0.0.1","AMCtxId":"${id}"}`,
      ...{ maxExpiresAt: now + 120 * MINUTE, maxIdleMillis: 30 * MINUTE },
    });
    const work = (to: Changes): boolean =>
      to.endJourney(id, nonce) &&
      to.consume(open) &&
      (token === undefined
        ? to.audit({ ...base, event: 'JOURNEY_END', outcome: 'failure' })
        : rows.every((it) => it.state !== 'approved' || to.touchDevice(it.deviceUuid, now)) &&
          to.clearCounters([`push:${userId}`, `push-refused:${userId}`]) &&
          to.audit({ ...base, event: 'JOURNEY_END', outcome: 'success', detail: '{"address":"127.0.0.1"}' }) &&
          to.isUsable(userId, credentialRev) &&
          to.insertSession(session(token)) &&
          to.audit({ ...base, event: 'SESSION_CREATE' }));
    store.commit(work, (committed) => {
      if (!committed || token === undefined) {
        fail(exchange);
        return;
      }
      const cookie = `iPlanetDirectoryPro=${token}; Path=/; HttpOnly; SameSite=Lax`;
      const body = `{"tokenId":"${token}","successUrl":"/am/console","realm":"/"}`;
      reply(exchange, 200, body, 'set-cookie', cookie, ...V21);
    });
  };

  const authenticate = (exchange: Exchange, text: string): void => {
    const { authId, callbacks } = strictJson(text);
    if (authId === undefined) {
      start(exchange);
      return;
    }
    if (typeof authId !== 'string' || authId.length > 8_192) throw new SyntaxError('authId');
    const claims = verified(authIdMac, authId);
    const reference = claims && {
      ...{ sessionId: String(claims.sessionId), otk: String(claims.otk), exp: Math.round(Number(claims.exp) * 1_000) },
      isFirst: claims.start !== undefined,
    };
    if (reference === undefined || claims?.typ !== 'authId' || reference.exp <= exchange.now) fail(exchange);
    else if (reference.isFirst) credentials(exchange, reference, callbacks, text);
    else poll(exchange, authId, reference, callbacks);
  };

  /** The phone's yes or no (spec: push-protocol §4.2). */
  const answer = (exchange: Exchange, text: string): void => {
    const { now, transactionId } = exchange;
    const { messageId, jwt } = strictJson(text);
    if (typeof messageId !== 'string' || typeof jwt !== 'string' || jwt.length > 8_192) throw new SyntaxError('jwt');
    const message = store.message(messageId);
    const answerHash = hash('sha256', jwt, 'base64url');
    if (message?.answerHash === answerHash && now < (message.answeredAt ?? 0) + RETRY_MILLIS) {
      reply(exchange, 200, '{}');
      return;
    }
    const device =
      message?.state === 'pending' && now < message.expiresAt ? store.device(message.deviceUuid) : undefined;
    if (message === undefined || device === undefined) {
      reply(exchange, 400, REFUSED);
      return;
    }
    const mac = new Mac(device.secret);
    const claims = verified(mac, jwt);
    const expected = mac.of(Buffer.from(message.challenge, 'base64'), 'base64');
    if (claims === undefined || !isSame(String(claims.response), expected)) {
      store.commit(
        (to) => to.countBadProof(messageId),
        () => reply(exchange, 400, REFUSED),
      );
      return;
    }
    const { userId, deviceUuid } = message;
    const isRight = claims.deny !== true && String(claims.challengeResponse).trim() === message.number;
    const event = isRight ? 'PUSH_ANSWERED' : claims.deny === true ? 'PUSH_DENIED' : 'PUSH_NUMBER_MISMATCH';
    const verdict = isRight ? 'approved' : 'denied';
    const name = hash('sha256', messageId, 'base64url').slice(0, 22);
    const detail = `{"message":"${name}","device":"${deviceUuid}"}`;
    const work = (to: Changes): boolean => {
      if (!to.answer(messageId, verdict, now, answerHash)) return false;
      if (!isRight) {
        const subject = `push-refused:${userId}`;
        const [counter] = store.counters([subject]);
        const hits = [...(counter?.hits ?? []).filter((at) => at > now - 60 * MINUTE), now];
        const lockedUntil = hits.length >= 2 ? now + 60 * MINUTE : 0;
        if (!to.putCounter({ subject, hits, lockedUntil, rev: counter?.rev ?? 0 })) return false;
      }
      return to.audit({ at: now, event, transactionId, userId, outcome: verdict, detail });
    };
    store.commit(work, (committed) => {
      if (committed) reply(exchange, 200, '{}');
      else reply(exchange, 400, REFUSED);
      if (committed) for (const it of store.request(message.request)) withdraw(it);
    });
  };

  /** The stream over which one of our phones is told (design.md §3.1). */
  const relay = ({ request, response, transactionId, now }: Exchange, mechanismUid: string): void => {
    const jwt = /^Bearer ([\w.-]+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const device = store.devicesByMechanism(mechanismUid).find(({ secret }) => {
      const claims = verified(new Mac(secret), jwt);
      const isNow = Math.abs(Number(claims?.iat) * 1_000 - now) <= 5 * MINUTE;
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
  };

  const server = createServer((request, response) => {
    const { headers, url = '', method } = request;
    const given = headers['x-forgerock-transactionid'];
    const transactionId = typeof given === 'string' && TRANSACTION_ID.test(given) ? given : randomUUID();
    const exchange = { request, response, transactionId, now: Date.now() };
    // Only its own host, only pages of its own origin, only JSON (SEC-08, SEC-65, security-reliability §6 "CSRF").
    const isOwn = headers.host === `localhost:${port}` && headers.origin === undefined && headers.cookie === undefined;
    if (isOwn && method === 'GET' && url.startsWith(`${RELAY}?mechanismUid=`)) {
      relay(exchange, url.slice(RELAY.length + '?mechanismUid='.length));
      return;
    }
    const isAnswer = url === ANSWER;
    const most = isAnswer ? 16_384 : 65_536;
    const isFine =
      isOwn && method === 'POST' && (isAnswer || url === AUTHENTICATE) && headers['sec-fetch-site'] === undefined;
    if (
      !isFine ||
      !JSON_TYPE.test(headers['content-type'] ?? '') ||
      Number(headers['content-length'] ?? most + 1) > most
    ) {
      reply(exchange, 400, REFUSED);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        const text = textOf(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
        if (isAnswer) answer(exchange, text);
        else authenticate(exchange, text);
      } catch {
        reply(exchange, 400, REFUSED);
      }
    });
  });
  server.keepAliveTimeout = 65_000;
  server.on('listening', () => {
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  return server;
};
