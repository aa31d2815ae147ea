import { hintLine } from '../../command/hint-line.ts';
import type { AccountStore } from '../account/account-store.ts';
import type { PhoneError } from '../account/phone-error.ts';
import type { PhoneIo } from '../account/phone-io.ts';

/** Options of every subcommand. */
export interface SharedOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** One run of a subcommand: the terminal, the accounts, and how to print. */
export interface Session {
  readonly io: PhoneIo;
  readonly store: AccountStore;
  readonly isJson: boolean;
}

export function printJson({ io }: Session, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printError(io: PhoneIo, isJson: boolean, { code, message, hint }: PhoneError): void {
  if (isJson) io.stderr.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else io.stderr.write(`${message}\n${hintLine(hint, io.env)}`);
}
