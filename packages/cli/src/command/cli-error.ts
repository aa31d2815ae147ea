import { databaseFault } from './database-fault.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

const EXIT_OF = {
  USAGE: EXIT.usage,
  SETTINGS_REFUSED: EXIT.usage,
  STORE_REFUSED: EXIT.no,
  STORE_UNAVAILABLE: EXIT.no,
  NO_DATA: EXIT.no,
  CANNOT_LISTEN: EXIT.no,
  NO_REALM: EXIT.no,
  NO_USER: EXIT.no,
  NO_PROPOSAL: EXIT.no,
  NO_CLIENT: EXIT.no,
  NO_ENTRY: EXIT.no,
  NO_REQUEST: EXIT.no,
  EXISTS: EXIT.no,
  IN_USE: EXIT.no,
  KEPT_ELSEWHERE: EXIT.no,
  CALLED_OFF: EXIT.no,
  UNREACHABLE: EXIT.unreachable,
} as const satisfies Record<string, ExitCode>;

/** Every way in which a command says no, stable for programs that read `--json`. */
export type CliErrorCode = keyof typeof EXIT_OF;

/** A refusal in one plain sentence, with the next thing to try. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly hint: string | undefined;

  constructor(code: CliErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  get exitCode(): ExitCode {
    return EXIT_OF[this.code];
  }
}

/** The refusals of server and store, which say themselves what to do; undefined for anything else. */
export const asCliError = (error: unknown): CliError | undefined => {
  if (error instanceof CliError) return error;
  if (!(error instanceof Error)) return undefined;
  // By name, so that the phone, which never meets them, does not load the server for their classes.
  switch (error.name) {
    case 'SettingsRefused':
    case 'CustomNodesRefused':
      return new CliError('SETTINGS_REFUSED', error.message, 'assent serve --help', { cause: error });
    case 'CustomTextsRefused':
      return new CliError('SETTINGS_REFUSED', error.message, 'mend that file, or move it away', { cause: error });
    case 'MasterKeyRefused':
    case 'StoreRefused':
      return new CliError('STORE_REFUSED', error.message, 'assent doctor', { cause: error });
    case 'BackupExists':
      return new CliError('EXISTS', error.message, 'assent backup with another name, or with --force', {
        cause: error,
      });
    case 'StoreUnavailable': {
      const { message, fix } = databaseFault(error) ?? { message: error.message, fix: 'assent doctor' };
      return new CliError('STORE_UNAVAILABLE', message, fix, { cause: error });
    }
    case 'StoreUncertain':
      return new CliError(
        'STORE_UNAVAILABLE',
        'The database went away before it said whether the last change was kept.',
        'look whether it was, and do it again if not',
        { cause: error },
      );
    case 'ChangeRefused':
      return new CliError(
        'EXISTS',
        'Nothing was changed: something of it contradicts what is there.',
        'look at what is there, and try again',
        { cause: error },
      );
    case 'Unavailable':
      return new CliError('STORE_UNAVAILABLE', `Nothing was changed: ${error.message}.`, 'try again in a while', {
        cause: error,
      });
    case 'DatabaseFailure': {
      // Whatever else it refuses, such as a statement that is wrong, is a mistake of ours.
      const fault = databaseFault(error);
      return fault && new CliError('STORE_REFUSED', fault.message, fault.fix, { cause: error });
    }
    default:
      return undefined;
  }
};
