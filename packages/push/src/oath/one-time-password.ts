import { createHmac } from 'node:crypto';

export type HashAlgorithm = 'SHA1' | 'SHA256' | 'SHA512';

export interface HotpOptions {
  readonly secret: Uint8Array;
  /** The moving factor: a count, or for TOTP the number of the time step. */
  readonly counter: number;
  /** Without the checksum. */
  readonly digits: number;
  /** TOTP only; HOTP is always SHA-1. */
  readonly hash?: HashAlgorithm;
  /** Appends the digit of RFC 4226 appendix C. */
  readonly checksumDigit?: boolean;
  /** Where the MAC is cut; anything out of range means the dynamic place of RFC 4226 §5.3. */
  readonly truncationOffset?: number;
}

/** The one-time password of a moving factor. @see RFC 4226 §5.3 and appendix C */
export function hotp(options: HotpOptions): string {
  const { secret, counter, digits, hash = 'SHA1', checksumDigit = false, truncationOffset = -1 } = options;
  const movingFactor = Buffer.alloc(8);
  movingFactor.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(hash, secret).update(movingFactor).digest();
  const isFixed = truncationOffset >= 0 && truncationOffset < mac.length - 4;
  const offset = isFixed ? truncationOffset : (mac[mac.length - 1] ?? 0) & 0x0f;
  const binary = mac.readUInt32BE(offset) & 0x7fffffff;
  const password = String(binary % 10 ** digits).padStart(digits, '0');
  return checksumDigit ? `${password}${checksumOf(password)}` : password;
}

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

/** The digit that makes a mistyped password show. @see RFC 4226 appendix C */
export function checksumOf(password: string): number {
  let total = 0;
  for (const [place, character] of [...password].reverse().entries()) {
    const digit = Number(character);
    const counted = place % 2 === 0 ? digit * 2 : digit;
    total += counted > 9 ? counted - 9 : counted;
  }
  return (10 - (total % 10)) % 10;
}
