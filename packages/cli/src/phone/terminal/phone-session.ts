import type { AccountStore } from '../account/account-store.ts';
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
