/** Which base64 alphabet a reader takes, and what becomes of a text in the other one (spec/push-protocol.md §1.5). */
export interface AlphabetRule {
  readonly accepts: 'url-safe' | 'standard' | 'both';
  readonly otherwise: 'refuse' | 'unset';
}

/** Everything in which one reader of setup codes differs from another (spec/push-protocol.md §1). */
export interface SetupCodeRules {
  /** What a code may consist of: `rfc2396` is visible ASCII without the characters that Java's URIs refuse. */
  readonly characters: 'visible-ascii' | 'rfc2396' | 'no-controls';
  readonly readsVersion: boolean;
  /** Whether a push code may name the account alone, which then stands for the issuer, too. */
  readonly oneNameIsEnough: boolean;
  /** Whether the message id has to say that it is one of a registration. */
  readonly messageIdMustSayRegister: boolean;
  readonly minKeyBytes: number;
  /** How the issuer parameter has to agree with the path. */
  readonly issuer: 'any' | 'same-if-given' | 'same';
  readonly needsCookie: boolean;
  /** Whether an address may have more in its query than its action. */
  readonly addressMayHaveParameters: boolean;
  /** Where the user id is read from: the first of these that has one. */
  readonly userIdParameters: readonly ('uid' | 'd')[];
  /** Of the key, the challenge and the addresses. */
  readonly keyAlphabet: AlphabetRule;
  /** Of the issuer and the cookie. */
  readonly textAlphabet: AlphabetRule;
  readonly idAlphabet: AlphabetRule;
  readonly imageAlphabet: AlphabetRule;
  readonly policiesAlphabet: AlphabetRule;
}

const either: AlphabetRule = { accepts: 'both', otherwise: 'refuse' };

/** A careful phone, which is the default: either alphabet, and nothing that a server of ours would not say. */
export const STRICT_SETUP_CODE_RULES: SetupCodeRules = {
  characters: 'visible-ascii',
  readsVersion: false,
  oneNameIsEnough: false,
  messageIdMustSayRegister: true,
  minKeyBytes: 32,
  issuer: 'same-if-given',
  needsCookie: false,
  addressMayHaveParameters: false,
  userIdParameters: ['uid', 'd'],
  keyAlphabet: either,
  textAlphabet: either,
  idAlphabet: either,
  imageAlphabet: either,
  policiesAlphabet: either,
};

/** Why a setup code is refused, with what a sentence about it needs. */
export type SetupCodeProblem =
  | {
      readonly reason:
        | 'other-scheme'
        | 'not-complete'
        | 'too-long'
        | 'stray-character'
        | 'percent-escape'
        | 'version'
        | 'no-account'
        | 'message-id'
        | 'no-issuer'
        | 'two-issuers'
        | 'no-cookie'
        | 'not-https'
        | 'not-a-plain-address'
        | 'two-endpoints'
        | 'digits'
        | 'period'
        | 'hash';
    }
  | { readonly reason: 'missing' | 'twice' | 'unreadable' | 'not-a-number'; readonly parameter: string }
  | { readonly reason: 'key-length' | 'challenge-length'; readonly bytes: number }
  | { readonly reason: 'other-action'; readonly parameter: string; readonly action: string }
  | { readonly reason: 'two-servers'; readonly hosts: readonly [register: string, authenticate: string] };

/** What a reader makes of a setup code. */
export type SetupCodeResult<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & SetupCodeProblem);

/** Ends the reading of a code. It never leaves the parser, which answers with its problem. */
class SetupCodeRefused extends Error {
  readonly problem: SetupCodeProblem;

  constructor(problem: SetupCodeProblem) {
    super(problem.reason);
    this.problem = problem;
  }
}

/** Ends `readingOf`: a code has two dozen ways to be wrong, and each is said where it is found. */
export function refuseCode(problem: SetupCodeProblem): never {
  throw new SetupCodeRefused(problem);
}

/** The value that a reader makes, or the problem with which it ended. */
export function readingOf<T>(read: () => T): SetupCodeResult<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof SetupCodeRefused) return { ok: false, ...error.problem };
    throw error;
  }
}
