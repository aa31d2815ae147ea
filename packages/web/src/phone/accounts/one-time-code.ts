import type { CodePart } from './account.ts';
import { hmacOfCounter } from './device-keys.ts';

/** A code as it is shown, and until when it is good (server time, ms). */
export interface TimedCode {
  readonly code: string;
  readonly next: string;
  readonly expiresAt: number;
}

/** The code of now and the one that follows. @see RFC 6238 §4.2 */
export const timedCode = async (codes: CodePart & { readonly type: 'totp' }, now: number): Promise<TimedCode> => {
  const period = codes.periodSeconds * 1_000;
  const step = Math.floor(now / period);
  const [code, next] = await Promise.all([codeAt(codes, step), codeAt(codes, step + 1)]);
  return { code, next, expiresAt: (step + 1) * period };
};

/** The code of one counter. @see RFC 4226 §5.3 */
export const countedCode = (codes: CodePart & { readonly type: 'hotp' }, counter: number): Promise<string> =>
  codeAt(codes, counter);

const codeAt = async (codes: CodePart, factor: number): Promise<string> => {
  const mac = await hmacOfCounter(codes.key, factor);
  const number = (truncated(mac, offsetIn(mac, codes)) & 0x7fff_ffff) % 10 ** codes.digits;
  const code = String(number).padStart(codes.digits, '0');
  return codes.type === 'hotp' && codes.checksumDigit ? code + checksumOf(code) : code;
};

const offsetIn = (mac: Uint8Array, codes: CodePart): number => {
  const fixed = codes.type === 'hotp' ? codes.truncationOffset : -1;
  return fixed >= 0 && fixed + 4 < mac.length ? fixed : (mac.at(-1) ?? 0) & 0xf;
};

const truncated = (mac: Uint8Array, offset: number): number =>
  new DataView(mac.buffer, mac.byteOffset).getInt32(offset);

/** RFC 4226 appendix C: every second digit from the right counts double. */
const checksumOf = (code: string): string => {
  const sum = [...code].reduceRight((total, digit, at) => {
    const isDoubled = (code.length - 1 - at) % 2 === 0;
    const value = Number(digit) * (isDoubled ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
};

/** In groups of three, or of four where there are eight digits: how people read codes out. */
export const groupedCode = (code: string): string =>
  code.length === 6 ? `${code.slice(0, 3)} ${code.slice(3)}` : `${code.slice(0, 4)} ${code.slice(4)}`;
