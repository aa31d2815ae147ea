import { createPrivateKey, type KeyObject } from 'node:crypto';

/** The private key of a PEM text; undefined for what is none. */
export const readPrivateKey = (pem: string): KeyObject | undefined => {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
};
