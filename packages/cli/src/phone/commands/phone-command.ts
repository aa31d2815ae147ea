import type { DenyReason } from '@assent/push/protocol';
import { Command, Option } from 'commander';
import { EXIT, type ExitCode } from '../../command/exit-code.ts';
import { printRefusal } from '../../command/print-refusal.ts';
import { defaultStoreFile, openAccountStore } from '../account/account-store.ts';
import { PERSONA_NAMES } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import type { PhoneIo } from '../account/phone-io.ts';
import { DENY_REASONS } from '../messages/answers.ts';
import type { Session, SharedOptions } from '../terminal/phone-session.ts';
import { list, oneTimeCode, pause, refresh, remove } from './account-commands.ts';
import { approve, deny } from './answer-commands.ts';
import type { RequestOptions } from './find-request.ts';
import { type RegisterOptions, register } from './register-command.ts';
import { type SignOptions, sign } from './sign-command.ts';
import { watch } from './watch-command.ts';

/** `assent phone …`: a phone in a terminal, and the official phones' habits for tests. */
export function phoneCommand(io: PhoneIo): Command {
  const phone = new Command('phone')
    .description('Be the phone: register it, see requests to sign in, and answer them.')
    .option('--store <file>', `file that keeps the accounts (default: ${defaultStoreFile(io)})`)
    .option('--json', 'print one JSON object per line and nothing else');

  const setup = (command: Command): Command => inTheHandsOf(io, command);
  const subcommand = (name: string, description: string): Command =>
    setup(phone.command(name)).description(description);
  const run =
    <Options extends SharedOptions>(work: (session: Session, options: Options) => Promise<ExitCode> | ExitCode) =>
    (_options: unknown, command: Command): Promise<void> =>
      perform(io, command.optsWithGlobals<Options>(), work);
  const forAccount = (command: Command): Command => command.option('--account <id>', 'the account, as `list` shows it');
  const forMessage = (command: Command): Command =>
    forAccount(command).option(
      '--message <file>',
      'a push provider payload instead of the relay; - reads it from stdin',
    );

  setup(phone);

  subcommand('register', 'Add the account of a setup code.')
    .argument('<uri>', 'the setup code: pushauth://…, mfauth://… or otpauth://… in quotes')
    .option('--name <name>', 'what the account page calls this phone')
    .addOption(new Option('--persona <persona>', 'whose habits to have').choices([...PERSONA_NAMES]).default('assent'))
    .option('--token <token>', 'the delivery token to register with (official phones; default: an invented one)')
    .option('--show', 'only draw the setup code, for another phone to scan')
    .action((uri: string, _options: unknown, command: Command) =>
      perform<RegisterOptions>(io, command.optsWithGlobals(), (session, options) => register(session, uri, options)),
    );
  subcommand('list', 'Show the accounts of this phone.').action(run(list));
  forMessage(subcommand('watch', 'Show requests as they come, and ask for an answer.'))
    .option('--once', 'end after the first request')
    .action(run(watch));
  const forRequest = (command: Command): Command =>
    forMessage(command).option('--request <id>', 'the request to answer, where several wait');
  forRequest(subcommand('approve', 'Approve the request that waits.'))
    .option('--number <number>', 'the number that the screen shows')
    .action(run<RequestOptions & { readonly number?: string }>((session, options) => approve(session, options)));
  forRequest(subcommand('deny', 'Deny the request that waits.'))
    .addOption(new Option('--reason <reason>', 'what happened').choices([...DENY_REASONS]).default('other'))
    .action(run<RequestOptions & { readonly reason: DenyReason }>((session, options) => deny(session, options)));
  forAccount(
    subcommand('sign', 'Answer a step that asks an app to bind this phone, or to sign; prints the step to send.'),
  )
    .option('--step <file>', 'the step, as the server has sent it; - reads it from stdin', '-')
    .option('--application <id>', 'the app that this phone is', 'org.example.app')
    .option('--error <name>', 'say that it cannot be done, and by what name: Abort, Unsupported, …')
    .action(run<SignOptions>(sign));
  forAccount(subcommand('refresh', 'Tell the server a new delivery token.'))
    .requiredOption('--token <token>', 'the new token')
    .action(run(refresh));
  forAccount(subcommand('pause', 'Have no requests for an hour, because somebody else asks for them.')).action(
    run(pause),
  );
  forAccount(subcommand('otp', 'Print a one-time code.')).action(run(oneTimeCode));
  subcommand('remove', 'Forget an account on this phone.')
    .requiredOption('--account <id>', 'the account, as `list` shows it')
    .action(run(remove));
  return phone;
}

/** Commander ends bad usage with 1; ours is 2, in our words, and as JSON when asked (design.md §2). */
function inTheHandsOf(io: PhoneIo, command: Command): Command {
  return command
    .configureHelp({ showGlobalOptions: true })
    .exitOverride((error) => io.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage))
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text) => {
        const sentence = text
          .replace(/^error: /, '')
          .trim()
          .replace(/\.?$/, '.');
        const message = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
        printRefusal(
          io,
          wantsJson(command),
          new PhoneError(
            'USAGE',
            message,
            `assent phone ${command.name() === 'phone' ? '' : `${command.name()} `}--help`,
          ),
        );
      },
    });
}

/** Bad usage is found before the options are complete, so the words of the command line have to do. */
function wantsJson(command: Command): boolean {
  let top = command;
  while (top.parent !== null) top = top.parent;
  return 'rawArgs' in top && Array.isArray(top.rawArgs) && top.rawArgs.includes('--json');
}

async function perform<Options extends SharedOptions>(
  io: PhoneIo,
  options: Options,
  work: (session: Session, options: Options) => Promise<ExitCode> | ExitCode,
): Promise<void> {
  const store = openAccountStore(options.store ?? defaultStoreFile(io), () => io.randomUuid());
  const isJson = options.json === true;
  try {
    const exposure = store.exposure();
    if (exposure !== undefined)
      io.stderr.write(
        isJson
          ? `${JSON.stringify({ warning: { message: exposure } })}\n`
          : `${exposure}\n  Try: chmod 600 '${store.file}'\n`,
      );
    io.setExitCode(await work({ io, store, isJson }, options));
  } catch (error) {
    if (!(error instanceof PhoneError)) throw error;
    printRefusal(io, isJson, error);
    io.setExitCode(error.exitCode);
  } finally {
    io.stdin.release();
  }
}
