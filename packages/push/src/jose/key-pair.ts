// biome-ignore lint/style/noRestrictedImports: this is where the rule sends everybody.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/**
 * A new key pair on a curve. It takes the way through PEM because Node 20 stands still for good when its garbage collector
 * runs while a key is exported that the generator itself handed out as a key object (docs/adr/0031).
 */
export const newEcKeyPair = (
  namedCurve = 'P-256',
): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: createPublicKey(publicKey), privateKey: createPrivateKey(privateKey) };
};
