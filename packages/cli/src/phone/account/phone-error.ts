import { EXIT, type ExitCode } from '../../command/exit-code.ts';

const EXIT_OF = {
  USAGE: EXIT.usage,
  NOT_A_SETUP_CODE: EXIT.usage,
  SETUP_CODE_REFUSED: EXIT.usage,
  STORE_UNUSABLE: EXIT.usage,
  NUMBER_WRONG_SHAPE: EXIT.usage,
  NUMBER_MISSING: EXIT.usage,
  MESSAGE_UNREADABLE: EXIT.usage,
  STEP_UNREADABLE: EXIT.usage,
  NO_ACCOUNT: EXIT.no,
  NO_REQUEST: EXIT.no,
  SEVERAL_REQUESTS: EXIT.no,
  NO_OTP_ACCOUNT: EXIT.no,
  ALREADY_REGISTERED: EXIT.no,
  UNKNOWN_MECHANISM: EXIT.no,
  BAD_SIGNATURE: EXIT.no,
  BAD_MESSAGE: EXIT.no,
  EXPIRED: EXIT.no,
  ALREADY_ANSWERED: EXIT.no,
  WITHDRAWN: EXIT.no,
  NOT_READY: EXIT.no,
  REFUSED: EXIT.no,
  REDIRECTED: EXIT.no,
  UNREACHABLE: EXIT.unreachable,
} as const satisfies Record<string, ExitCode>;

/** Every way in which the phone says no, stable for programs that read `--json`. */
export type PhoneErrorCode = keyof typeof EXIT_OF;

/** A refusal in one plain sentence, with the next thing to try. */
export class PhoneError extends Error {
  readonly code: PhoneErrorCode;
  readonly hint: string | undefined;

  constructor(code: PhoneErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PhoneError';
    this.code = code;
    this.hint = hint;
  }

  get exitCode(): ExitCode {
    return EXIT_OF[this.code];
  }
}
