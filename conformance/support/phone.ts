import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  // biome-ignore lint/style/noRestrictedImports: its keys go through PEM.
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import type { Send, WireAnswer } from './wire.ts';

export interface PhoneOptions {
  /** `relay` is our own phone; an official app waits for its provider. */
  readonly communicationType?: 'relay' | 'gcm' | 'apns';
  /** A key of its own, as our phone has; without it the phone signs with the shared one, as official apps do. */
  readonly hasKey?: boolean;
  readonly deviceName?: string;
}

/** What a phone knows of its server and of the time there. */
export interface PhoneWorld {
  readonly send: Send;
  now(): number;
}

/** A request for an approval as the phone reads it. */
export interface PushRequest {
  readonly messageId: string;
  readonly challenge: Buffer;
  readonly claims: Readonly<Record<string, unknown>>;
}

type Claims = Readonly<Record<string, unknown>>;

const base64UrlJson = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The claims of a compact JWS; the test trusts its own server. */
const claimsOf = (jwt: string): Claims =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Claims;

/** A push JWT as a phone reads it. */
export const readPush = (messageId: string, jwt: string): PushRequest => {
  const claims = claimsOf(jwt);
  return { messageId, claims, challenge: Buffer.from(String(claims.c), 'base64') };
};

/** What a registration URI says (spec: push-protocol §1). */
export const readRegistrationUri = (uri: string) => {
  const query = new URLSearchParams(uri.slice(uri.indexOf('?') + 1));
  const text = (name: string) => Buffer.from(query.get(name) ?? '', 'base64url').toString();
  return {
    label: decodeURIComponent(/^pushauth:\/\/push\/([^?]*)/.exec(uri)?.[1] ?? ''),
    messageId: query.get('m') ?? '',
    secret: Buffer.from(query.get('s') ?? '', 'base64url'),
    challenge: Buffer.from(query.get('c') ?? '', 'base64url'),
    registerUrl: text('r'),
    authenticateUrl: text('a'),
  };
};

/** Through PEM: Node 20 may stand still over key objects that its generator hands out (docs/adr/0031). */
const newKeys = (): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: createPublicKey(publicKey), privateKey: createPrivateKey(privateKey) };
};

/** A phone written from the specification alone: it shares no line with the server or its command line. */
export class Phone {
  readonly #world: PhoneWorld;
  readonly #options: Required<PhoneOptions>;
  readonly #keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
  readonly #mechanismUid = randomUUID();
  #secret: Buffer = Buffer.alloc(32);
  #registerUrl = '';
  #authenticateUrl = '';

  constructor(world: PhoneWorld, options: PhoneOptions = {}) {
    this.#world = world;
    this.#options = { communicationType: 'relay', hasKey: true, deviceName: 'Walking phone', ...options };
    this.#keys = this.#options.hasKey ? newKeys() : undefined;
  }

  /** Under which a provider knows this phone. */
  get token(): string {
    return `token-${this.#mechanismUid}`;
  }

  /** Scans the code and answers its challenge. */
  register(uri: string): Promise<WireAnswer> {
    const { communicationType, deviceName } = this.#options;
    return this.#answerCode(uri, {
      deviceId: this.token,
      deviceName,
      deviceType: communicationType === 'gcm' ? 'android' : communicationType === 'apns' ? 'ios' : 'cli',
      communicationType,
      mechanismUid: this.#mechanismUid,
      ...(this.#keys && { x_key: publicJwk(this.#keys.publicKey) }),
    });
  }

  /** Scans the code, and its user says no (design.md §3.3 "register deny"). */
  denyRegistration(uri: string): Promise<WireAnswer> {
    return this.#answerCode(uri, { deny: true });
  }

  /** All requests that wait for this phone on the relay. */
  async pending(): Promise<readonly PushRequest[]> {
    const relay = new URL(this.#registerUrl);
    relay.pathname = relay.pathname.replace('push/sns/message', 'push/relay');
    relay.search = '';
    const token = this.#sign({
      iat: Math.floor(this.#world.now() / 1000),
      jti: randomUUID(),
      mechanismUid: this.#mechanismUid,
      aud: relay.href,
    });
    const answer = await this.#world.send({
      method: 'GET',
      url: `${relay.href}?mechanismUid=${this.#mechanismUid}`,
      headers: { accept: 'application/json', authorization: `Bearer ${token}` },
    });
    if (answer.status !== 200) throw new Error(`The relay answered ${answer.status}.`);
    const messages = answer.body.messages as readonly { readonly messageId: string; readonly message: string }[];
    return messages.map(({ messageId, message }) => readPush(messageId, message));
  }

  /** The only request that waits. */
  async request(): Promise<PushRequest> {
    const [request, ...others] = await this.pending();
    if (request === undefined || others.length > 0)
      throw new Error(`${others.length} requests wait besides ${request?.messageId}`);
    return request;
  }

  approve(request: PushRequest, number?: string | number): Promise<WireAnswer> {
    return this.#answer(request, number === undefined ? {} : { challengeResponse: number });
  }

  deny(request: PushRequest, reason?: 'not_me' | 'cancelled' | 'other'): Promise<WireAnswer> {
    return this.#answer(request, { deny: true, ...(reason && { x_reason: reason }) });
  }

  #answerCode(uri: string, claims: Claims): Promise<WireAnswer> {
    const code = readRegistrationUri(uri);
    this.#secret = code.secret;
    this.#registerUrl = code.registerUrl;
    this.#authenticateUrl = code.authenticateUrl;
    // Nothing but the shared key is known to both sides yet.
    const jwt = signHs256({ ...claims, response: this.#solve(code.challenge) }, code.secret);
    return this.#world.send({ method: 'POST', url: code.registerUrl, body: { messageId: code.messageId, jwt } });
  }

  #answer({ messageId, challenge }: PushRequest, claims: Claims): Promise<WireAnswer> {
    const iat = Math.floor(this.#world.now() / 1000);
    const bound = this.#keys && { iat, jti: randomUUID(), mid: messageId };
    const jwt = this.#sign({ response: this.#solve(challenge), ...claims, ...bound });
    return this.#world.send({ method: 'POST', url: this.#authenticateUrl, body: { messageId, jwt } });
  }

  #solve(challenge: Uint8Array): string {
    return solve(challenge, this.#secret);
  }

  #sign(claims: Claims): string {
    if (this.#keys === undefined) return signHs256(claims, this.#secret);
    const input = `${base64UrlJson({ typ: 'JWT', alg: 'ES256' })}.${base64UrlJson(claims)}`;
    // RFC 7518 §3.4: R and S side by side.
    const signature = sign('sha256', Buffer.from(input), { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}

/** The answer to a challenge (spec: push-protocol §0.4). */
export const solve = (challenge: Uint8Array, secret: Uint8Array): string =>
  createHmac('sha256', secret).update(challenge).digest('base64');

/** A compact JWS by a shared key, as servers and official apps make it. */
export const signHs256 = (claims: Claims, key: Uint8Array): string => {
  const input = `${base64UrlJson({ typ: 'JWT', alg: 'HS256' })}.${base64UrlJson(claims)}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
};

const publicJwk = (key: KeyObject): Claims => {
  const { kty, crv, x, y } = key.export({ format: 'jwk' });
  return { kty, crv, x, y };
};
