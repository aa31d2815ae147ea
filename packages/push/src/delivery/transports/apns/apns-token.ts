import type { KeyObject } from 'node:crypto';
import type { Clock } from '@assent/engine';
import { signAssertion } from '../../../jose/index.ts';

/** Apple refuses tokens of more than an hour. */
const RENEWED_AFTER_MILLIS = 40 * 60_000;
/** Apple refuses whoever brings new ones more often. */
const KEPT_AT_LEAST_MILLIS = 20 * 60_000;

export interface ApnsTokens {
  get(): string;
  /** Apple says that this one is too old. False where it is so young that a new one would be refused, too: then a clock is wrong. */
  renew(refused: string): boolean;
}

/** The JWT by which Apple knows the provider: one for all requests, renewed in time. */
export const apnsTokens = ({
  teamId,
  keyId,
  key,
  clock,
}: {
  readonly teamId: string;
  readonly keyId: string;
  readonly key: KeyObject;
  readonly clock: Clock;
}): ApnsTokens => {
  let held: { readonly token: string; readonly madeAt: number } | undefined;
  return {
    get() {
      const now = clock.now();
      // A clock that was set back made a token for a time that has yet to come.
      if (held !== undefined && now >= held.madeAt && now - held.madeAt < RENEWED_AFTER_MILLIS) return held.token;
      const claims = { iss: teamId, iat: Math.floor(now / 1_000) };
      held = { token: signAssertion(claims, { alg: 'ES256', keyId, key }), madeAt: now };
      return held.token;
    },
    renew(refused) {
      if (held?.token !== refused) return true;
      if (clock.now() - held.madeAt < KEPT_AT_LEAST_MILLIS) return false;
      held = undefined;
      return true;
    },
  };
};
