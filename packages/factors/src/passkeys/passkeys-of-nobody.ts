import { createHmac } from 'node:crypto';
import { foldUsername } from '@assent/engine';
import { encodeBase64Url } from '@assent/push/protocol';
import type { NamedCredential } from './ceremony/webauthn-options.ts';

/** How long the ids of common authenticators are, in bytes. */
const LENGTHS = [16, 20, 32] as const;

/**
 * Ids of passkeys that a name does not have: one or two, the same each time for a name, and to be told from real ones by the key alone
 * (WA-17).
 */
export const passkeysOfNobody = (key: Uint8Array, realm: string, username: string): readonly NamedCredential[] => {
  const macOf = (which: string) =>
    createHmac('sha256', key)
      .update(`passkey ${which} of\0${realm}\0${foldUsername(username)}`)
      .digest();
  const shape = macOf('shape');
  const count = 1 + ((shape[0] ?? 0) % 4 === 0 ? 1 : 0);
  const length = LENGTHS[(shape[1] ?? 0) % LENGTHS.length];
  return Array.from({ length: count }, (_, at) => ({ id: encodeBase64Url(macOf(`${at}`).subarray(0, length)) }));
};
