import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeBehaviour, readBody, steerFake } from './fake-behaviour.ts';
import { newServiceAccount, type TestServiceAccount } from './provider-keys.ts';
import { readAssertion, unknownNames } from './read-assertion.ts';

/** What FCM took for a phone, and what the app on it is handed. */
export interface TakenFcm {
  readonly token: string;
  readonly ttlSeconds: number;
  readonly priority: string;
  /** `RemoteMessage.getData()`. */
  readonly data: Readonly<Record<string, string>>;
}

export interface FcmFake extends FakeBehaviour<TakenFcm> {
  readonly endpoint: string;
  readonly projectId: string;
  readonly account: TestServiceAccount;
  /** How many access tokens were given out. */
  tokensGiven(): number;
  /** Calls as `METHOD path`, whatever became of them. */
  readonly calls: readonly string[];
  /** Where that token is from now on: gone from its phone, of another project, or none at all. */
  setPhone(token: string, is: 'gone' | 'of another project' | 'malformed'): void;
  /** All access tokens end now. */
  revokeTokens(): void;
  close(): Promise<void>;
}

interface Refusal {
  readonly status: number;
  /** Google's status, and FCM's own code where it has one. */
  readonly code: string;
  readonly errorCode?: string;
  readonly field?: string;
  readonly message?: string;
}

const PROJECT = 'acme-login';
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const MAX_DATA_BYTES = 4_096;
const MAX_TTL_SECONDS = 2_419_200;
const TOKEN_SECONDS = 3_599;
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;
/** As Protocol Buffers write one in JSON. */
const DURATION = /^(\d+(?:\.\d{1,9})?)s$/;
/** Words that FCM keeps for itself. */
const RESERVED = /^(?:from|gcm|google.*|message_type|notification)$/;

const WORDS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};
/** FCM's codes have statuses of their own. */
const FCM_CODES = new Set([
  'UNREGISTERED',
  'SENDER_ID_MISMATCH',
  'QUOTA_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
  'THIRD_PARTY_AUTH_ERROR',
]);

