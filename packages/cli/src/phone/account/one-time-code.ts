import { createHmac } from 'node:crypto';
import { movingFactorBytes, passwordOfMac } from '@assent/push/protocol';
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

const codeAt = ({ key, hash, ...options }: OathAccount, factor: number): string =>
  passwordOfMac(createHmac(hash, Buffer.from(key, 'base64')).update(movingFactorBytes(factor)).digest(), options);
