/** How a one-time password is cut out of a MAC. */
export interface PasswordOptions {
  /** Without the checksum. */
  readonly digits: number;
  /** Appends the digit of RFC 4226 appendix C. */
  readonly checksumDigit?: boolean;
  /** Where the MAC is cut; anything out of range means the dynamic place of RFC 4226 §5.3. */
  readonly truncationOffset?: number;
}

/** What the MAC is made over: the moving factor in eight bytes, the highest first. @see RFC 4226 §5.1 */
export function movingFactorBytes(movingFactor: number): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, BigInt(movingFactor));
  return new Uint8Array(bytes.buffer);
}

/** The one-time password in the MAC of its moving factor. @see RFC 4226 §5.3 and appendix C */
export function passwordOfMac(
  mac: Uint8Array,
  { digits, checksumDigit = false, truncationOffset = -1 }: PasswordOptions,
): string {
  const isFixed = truncationOffset >= 0 && truncationOffset < mac.length - 4;
  const offset = isFixed ? truncationOffset : (mac[mac.length - 1] ?? 0) & 0x0f;
  const binary = new DataView(mac.buffer, mac.byteOffset, mac.byteLength).getUint32(offset) & 0x7fffffff;
  const password = String(binary % 10 ** digits).padStart(digits, '0');
  return checksumDigit ? `${password}${checksumOf(password)}` : password;
}

/** The digit that makes a mistyped password show. @see RFC 4226 appendix C */
function checksumOf(password: string): number {
  let total = 0;
  for (const [place, character] of [...password].reverse().entries()) {
    const digit = Number(character);
    const counted = place % 2 === 0 ? digit * 2 : digit;
    total += counted > 9 ? counted - 9 : counted;
  }
  return (10 - (total % 10)) % 10;
}
