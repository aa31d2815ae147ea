import { Option } from 'commander';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';

/** Of a command whose work cannot be undone. */
export interface YesOption {
  readonly yes?: boolean;
}

export const yesOption = (): Option => new Option('--yes', 'do not ask; needed where there is no terminal to ask in');

interface Asking {
  readonly io: Pick<CliIo, 'isInteractive' | 'confirm'>;
  readonly options: YesOption;
}

/** Whether somebody has to be asked. Throws where nobody can be: a script that lost its `--yes` destroys nothing. */
export const hasToAsk = ({ io, options }: Asking): boolean => {
  if (options.yes === true) return false;
  if (!io.isInteractive) throw new CliError('USAGE', 'There is no terminal to ask whether that is meant.', 'add --yes');
  return true;
};

/** Goes on where the answer is yes; throws, and says what was left as it is, where it is not. */
export const makeSure = async (asking: Asking, question: string, otherwise: string): Promise<void> => {
  if (hasToAsk(asking) && !(await asking.io.confirm(question))) throw new CliError('CALLED_OFF', otherwise);
};
