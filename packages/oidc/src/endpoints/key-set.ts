import { type Endpoint, json } from '../protocol/answer.ts';
import type { TokenContext } from '../token/token-context.ts';

/** A new key is shown for a day before it signs, so that an hour in a cache does no harm (spec: oidc §1.4). */
const CACHED_SECONDS = 3_600;

/** The keys that tokens of the realm are verified with (RFC 7517). */
export const keySetEndpoint =
  ({ keys }: Pick<TokenContext, 'keys'>): Endpoint =>
  async ({ realm }) =>
    json({ keys: await keys.publicKeys(realm.realm) }, 200, { 'cache-control': `public, max-age=${CACHED_SECONDS}` });
