import { createHash, createHmac } from 'node:crypto';
import type { CodeType } from '../model/recovery-codes.ts';

/** A code that another Assent has kept: as whose, and under which key of that server (SEC-44, OPS-64). */
interface CarriedCode {
  readonly keyId: string;
  /** The id of the user there, which is part of what was hashed. */
  readonly userId: string;
  readonly proof: Buffer;
}

const CARRIED = /^\{ASSENT\}([\w-]{22})\.([\w-]{1,344})\.([\w-]{43})$/;

/** What a key is known by; it tells nothing of the key. */
export const codeKeyId = (key: Uint8Array): string =>
  createHash('sha256').update('recovery-code-key\0').update(key).digest().subarray(0, 16).toString('base64url');

/** A code of this server as another one keeps it. */
export const carriedCodeHash = (keyId: string, userId: string, proof: string): string =>
  `{ASSENT}${keyId}.${Buffer.from(userId).toString('base64url')}.${proof}`;

/** Undefined for what was hashed otherwise. */
export const readCarriedCode = (hash: string): CarriedCode | undefined => {
  const [, keyId, userId, proof] = CARRIED.exec(hash) ?? [];
  if (keyId === undefined || userId === undefined || proof === undefined) return undefined;
  return { keyId, userId: Buffer.from(userId, 'base64url').toString(), proof: Buffer.from(proof, 'base64url') };
};

/** What proves a code of that server, under its key. */
export const proofUnder = (key: Uint8Array, userId: string, type: CodeType, code: string): Buffer =>
  createHmac('sha256', key).update(`proof\0${userId}\0${type}\0${code}`).digest();
