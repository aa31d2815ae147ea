import type { Settings } from '@assent/server';
import type { CliIo } from '../command/cli-io.ts';
import type { Server } from '../command/stored.ts';

/** What every check is handed that needs more than this machine. */
export interface Examined {
  readonly io: CliIo;
  readonly server: Server;
  /** With the data directory as an absolute path. */
  readonly settings: Settings;
}

/** What the doctor found out; `warning` is worth knowing, `problem` stops Assent or its users. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** The next thing to try. */
  readonly hint?: string;
}

export const ok = (name: string, message: string): Finding => ({ name, status: 'ok', message });

export const warning = (name: string, message: string, hint?: string): Finding => ({
  name,
  status: 'warning',
  message,
  ...(hint !== undefined && { hint }),
});

export const problem = (name: string, message: string, hint?: string): Finding => ({
  name,
  status: 'problem',
  message,
  ...(hint !== undefined && { hint }),
});
