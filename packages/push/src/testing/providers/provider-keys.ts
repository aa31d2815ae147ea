// biome-ignore lint/style/noRestrictedImports: an RSA pair, which by PEM is none of the generator's key objects (docs/adr/0031).
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { newEcKeyPair } from '../../jose/index.ts';

/** What Google's console hands out for a service account, and what Google keeps of it. */
export interface TestServiceAccount {
  /** The JSON text of the key file. */
  readonly file: string;
  readonly clientEmail: string;
  readonly keyId: string;
  readonly publicKey: KeyObject;
}

const newRsaKey = (): { readonly file: string; readonly publicKey: KeyObject } => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { file: privateKey, publicKey: createPublicKey(publicKey) };
};

let shared: ReturnType<typeof newRsaKey> | undefined;

/** One key for all accounts of a process: to make an RSA key takes a while. Another one is made where they have to differ. */
export const newServiceAccount = ({
  tokenUri = 'https://oauth2.googleapis.com/token',
  ofOtherKey = false,
}: {
  readonly tokenUri?: string;
  readonly ofOtherKey?: boolean;
} = {}): TestServiceAccount => {
  shared ??= newRsaKey();
  const key = ofOtherKey ? newRsaKey() : shared;
  const clientEmail = 'assent@acme-login.iam.gserviceaccount.com';
  const keyId = '0123456789abcdef0123456789abcdef01234567';
  const file = {
    type: 'service_account',
    project_id: 'acme-login',
    private_key_id: keyId,
    private_key: key.file,
    client_email: clientEmail,
    client_id: '100000000000000000001',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: tokenUri,
    universe_domain: 'googleapis.com',
  };
  return { file: JSON.stringify(file, undefined, 2), clientEmail, keyId, publicKey: key.publicKey };
};

/** A `.p8` file as Apple hands it out, and what Apple keeps of it. */
export const newApnsKey = (): { readonly file: string; readonly publicKey: KeyObject } => {
  const { publicKey, privateKey } = newEcKeyPair();
  return { file: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, publicKey };
};
