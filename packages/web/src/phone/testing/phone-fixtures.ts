import { encodeBase64, encodeJwsParts, encodeJwsSigningInput, utf8Bytes } from '@assent/push/protocol';
import type { PushAccount } from '../accounts/account.ts';
import { importSharedKey, makeDeviceKey } from '../accounts/device-keys.ts';
import type { CallIo } from '../server/server-calls.ts';
import { createServerClock } from '../server/server-clock.ts';

export const SERVER = 'https://id.example.net';
export const START = 1_760_000_300_000;
export const SECRET = Uint8Array.from({ length: 32 }, (_, at) => at);
const MESSAGES = `${SERVER}/am/json/push/sns/message`;

/** A phone's account at the server of these tests. */
export const someAccount = async (changes: Partial<PushAccount['push']> = {}): Promise<PushAccount> => ({
  id: 'account-1',
  issuer: 'Acme',
  name: 'jane',
  label: undefined,
  colour: undefined,
  addedAt: START - 3_600_000,
  position: 1,
  codes: undefined,
  push: {
    mechanismUid: 'mechanism-1',
    deviceName: 'Chrome',
    sharedKey: await importSharedKey(SECRET),
    deviceKey: (await makeDeviceKey()).privateKey,
    registerUrl: `${MESSAGES}?_action=register`,
    authenticateUrl: `${MESSAGES}?_action=authenticate`,
    relayUrl: `${SERVER}/am/json/push/relay`,
    userId: 'jane',
    channel: { type: 'relay', deviceId: 'device-1' },
    wantsRing: false,
    demandsVerification: false,
    lastAnswerAt: undefined,
    ...changes,
  },
});

/** The claims of a push, as a server makes them. */
export const pushClaims = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  u: 'mechanism-1',
  l: encodeBase64(utf8Bytes('lb=1')),
  c: encodeBase64(new Uint8Array(32).fill(7)),
  m: 'jane is signing in to Acme',
  k: 'challenge',
  i: String(START),
  t: '120',
  d: 'jane',
  p: '{}',
  x: JSON.stringify({ remoteIp: '198.51.100.7', userAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' }),
  x_len: '6',
  ...changes,
});

/** Signs as a server does; written again here, so that the phone is not its own judge. */
export const signedPush = async (claims: object, secret: Uint8Array = SECRET): Promise<string> => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', new Uint8Array(secret), algorithm, false, ['sign']);
  const input = encodeJwsSigningInput('HS256', claims);
  return encodeJwsParts(input, new Uint8Array(await crypto.subtle.sign('HMAC', key, new Uint8Array(utf8Bytes(input)))));
};

/** The header and the claims of a JWT, unverified. */
export const readJwt = (jwt: string): { readonly header: unknown; readonly claims: Record<string, unknown> } => {
  const [header = '', claims = ''] = jwt.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
  return { header: JSON.parse(header), claims: JSON.parse(claims) as Record<string, unknown> };
};

/** One call of the phone, as a server sees it. */
export interface Call {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  readonly init: RequestInit;
}

/** What a server answers, or nothing at all. */
export type Reply = Response | 'no connection';

/** A phone's surroundings in a test: the server is a function, and time passes only by waiting. */
export const testIo = (serve: (call: Call) => Reply | Promise<Reply>) => {
  let now = START;
  let ids = 0;
  const calls: Call[] = [];
  const waits: number[] = [];
  const clock = createServerClock(() => now);
  const io: CallIo = {
    async fetch(input, init = {}) {
      const call = {
        url: String(input),
        method: init.method ?? 'GET',
        headers: new Headers(init.headers),
        body: typeof init.body === 'string' ? init.body : '',
        init,
      };
      calls.push(call);
      const reply = await serve(call);
      if (reply === 'no connection') throw new TypeError('fetch failed');
      return reply;
    },
    clock,
    newId: () => `id-${++ids}`,
    chance: () => 0,
    async sleep(millis) {
      waits.push(millis);
      now += millis;
    },
  };
  return { io, calls, waits, clock, pass: (millis: number) => (now += millis) };
};

/** A setup code of the server of these tests; parameters can be replaced, or removed with undefined. */
export const setupCode = (
  changes: Readonly<Record<string, string | undefined>> = {},
  scheme = 'pushauth://push',
): string => {
  const text = (value: string): string => Buffer.from(value).toString('base64url');
  const parameters: Record<string, string | undefined> = {
    l: text('lb=1'),
    issuer: text('Acme'),
    m: 'REGISTER:5b0c4b3e-8c1f-4a7b-9b7e-2f7a3c9d1e641760000000000',
    s: Buffer.from(SECRET).toString('base64url'),
    c: Buffer.alloc(32, 7).toString('base64url'),
    r: text(`${MESSAGES}?_action=register`),
    a: text(`${MESSAGES}?_action=authenticate`),
    uid: text('jane'),
    b: '0b5fff',
    ...changes,
  };
  const query = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return `${scheme}/Acme:jane?${query.join('&')}`;
};
