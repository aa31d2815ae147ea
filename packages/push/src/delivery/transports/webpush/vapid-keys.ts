import { createECDH, randomBytes } from 'node:crypto';

/** The key pair by which push services know this server. @see RFC 8292 */
export interface VapidKeys {
  /** Base64url of the uncompressed point: what browsers call `applicationServerKey`. */
  readonly publicKey: string;
  readonly privateKey: string;
}

const CURVE = 'prime256v1';

/** A new private key: 32 bytes, to be kept sealed. Phones subscribe for it, so it is made once. */
export const newVapidSecret = (): Uint8Array => {
  for (;;) {
    const secret = randomBytes(32);
    // Zero and numbers from the order of the curve on are no keys; one in 2³² is.
    if (isPrivateKey(secret)) return secret;
  }
};

/** The pair of a kept private key. */
export const vapidKeys = (secret: Uint8Array): VapidKeys => {
  const curve = createECDH(CURVE);
  curve.setPrivateKey(secret);
  return {
    publicKey: curve.getPublicKey('base64url', 'uncompressed'),
    privateKey: Buffer.from(secret).toString('base64url'),
  };
};

const isPrivateKey = (secret: Uint8Array): boolean => {
  try {
    createECDH(CURVE).setPrivateKey(secret);
    return true;
  } catch {
    return false;
  }
};
