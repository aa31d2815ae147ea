import { createHmac } from 'node:crypto';
import type { OathAccount } from './account-store.ts';

/** A code to read out: until when it is good, and the account as it then has to be remembered. */
export interface OneTimeCode {
  readonly code: string;
  /** Milliseconds; undefined for a code that is good until it is used. */
  readonly expiresAt: number | undefined;
  readonly account: OathAccount;
}

/** Makes the next code of an account (RFC 4226 §5.3, RFC 6238 §4.2). */
export function oneTimeCodeOf(account: OathAccount, now: number): OneTimeCode {
  if (account.type === 'hotp') {
    const code = codeAt(account, account.counter);
    return { code, expiresAt: undefined, account: { ...account, counter: account.counter + 1 } };
  }
  const period = account.periodSeconds * 1_000;
  const step = Math.floor(now / period);
  return { code: codeAt(account, step), expiresAt: (step + 1) * period, account };
}

function codeAt({ key, hash, digits, checksumDigit, truncationOffset }: OathAccount, factor: number): string {
  const message = new DataView(new ArrayBuffer(8));
  message.setBigUint64(0, BigInt(factor));
  const mac = createHmac(hash, Buffer.from(key, 'base64')).update(new Uint8Array(message.buffer)).digest();
  const last = mac.at(-1) ?? 0;
  const offset = truncationOffset >= 0 && truncationOffset + 4 < mac.length ? truncationOffset : last % 16;
  const number = (mac.readInt32BE(offset) & 0x7fff_ffff) % 10 ** digits;
  const code = number.toString().padStart(digits, '0');
  return checksumDigit ? code + luhnDigit(code) : code;
}

/** RFC 4226 appendix C. */
function luhnDigit(code: string): string {
  let sum = 0;
  for (let place = code.length - 1, isDoubled = true; place >= 0; place -= 1, isDoubled = !isDoubled) {
    const value = Number(code[place]) * (isDoubled ? 2 : 1);
    sum += Math.floor(value / 10) + (value % 10);
  }
  return String((10 - (sum % 10)) % 10);
}
