import type { ProofMethod } from '@assent/engine';
import type { LoginTemplate } from './login-template.ts';

/** What a realm says of the provider it has (spec: oidc §3.3), as it counts here: every default is settled. */
export interface ProviderSettings {
  readonly realm: string;
  readonly issuer: string;
  readonly isDiscoverable: boolean;
  readonly scopes: readonly string[];
  readonly grantTypes: readonly string[];
  readonly claims: readonly string[];
  /** The journey to each authentication class, AM's `loaMapping`: the class to the name of its tree. It says where to go, never what was met. */
  readonly treeOfAcr: ReadonlyMap<string, string>;
  /** What the journey of a class proves, as sets of methods of which each of its paths proves one; none where it proves no class. */
  readonly waysOfAcr: (acr: string) => readonly ReadonlySet<ProofMethod>[];
  /** Wished for where neither the request nor the client names a class. */
  readonly defaultAcr?: string;
  /** What a session property `amr` says to what the token says; never one of the values that nodes prove (OIDC-12). */
  readonly amrMappings: ReadonlyMap<string, string>;
  readonly takesClaimsParameter: boolean;
  readonly requiresPar: boolean;
  /** The login page that stands in the place of ours. */
  readonly loginTemplate?: LoginTemplate;
  /** Claims of `scope` stand in the ID token, too, and not at userinfo alone. */
  readonly claimsInIdToken: boolean;
  /** What `sub` is: an id that no other user ever gets, the name, or AM's form of it. */
  readonly subject: 'id' | 'username' | 'am';
  readonly accessTokenProfile: 'rfc9068' | 'am';
  /** Milliseconds. */
  readonly parLifetime: number;
  readonly device: { readonly lifetime: number; readonly interval: number; readonly userCode: UserCodeForm };
}

/** What the codes of devices are made of; capital letters and digits, since what is typed is read as such. */
export interface UserCodeForm {
  readonly length: number;
  readonly signs: string;
}

/** Signs that no other is taken for, and that spell nothing (RFC 8628 §6.1), in codes that are not guessed while they are good. */
export const USUAL_USER_CODES: UserCodeForm = { length: 8, signs: 'BCDFGHJKLMNPQRSTVWXZ' };
