import type { SigningAlgorithm } from '../model/clients.ts';
import { newPrivateKey } from '../tokens/new-signing-key.ts';

const pool: Record<SigningAlgorithm, Promise<string>[]> = { RS256: [], ES256: [] };

/**
 * Makes keys as the server does, but the n-th of one maker is the n-th of all others in this process: an RSA key takes a fifth of
 * a second, and a test wants a provider of its own.
 */
export const pooledKeys = (): ((algorithm: SigningAlgorithm) => Promise<string>) => {
  const made: Record<SigningAlgorithm, number> = { RS256: 0, ES256: 0 };
  return (algorithm) => {
    const at = made[algorithm];
    made[algorithm] += 1;
    const key = pool[algorithm][at] ?? newPrivateKey(algorithm);
    pool[algorithm][at] = key;
    return key;
  };
};
