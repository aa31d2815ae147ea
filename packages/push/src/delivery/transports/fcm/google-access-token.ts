import type { Clock } from '@assent/engine';
import { signAssertion } from '../../../jose/index.ts';
import type { RealmRequests } from '../../../outbound/guarded-requests.ts';
import { asCause, jsonOf, retryAfterOf } from '../provider-answer.ts';
import { ProviderSaidNo, providerDown, wrongSettings } from '../provider-failure.ts';
import { TRY_MILLIS } from '../tries.ts';
import type { ServiceAccount } from './service-account.ts';

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
/** The longest that Google takes. */
const ASSERTION_SECONDS = 3_600;
/** A token is let go that long before its end, so that none ends on its way. */
const EARLY_MILLIS = 300_000;
const MAX_ANSWER_BYTES = 16_384;
/** What may stand in a header. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/;

export interface AccessTokens {
  /** The token in hand, or a new one; all who wait for a new one get the same. */
  get(signal: AbortSignal): Promise<string>;
  /** Google has refused that one: the next call fetches another. */
  discard(token: string): void;
}

export interface AccessTokensOptions {
  readonly account: ServiceAccount;
  readonly requests: Pick<RealmRequests, 'send'>;
  readonly clock: Clock;
}

/** Access tokens of a service account, for which Google is shown a signed assertion (RFC 7523 §2.1). */
export const googleAccessTokens = ({ account, requests, clock }: AccessTokensOptions): AccessTokens => {
  let held: { readonly token: string; readonly until: number } | undefined;
  let underWay: Promise<string> | undefined;

  const fetchToken = async (): Promise<string> => {
    const asked = clock.now();
    const seconds = Math.floor(asked / 1_000);
    const assertion = signAssertion(
      {
        iss: account.clientEmail,
        scope: SCOPE,
        aud: account.tokenUri,
        iat: seconds,
        exp: seconds + ASSERTION_SECONDS,
      },
      { alg: 'RS256', keyId: account.keyId, key: account.key },
    );
    const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    const { status, headers, body } = await requests.send(new URL(account.tokenUri), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(form.toString()),
      // Of its own: who has asked first may have little time left, and the others wait for it, too.
      signal: AbortSignal.timeout(TRY_MILLIS),
      maxBytes: MAX_ANSWER_BYTES,
    });
    const answer = jsonOf(body);
    if (status === 429 || status >= 500)
      throw new ProviderSaidNo(providerDown(`OAuth${status}`, retryAfterOf(headers['retry-after'], clock.now())));
    if (status !== 200)
      throw new ProviderSaidNo({ ...wrongSettings(asCause(answer.error)), alarm: { setting: 'serviceAccount' } });
    const { access_token: token, expires_in: lifetime } = answer;
    if (typeof token !== 'string' || !TOKEN.test(token) || typeof lifetime !== 'number')
      throw new ProviderSaidNo(providerDown('NoAccessToken'));
    held = { token, until: asked + lifetime * 1_000 - EARLY_MILLIS };
    return token;
  };

  return {
    async get(signal) {
      if (held !== undefined && clock.now() < held.until) return held.token;
      underWay ??= fetchToken().finally(() => {
        underWay = undefined;
      });
      return unlessAborted(underWay, signal);
    },
    discard(token) {
      if (held?.token === token) held = undefined;
    },
  };
};

/** Waits for what others wait for, too, as long as the signal allows. */
const unlessAborted = async <T>(shared: Promise<T>, signal: AbortSignal): Promise<T> => {
  signal.throwIfAborted();
  let giveUp = (): void => undefined;
  const aborted = new Promise<never>((_, fail) => {
    giveUp = () => fail(signal.reason);
    signal.addEventListener('abort', giveUp);
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
};
