import { publicJwk } from './proofs.ts';

// The clients that both providers have. Redirects lead to addresses that nobody opens.

export const CB = 'https://app.example/cb';
export const OTHER_CB = 'https://app.example/other';
export const BYE = 'https://app.example/bye';
export const SECRET = 'a-secret-that-is-long-enough-for-anybody';
export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

export interface ClientSpec {
  readonly method: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  readonly redirectUris: readonly string[];
  readonly grants: readonly string[];
  readonly isNative?: boolean;
  readonly requiresPar?: boolean;
  readonly requiresDpop?: boolean;
}

const CODE = ['authorization_code', 'refresh_token'];

export const SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access', 'notes:read'];

export const CLIENTS: Readonly<Record<string, ClientSpec>> = {
  spa: { method: 'none', redirectUris: [CB, OTHER_CB], grants: [...CODE, DEVICE_CODE] },
  other: { method: 'none', redirectUris: [CB], grants: CODE },
  native: { method: 'none', redirectUris: ['http://127.0.0.1/cb'], grants: CODE, isNative: true },
  web: { method: 'client_secret_basic', redirectUris: [CB], grants: [...CODE, DEVICE_CODE] },
  /** Its secret is guessed at: wrong ones are counted, and shut it at last. */
  guessed: { method: 'client_secret_basic', redirectUris: [CB], grants: CODE },
  post: { method: 'client_secret_post', redirectUris: [CB], grants: CODE },
  jwt: { method: 'private_key_jwt', redirectUris: [CB], grants: [...CODE, 'client_credentials'] },
  service: { method: 'client_secret_basic', redirectUris: [], grants: ['client_credentials'] },
  pushes: { method: 'none', redirectUris: [CB], grants: CODE, requiresPar: true },
  bound: { method: 'none', redirectUris: [CB], grants: CODE, requiresDpop: true },
};

export const isPublic = ({ method }: ClientSpec): boolean => method === 'none';
export const responseTypesOf = ({ redirectUris, isNative }: ClientSpec): readonly string[] =>
  redirectUris.length === 0 ? [] : isNative === true ? ['code'] : ['code', 'id_token', 'none'];

/** What the client `jwt` signs with. */
export const keySetOfClient = (): { readonly keys: readonly object[] } => ({ keys: [publicJwk('client')] });
