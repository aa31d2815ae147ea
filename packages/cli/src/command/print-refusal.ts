import type { CliIo } from './cli-io.ts';
import { hintLine, withCommand } from './hint-line.ts';

/** What a command says that says no: a sentence with what to try below it, or, for programs, the same as one object. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

export const printRefusal = (
  io: Pick<CliIo, 'stderr' | 'command'>,
  isJson: boolean,
  { code, message, hint }: Refusal,
): void => {
  if (isJson) io.stderr.write(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  else io.stderr.write(`${withCommand(message, io.command)}\n${hintLine(hint, io.command)}`);
};
