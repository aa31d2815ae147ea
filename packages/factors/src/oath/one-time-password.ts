import { createHmac } from 'node:crypto';
import { movingFactorBytes, type PasswordOptions, passwordOfMac } from '@assent/push/protocol';

export type HashAlgorithm = 'SHA1' | 'SHA256' | 'SHA512';

export interface HotpOptions extends PasswordOptions {
  readonly secret: Uint8Array;
  /** The moving factor: a count, or for TOTP the number of the time step. */
  readonly counter: number;
  /** TOTP only; HOTP is always SHA-1. */
  readonly hash?: HashAlgorithm;
}

/** The one-time password of a moving factor. @see RFC 4226 §5.3 */
export const hotp = ({ secret, counter, hash = 'SHA1', ...options }: HotpOptions): string =>
  passwordOfMac(createHmac(hash, secret).update(movingFactorBytes(counter)).digest(), options);

/** The number of the time step that a moment falls into. @see RFC 6238 §4.2 */
export const timeStepAt = (millis: number, intervalSeconds: number): number =>
  Math.floor(millis / 1_000 / intervalSeconds);

/** The one-time password of a moment. @see RFC 6238 §4 */
export function totp({
  atMillis,
  intervalSeconds,
  ...options
}: Pick<HotpOptions, 'secret' | 'digits' | 'hash'> & {
  readonly atMillis: number;
  readonly intervalSeconds: number;
}): string {
  return hotp({ ...options, counter: timeStepAt(atMillis, intervalSeconds) });
}
