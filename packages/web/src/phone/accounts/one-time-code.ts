import { passwordOfMac } from '@assent/push/protocol';
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
  const { digits } = codes;
  const mac = await hmacOfCounter(codes.key, factor);
  return passwordOfMac(mac, codes.type === 'hotp' ? codes : { digits });
};

/** In groups of three, or of four where there are eight digits: how people read codes out. */
export const groupedCode = (code: string): string =>
  code.length === 6 ? `${code.slice(0, 3)} ${code.slice(3)}` : `${code.slice(0, 4)} ${code.slice(4)}`;