/** Google's token endpoint and FCM's HTTP v1 API, as strict as their documents allow; nothing of it is ours but its tests. */
export const startFcmFake = async ({ now = Date.now }: { readonly now?: () => number } = {}): Promise<FcmFake> => {
  const behaviour = new FakeBehaviour<TakenFcm>();
  const calls: string[] = [];
  const accessTokens = new Map<string, number>();
  const phones = new Map<string, Parameters<FcmFake['setPhone']>[1]>();
  let given = 0;
  let account: TestServiceAccount;

  /** @see "Using OAuth 2.0 for Server to Server Applications", and RFC 7523 §3 */
  const giveToken = (form: URLSearchParams): { token: string } | string => {
    if ([...form.keys()].sort().join() !== 'assertion,grant_type') return 'other parameters';
    if (form.get('grant_type') !== GRANT) return 'another grant';
    const read = readAssertion(form.get('assertion') ?? '', 'RS256', account.publicKey);
    if (typeof read === 'string') return read;
    const { header, claims } = read;
    if (unknownNames(header, ['alg', 'typ', 'kid']).length > 0 || header.typ !== 'JWT') return 'another header';
    if (header.kid !== account.keyId) return 'another key';
    if (unknownNames(claims, ['iss', 'scope', 'aud', 'iat', 'exp']).length > 0) return 'other claims';
    if (claims.iss !== account.clientEmail) return 'another account';
    if (claims.scope !== SCOPE) return 'another scope';
    if (claims.aud !== `${fake.endpoint}/token`) return 'another audience';
    const { iat, exp } = claims;
    const seconds = now() / 1_000;
    if (typeof iat !== 'number' || typeof exp !== 'number' || !Number.isInteger(iat) || !Number.isInteger(exp))
      return 'no times';
    if (exp - iat > 3_600 || iat > seconds + 1 || exp <= seconds) return 'iat and exp are no reasonable timeframe';
    const token = `ya29.${randomBytes(24).toString('base64url')}`;
    accessTokens.set(token, now() + TOKEN_SECONDS * 1_000);
    given += 1;
    return { token };
  };

  const invalid = (field: string, message = `Invalid value at '${field}'`): Refusal => {
    behaviour.refusals.push(`${field}: ${message}`);
    return { status: 400, code: 'INVALID_ARGUMENT', field, message };
  };

  const judgePhone = (token: string): Refusal | undefined => {
    const phone = phones.get(token);
    if (phone === 'gone') return { status: 404, code: 'NOT_FOUND', errorCode: 'UNREGISTERED' };
    if (phone === 'of another project')
      return { status: 403, code: 'PERMISSION_DENIED', errorCode: 'SENDER_ID_MISMATCH' };
    if (phone === 'malformed' || !/^[\w:.-]+$/.test(token)) {
      const message = 'The registration token is not a valid FCM registration token';
      return { status: 400, code: 'INVALID_ARGUMENT', errorCode: 'INVALID_ARGUMENT', message };
    }
    return undefined;
  };

  const send = (request: IncomingMessage, body: Buffer | undefined): Refusal | { readonly name: string } => {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if ((accessTokens.get(bearer) ?? 0) <= now()) return { status: 401, code: 'UNAUTHENTICATED' };
    if (request.url !== `/v1/projects/${PROJECT}/messages:send`) return { status: 403, code: 'PERMISSION_DENIED' };
    if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return invalid('content-type');
    const given = body && parseObject(body.toString('utf8'));
    if (given === undefined) return invalid('body', 'Invalid JSON payload received');
    const [unknown] = unknownNames(given, ['message', 'validate_only']);
    if (unknown !== undefined) return invalid(unknown, `Unknown name "${unknown}"`);
    const { message, validate_only: isDry = false } = given;
    if (!isObject(message)) return invalid('message');
    const [stranger] = unknownNames(message, ['token', 'topic', 'data', 'android']);
    // A notification would be shown by the system, and the app would not run for it.
    if (stranger !== undefined) return invalid(`message.${stranger}`, `Unknown name "${stranger}"`);
    const { token, topic, data = {}, android = {} } = message;
    if ((token === undefined) === (topic === undefined))
      return invalid('message', 'Recipient of the message is not set.');
    if (!isObject(data) || !Object.values(data).every((it) => typeof it === 'string')) return invalid('message.data');
    const reserved = Object.keys(data).find((name) => RESERVED.test(name));
    if (reserved !== undefined) return invalid(`message.data.${reserved}`, 'Invalid data payload key');
    const size = Object.entries(data).reduce((sum, it) => sum + Buffer.byteLength(it.join('')), 0);
    if (size > MAX_DATA_BYTES) {
      behaviour.refusals.push('message.data: too big');
      return { status: 400, code: 'INVALID_ARGUMENT', message: 'Android message is too big' };
    }
    if (!isObject(android) || unknownNames(android, ['priority', 'ttl', 'collapse_key']).length > 0)
      return invalid('message.android');
    const ttlSeconds = Number(DURATION.exec(String(android.ttl ?? '0s'))?.[1] ?? Number.NaN);
    if (!(ttlSeconds <= MAX_TTL_SECONDS)) return invalid('message.android.ttl');
    if (typeof token !== 'string') return isDry === true ? { name: 'fake_message_id' } : invalid('message.topic');
    // Of a message that is not to wake the phone at once, nobody signs in.
    const { priority } = android;
    if (typeof priority !== 'string' || !/^high$/i.test(priority)) return invalid('message.android.priority');
    const refusal = judgePhone(token);
    if (refusal !== undefined) return refusal;
    if (isDry === true) return { name: 'fake_message_id' };
    behaviour.take({ token, ttlSeconds, priority, data: data as Readonly<Record<string, string>> });
    return { name: String(behaviour.taken.length) };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    calls.push(`${request.method} ${request.url}`);
    const body = await readBody(request, 65_536);
    const isToken = request.url === '/token';
    const reply = (status: number, value: object, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', ...headers });
      response.end(JSON.stringify(value));
    };
    const scripted = behaviour.next(isToken ? 'token' : 'send');
    if (scripted !== undefined) {
      const { answer: ending, code, retryAfter } = scripted;
      if (ending === 'hang') return;
      if (typeof ending !== 'number') {
        request.socket.destroy();
        return;
      }
      const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      const word = WORDS[ending] ?? 'UNKNOWN';
      const refusal = {
        status: ending,
        code: word,
        ...(code !== undefined && FCM_CODES.has(code) && { errorCode: code }),
      };
      reply(ending, isToken ? { error: code ?? 'internal_failure' } : errorOf(refusal), headers);
      return;
    }
    if (request.method !== 'POST') {
      reply(405, errorOf({ status: 405, code: 'METHOD_NOT_ALLOWED' }));
      return;
    }
    if (isToken) {
      const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
      const given = isForm ? giveToken(new URLSearchParams(body?.toString('utf8'))) : 'no form';
      if (typeof given === 'string') {
        behaviour.refusals.push(`token: ${given}`);
        reply(400, { error: 'invalid_grant', error_description: `Invalid JWT: ${given}` });
      } else reply(200, { access_token: given.token, expires_in: TOKEN_SECONDS, token_type: 'Bearer' });
      return;
    }
    const result = send(request, body);
    if ('name' in result) reply(200, { name: `projects/${PROJECT}/messages/${result.name}` });
    else reply(result.status, errorOf(result));
  };

  const server = createServer((request, response) => {
    if (!steerFake(behaviour, request, response)) void answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  account = newServiceAccount({ tokenUri: `${endpoint}/token` });
  const fake: FcmFake = Object.assign(behaviour, {
    endpoint,
    projectId: PROJECT,
    account,
    calls,
    tokensGiven: () => given,
    setPhone: (token: string, is: Parameters<FcmFake['setPhone']>[1]) => void phones.set(token, is),
    revokeTokens: () => accessTokens.clear(),
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  });
  return fake;
};

/** Google's errors: FCM's own code and the faulty field are details. */
const errorOf = ({ status, code, errorCode, field, message = 'Request refused.' }: Refusal): object => ({
  error: {
    code: status,
    message,
    status: code,
    details: [
      ...(errorCode === undefined
        ? []
        : [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }]),
      ...(field === undefined
        ? []
        : [
            {
              '@type': 'type.googleapis.com/google.rpc.BadRequest',
              fieldViolations: [{ field, description: message }],
            },
          ]),
    ],
  },
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
