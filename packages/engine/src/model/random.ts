import { port } from './port.ts';

/** Cryptographic randomness. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A whole number from 0 to `maxExclusive - 1`, each as likely as the others. */
  int(maxExclusive: number): number;
  /** A random UUID (RFC 9562 version 4), lower case. */
  uuid(): string;
}

export const random = port<Random>()('random', 'reads');
