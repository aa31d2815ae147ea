import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto';
import type { AuditEvent } from '@assent/engine/host';
import { canonicalJson } from './canonical-json.ts';
import type { ChainPlace } from './seals.ts';

/** Under this name the store keeps the key that checkpoints are signed with. */
export const CHECKPOINT_KEY = 'audit-checkpoint-key';

/** Ed25519 (RFC 8037), as `assent audit key` prints it. */
export interface CheckpointPublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  /** Its thumbprint (RFC 7638): who has kept that knows the key again. */
  readonly kid: string;
}

export interface CheckpointKey {
  readonly publicKey: CheckpointPublicKey;
  /** base64url */
  sign(text: string): string;
}

/** An Ed25519 key in PKCS #8 is that, and then its 32 bytes (RFC 8410 §7). */
const BEFORE_SEED = Buffer.from('302e020100300506032b657004220420', 'hex');

const withThumbprint = (x: string): CheckpointPublicKey => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x,
  kid: createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url'),
});

/** Of 32 random bytes, which are the key (RFC 8032 §5.1.5). */
export const checkpointKeyFrom = (seed: Uint8Array): CheckpointKey => {
  const key = createPrivateKey({ key: Buffer.concat([BEFORE_SEED, seed]), type: 'pkcs8', format: 'der' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: withThumbprint(x),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  };
};

const isSignedBy = ({ kty, crv, x }: CheckpointPublicKey, text: string, signature: string): boolean => {
  try {
    const key = createPublicKey({ key: { kty, crv, x } as JsonWebKey, format: 'jwk' });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
};

/** What the sealer signs: the head of the chain, or from where it goes on after older rows were taken away. */
export const SIGNED_EVENTS = { checkpoint: 'AUDIT_CHECKPOINT', beginning: 'AUDIT_TRIMMED' } as const;

export interface SignedPlace extends ChainPlace {
  readonly epoch: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How many rows had been sealed when it was signed. */
  readonly count: number;
}

const signedText = (event: string, { position, hash, epoch, count, at }: SignedPlace, keyId: string): string =>
  canonicalJson({
    format: 'assent-audit-signature/1',
    event,
    epoch,
    position,
    hash,
    count,
    time: new Date(at).toISOString(),
    keyId,
  });

/** The row of the trail that tells of a place, signed. */
export const signedEvent = (
  event: (typeof SIGNED_EVENTS)[keyof typeof SIGNED_EVENTS],
  place: SignedPlace,
  { publicKey: { kid: keyId }, sign: signWith }: CheckpointKey,
  transactionId: string,
): AuditEvent => {
  const { position, hash, epoch, count, at } = place;
  const signature = signWith(signedText(event, place, keyId));
  return { at, event, realm: '/', transactionId, detail: { position, hash, epoch, count, keyId, signature } };
};

/** What a row signs that is one of those; undefined where it has none of the members that it has to have. */
export const signedPlaceOf = ({ at, detail }: AuditEvent): (SignedPlace & { readonly keyId: string }) | undefined => {
  const { position, hash, epoch, count, keyId, signature } = detail ?? {};
  return typeof position === 'number' &&
    typeof hash === 'string' &&
    typeof epoch === 'number' &&
    typeof count === 'number' &&
    typeof keyId === 'string' &&
    typeof signature === 'string'
    ? { at, position, hash, epoch, count, keyId }
    : undefined;
};

/** Whether one of the keys has signed what the row says. */
export const isSigned = (event: AuditEvent, keys: readonly CheckpointPublicKey[]): boolean => {
  const place = signedPlaceOf(event);
  const key = keys.find(({ kid }) => kid === place?.keyId);
  return (
    place !== undefined &&
    key !== undefined &&
    isSignedBy(key, signedText(event.event, place, place.keyId), String(event.detail?.signature))
  );
};
