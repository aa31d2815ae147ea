import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a push service took, and what the browser behind it read. */
export interface TakenPush {
  readonly name: string;
  readonly ttl: number;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
  /** The claims of the VAPID token. */
  readonly vapid: Readonly<Record<string, unknown>>;
  /** The encrypted body's length. */
  readonly bytes: number;
  /** The decrypted message. */
  readonly text: string;
}

/** A push service with its browsers, as strict as RFC 8030, 8188, 8291 and 8292 allow. Its code shares nothing with ours. */
export interface WebPushFake {
  readonly origin: string;
  readonly taken: readonly TakenPush[];
  /** Why requests were refused, oldest first. */
  readonly refusals: readonly string[];
  /** How many requests came in, whatever became of them. */
  calls(): number;
  /** The JSON text of the subscription of a browser with that name, the same for the same name. */
  subscription(name: string): string;
  /** Answers with these statuses from now on, or not at all, one after the other, then as usual. */
  answerWith(...statuses: readonly (number | 'hang')[]): void;
  /** Answers as usual from now on. */
  repair(): void;
  /** The browser has given the subscription up. */
  unsubscribe(name: string): void;
  close(): Promise<void>;
}

interface FakeBrowser {
  readonly keys: ReturnType<typeof createECDH>;
  readonly auth: Buffer;
}

/** RFC 8030 §5.2: a service may refuse more. */
const MAX_BODY_BYTES = 4_096;
const DAY_SECONDS = 86_400;

/** @param serverKey the only VAPID key that may ring these browsers, base64url. */
export const startWebPushFake = async (serverKey: string, now: () => number): Promise<WebPushFake> => {
  const browsers = new Map<string, FakeBrowser>();
  const taken: TakenPush[] = [];
  const refusals: string[] = [];
  const statuses: (number | 'hang')[] = [];
  let calls = 0;

  const receive = async (request: IncomingMessage): Promise<number | 'hang'> => {
    calls += 1;
    const body = await bodyOf(request);
    const status = statuses.shift();
    if (status !== undefined) return status;
    const name = decodeURIComponent(request.url?.replace(/^\/push\//, '') ?? '');
    const browser = browsers.get(name);
    if (browser === undefined) return 410;
    const refuse = (reason: string, refused = 400): number => {
      refusals.push(reason);
      return refused;
    };
    if (request.method !== 'POST') return refuse('not a POST', 405);
    const { headers } = request;
    const ttl = headers.ttl;
    if (typeof ttl !== 'string' || !/^\d+$/.test(ttl)) return refuse('no TTL (RFC 8030 §5.2)');
    const { topic, urgency } = headers;
    if (topic !== undefined && !/^[\w-]{1,32}$/.test(String(topic)))
      return refuse('a topic that is none (RFC 8030 §5.4)');
    if (headers['content-encoding'] !== 'aes128gcm') return refuse('not aes128gcm (RFC 8291 §4)');
    if (body.length > MAX_BODY_BYTES) return refuse('too large', 413);
    const vapid = readVapid(String(headers.authorization), serverKey, `http://${headers.host}`, now());
    if (typeof vapid === 'string') return refuse(vapid, 403);
    const text = decrypt(body, browser);
    if (text === undefined) return refuse('the browser cannot read it (RFC 8291 §3)');
    taken.push({
      name,
      ttl: Number(ttl),
      urgency: urgency === undefined ? undefined : String(urgency),
      topic: topic === undefined ? undefined : String(topic),
      vapid,
      bytes: body.length,
      text,
    });
    return 201;
  };

  const server: Server = createServer((request, response) => {
    // For tests that have it in a process of its own.
    if (request.method === 'GET') {
      const name = /^\/subscription\/(\w+)$/.exec(request.url ?? '')?.[1];
      response.setHeader('content-type', 'application/json');
      response.end(name === undefined ? JSON.stringify({ taken, refusals }) : subscription(name));
      return;
    }
    void receive(request).then((status) => {
      if (status === 'hang') return;
      if (status >= 300 && status < 400) response.setHeader('location', `/elsewhere`);
      response.writeHead(status).end('x'.repeat(status === 400 ? 100_000 : 0));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const subscription = (name: string): string => {
    const browser = browsers.get(name) ?? { keys: createECDH('prime256v1'), auth: randomBytes(16) };
    if (!browsers.has(name)) browser.keys.generateKeys();
    browsers.set(name, browser);
    return JSON.stringify({
      endpoint: `${origin}/push/${encodeURIComponent(name)}`,
      expirationTime: null,
      keys: { p256dh: browser.keys.getPublicKey('base64url'), auth: browser.auth.toString('base64url') },
    });
  };

  return {
    origin,
    taken,
    refusals,
    calls: () => calls,
    subscription,
    answerWith: (...next) => void statuses.push(...next),
    repair: () => void statuses.splice(0),
    unsubscribe: (name) => void browsers.delete(name),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** The claims of `vapid t=…, k=…`, or why they do not count. @see RFC 8292 §2–§4 */
const readVapid = (
  authorization: string,
  serverKey: string,
  audience: string,
  now: number,
): Readonly<Record<string, unknown>> | string => {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? [];
  if (key !== serverKey) return 'a key that the browser did not subscribe for';
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { alg, typ } = jsonOf(header);
  if (alg !== 'ES256' || typ !== 'JWT') return 'not an ES256 token';
  const point = Buffer.from(key, 'base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const isGenuine = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isGenuine) return 'a bad signature';
  const claims = jsonOf(payload);
  const seconds = now / 1_000;
  if (claims.aud !== audience) return `a token for ${String(claims.aud)}`;
  if (typeof claims.exp !== 'number' || claims.exp <= seconds || claims.exp > seconds + DAY_SECONDS) {
    return 'a token that ends never, too late or already';
  }
  return /^(?:mailto|https):/.test(String(claims.sub)) ? claims : 'nobody to turn to (RFC 8292 §2.1)';
};

const jsonOf = (segment: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(segment, 'base64url').toString('utf8')) as Record<string, unknown>;

const derive = (secret: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, length));

/** One record of `aes128gcm`, sealed for this browser. @see RFC 8188 §2, RFC 8291 §3.3–§3.4 */
const decrypt = (body: Buffer, { keys, auth }: FakeBrowser): string | undefined => {
  const salt = body.subarray(0, 16);
  const recordSize = body.readUInt32BE(16);
  const idLength = body.readUInt8(20);
  const sender = body.subarray(21, 21 + idLength);
  const record = body.subarray(21 + idLength);
  if (idLength !== 65 || record.length > recordSize) return undefined;
  const shared = keys.computeSecret(sender);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), sender]);
  const secret = derive(shared, auth, info, 32);
  const key = derive(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = derive(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  try {
    const plain = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
    // The last record ends with 2, then zeros.
    const end = plain.lastIndexOf(2);
    return plain.subarray(end + 1).every((byte) => byte === 0) ? plain.subarray(0, end).toString('utf8') : undefined;
  } catch {
    return undefined;
  }
};
