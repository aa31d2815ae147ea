import type { Command } from 'commander';
import { asCliError, CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { printRefusal } from './print-refusal.ts';

export interface JsonOption {
  readonly json?: boolean;
}

/** Runs the work of a command: its exit code is the result, a refusal is printed for people or programs. */
export const perform = async (io: CliIo, options: JsonOption, work: () => Promise<ExitCode>): Promise<void> => {
  try {
    io.setExitCode(await work());
  } catch (error) {
    const refusal = asCliError(error);
    if (refusal === undefined) throw error;
    printRefusal(io, options.json === true, refusal);
    io.setExitCode(refusal.exitCode);
  }
};

export const printJson = (io: CliIo, value: unknown): void => {
  io.stdout.write(`${JSON.stringify(value)}\n`);
};

const pathOf = (command: Command): string => {
  const name = command.name();
  return command.parent === null ? name : `${pathOf(command.parent)} ${name}`;
};

const wantsJson = (command: Command): boolean =>
  command.opts<JsonOption>().json === true || (command.parent !== null && wantsJson(command.parent));

/** Makes a command, and those below it, speak and end as ours do: bad usage is one sentence and exit 2. */
export const underIo = (io: CliIo, command: Command): Command => {
  command
    .exitOverride((error) => io.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage))
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text) => {
        const [sentence = '', meant = ''] = text.replace(/^error: /, '').split('\n');
        const said = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1).replace(/\.?$/, '.')}`;
        const message = meant === '' ? said : `${said} ${meant.replace(/^\((.*)\)$/, '$1')}`;
        printRefusal(io, wantsJson(command), new CliError('USAGE', message, `${pathOf(command)} --help`));
      },
    });
  refuseTwice(command);
  for (const sub of command.commands) underIo(io, sub);
  return command;
};

/** Of two values the last would count, and the one in whom somebody believes might be the first. */
const refuseTwice = (command: Command): void => {
  for (const option of command.options) {
    const takesMany = option.variadic || (option.parseArg !== undefined && option.argChoices === undefined);
    if (takesMany || !(option.required || option.optional)) continue;
    let times = 0;
    command.on(`option:${option.name()}`, () => {
      times += 1;
      if (times > 1) command.error(`error: option '${option.long}' was given twice`);
    });
  }
};
