import { PURPOSES, type Purpose } from '../sealing/data-key.ts';

/**
 * Keys that sign, or make a MAC over, what lies elsewhere: with browsers and applications, or in rows that tell what somebody has typed. Each is a
 * secret of 32 bytes, by the name that its first one has; of a later one the number follows. A kind that is added here is listed, replaced
 * and destroyed like the others (docs/adr/0106).
 */
export const SIGNING_KEYS = {
  'auth-id': 'auth-id-key',
  'persistent-cookie': 'persistent-cookie-key',
  'known-browser': 'known-browser-key',
  'submit-code': 'submit-code-key',
  'oauth-handle': 'oauth-handle-key',
  'oauth-mark': 'oauth-mark-key',
} as const;

export type SigningKind = keyof typeof SIGNING_KEYS;
export const SIGNING_KINDS = Object.keys(SIGNING_KEYS) as readonly SigningKind[];

/** A data key seals the records of one purpose. */
export type SealingKind = `sealing:${Purpose}`;
export const SEALING_KINDS = PURPOSES.map((purpose): SealingKind => `sealing:${purpose}`);

export type KeyKind = SealingKind | SigningKind;

export const purposeOf = (kind: KeyKind): Purpose | undefined =>
  PURPOSES.find((purpose) => kind === `sealing:${purpose}`);

/** `next` is known and not used yet, `active` is used, `retiring` opens and verifies what it has made, `retired` does nothing any more. */
export type KeyStatus = 'next' | 'active' | 'retiring' | 'retired';

export const isSealingKind = (kind: KeyKind): kind is SealingKind => purposeOf(kind) !== undefined;

export const isSigningKind = (kind: string): kind is SigningKind => Object.hasOwn(SIGNING_KEYS, kind);

export const nameOfSecret = (kind: SigningKind, id: number): string =>
  id === 1 ? SIGNING_KEYS[kind] : `${SIGNING_KEYS[kind]} ${id}`;

/** The key that a secret is; undefined for one that is none of them. */
export const keyOfSecret = (name: string): { readonly kind: SigningKind; readonly id: number } | undefined => {
  const [, base = '', number = '1'] = /^(\S+)(?: ([1-9]\d{0,8}))?$/.exec(name) ?? [];
  const kind = SIGNING_KINDS.find((it) => SIGNING_KEYS[it] === base);
  return kind && { kind, id: Number(number) };
};

/**
 * So long after another data key is used, nothing is sealed under the one before by anybody: who has not heard of keys for half of that time
 * reads them before it seals, and a commit that was begun before is given up within seconds (docs/adr/0106).
 */
export const SETTLED_MILLIS = 60_000;
export const HEARD_WITHIN_MILLIS = 30_000;

/** An instance that has told nothing for so long is not waited for: it reads the keys before it seals. */
export const UNHEARD_MILLIS = 30_000;
