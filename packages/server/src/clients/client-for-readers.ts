import type { ClientDocument } from '@assent/engine/host';
import { usableKeys } from '@assent/oidc';
import { bareValue, isJsonObject } from '@assent/wire';

const KEYS = 'signEncOAuth2ClientConfig';

/** The public keys of a set, without what else stands in it, such as the value of a symmetric key. */
const publicKeysOf = (value: unknown): string | null => {
  const set = bareValue(value);
  const keys = typeof set === 'string' && set !== '' ? usableKeys(set) : undefined;
  return keys === undefined ? null : JSON.stringify({ keys });
};

/** For readers that may not write: a set of keys may hold secret ones, which are not used here (SEC-72). */
export const withoutSecretKeys = (client: ClientDocument): ClientDocument => {
  const written = client.document[KEYS];
  if (!isJsonObject(written) || written.jwkSet === undefined) return client;
  const shown = { ...written, jwkSet: publicKeysOf(written.jwkSet) };
  return { ...client, document: { ...client.document, [KEYS]: shown } };
};
