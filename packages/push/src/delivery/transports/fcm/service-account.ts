import type { KeyObject } from 'node:crypto';
import { readPrivateKey } from '../../../jose/index.ts';
import { isObject } from '../../../protocol/index.ts';

/** What the key file of a service account says, as far as it is needed. */
export interface ServiceAccount {
  readonly clientEmail: string;
  readonly keyId: string;
  readonly key: KeyObject;
  /** Where Google gives tokens for assertions, and their audience. */
  readonly tokenUri: string;
  /** The project that the account is of; another one may let it send, too. */
  readonly projectId: string | undefined;
}

const MIN_RSA_BITS = 2_048;

/** Reads the JSON of a key file, as the Google Cloud console hands it out; or says what of it is missing. */
export const readServiceAccount = (text: string): ServiceAccount | { readonly fault: string } => {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return { fault: 'it is no JSON' };
  }
  if (!isObject(file)) return { fault: 'it is no JSON object' };
  if (file.type !== 'service_account') return { fault: 'its type is not service_account' };
  const {
    client_email: clientEmail,
    private_key_id: keyId,
    private_key: pem,
    token_uri: tokenUri,
    project_id: projectId,
  } = file;
  if (typeof clientEmail !== 'string' || !clientEmail.includes('@')) return { fault: 'client_email is missing' };
  if (typeof keyId !== 'string' || keyId === '') return { fault: 'private_key_id is missing' };
  if (typeof tokenUri !== 'string' || !URL.canParse(tokenUri)) return { fault: 'token_uri is no URL' };
  const key = typeof pem === 'string' ? readPrivateKey(pem) : undefined;
  if (key?.asymmetricKeyType !== 'rsa') return { fault: 'private_key is no RSA key in PEM' };
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS)
    return { fault: `private_key has fewer than ${MIN_RSA_BITS} bits` };
  return { clientEmail, keyId, key, tokenUri, projectId: typeof projectId === 'string' ? projectId : undefined };
};
