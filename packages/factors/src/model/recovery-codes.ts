import { type FactorKind, type Identity, port } from '@assent/engine';

/** What recovery codes stand in for: there are none for a bound device. */
export type CodeType = Exclude<FactorKind, 'binding'>;

/**
 * One recovery code: found by `selector`, proven by `hash`, used by deleting the row. Of a code that another server has hashed nobody
 * can tell how it is found: those have {@link IMPORTED_SELECTOR}, and the hash of that server.
 */
export interface RecoveryCodeRow {
  readonly id: string;
  readonly realm: string;
  readonly userId: string;
  readonly deviceType: CodeType;
  readonly selector: string;
  readonly hash: string;
}

/** Unlike any of ours, which have twelve letters. */
export const IMPORTED_SELECTOR = 'imported';

export interface RecoveryCodeReader {
  /** Codes of the user and type that are found by one of these. */
  codesBySelector(userId: string, type: CodeType, selectors: readonly string[]): Promise<readonly RecoveryCodeRow[]>;
  countCodes(userId: string, type: CodeType): Promise<number>;
  /** Of all types, for whoever takes them to another server. */
  codesOfUser(userId: string): Promise<readonly RecoveryCodeRow[]>;
}

export type RecoveryCodeChange =
  /** Replaces the whole set of the user and type. */
  | {
      readonly type: 'codes.replace';
      readonly userId: string;
      readonly deviceType: CodeType;
      readonly rows: readonly RecoveryCodeRow[];
    }
  /** Fails unless the row was there: the code is used by this commit or by nobody's. */
  | { readonly type: 'code.use'; readonly id: string };

/** Who is said to own a recovery code: a user, or a name that nobody has, whose guesses cost and count as others do (SEC-59). */
export type CodeOwner = Pick<Identity, 'id' | 'credentialRev'> | { readonly nobody: string };

/** `locked`: too many were wrong, this one or those before it, and nothing is good for a while (SEC-46). */
export type CodeVerdict = 'good' | 'wrong' | 'locked';

export interface RecoveryCodes {
  /** Ten new codes that replace the user's set of that type when the unit of work commits. */
  replace(userId: string, type: CodeType): Promise<readonly string[]>;
  /** Ten new codes that are good as either type, each once. */
  replaceBoth(userId: string): Promise<readonly string[]>;
  /** What becomes of a code; a good one is used up when the unit of work commits, and wrong ones are counted. */
  use(owner: CodeOwner, type: CodeType, code: string): Promise<CodeVerdict>;
  count(userId: string, type: CodeType): Promise<number>;
}

export const recoveryCodes = port<RecoveryCodes>()('recoveryCodes', 'stages');
