import pg from 'pg';
import { StoreUnavailable } from '../ports/store.ts';

/** What happened to a statement, by what is to be done about it (OPS-09). */
type FailureKind =
  /** The server has taken the transaction back, in favour of another: the same once more may succeed. */
  | 'overtaken'
  /** There is no server at the other end, or none that works: another connection may have one. */
  | 'gone'
  /** It took too long. Once more would take as long, and burden a server that is slow already. */
  | 'slow'
  /** The schema is none that this version can work on, as after another version has changed it, or somebody by hand. */
  | 'foreign'
  /** The server does not let us in, or not at what we need, or is not known to be ours. Whoever runs it can change that, and then all works again. */
  | 'refused'
  /** A mistake of ours. */
  | 'mistake';

/** Serialization failure, deadlock, lock timeout, and two who have inserted one key. */
const OVERTAKEN: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '23505']);
const QUERY_CANCELED = '57014';
/** Connection exceptions, no resources, operator intervention, system errors. */
const GONE_CLASSES: ReadonlySet<string> = new Set(['08', '53', '57', '58']);
/** Said of a connection, or of a server that ends, which may be so behind a commit that was kept. */
const LEAVES_OPEN_CLASSES: ReadonlySet<string> = new Set(['08', '57']);
/** No such table, no such column. */
const FOREIGN: ReadonlySet<string> = new Set(['42P01', '42703']);
/** A statement was prepared on another session of the server than the one that has to execute it. */
const NOT_PREPARED_HERE: ReadonlySet<string> = new Set(['26000', '42P05']);
/** Not let in, no such database, no schema that we may use, no rights. */
const REFUSED: ReadonlySet<string> = new Set(['28000', '28P01', '3D000', '3F000', '42501', ...NOT_PREPARED_HERE]);
/** Follows from an earlier failure of the transaction. */
const IN_FAILED_TRANSACTION = '25P02';
/** No write is possible on a standby: the one that was asked is no primary any more, or not yet. */
const READ_ONLY_TRANSACTION = '25006';

const kindOf = (sqlState: string | undefined): FailureKind => {
  // The driver tells of dead sockets and of its own time limits by plain errors.
  if (sqlState === undefined) return 'gone';
  if (OVERTAKEN.has(sqlState)) return 'overtaken';
  if (sqlState === QUERY_CANCELED) return 'slow';
  if (FOREIGN.has(sqlState)) return 'foreign';
  if (REFUSED.has(sqlState)) return 'refused';
  return GONE_CLASSES.has(sqlState.slice(0, 2)) || sqlState === READ_ONLY_TRANSACTION ? 'gone' : 'mistake';
};

/** The driver says so of a connection that was dead before anything was sent. */
const NOT_SENT = /not queryable/;

/** What waiting does not bring, as the driver says it: a password that the settings lack, and encryption that the server does not offer. */
const NOT_OFFERED = /client password must be|does not support SSL connections/;

/** As Node has it: a certificate that nobody vouches for, that is for another name, or that is not in force. */
const NOT_TRUSTED =
  /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$|ERR_TLS_CERT_ALTNAME_INVALID$)/;

const isRefusal = (cause: unknown): boolean => {
  if (!(cause instanceof Error)) return false;
  const { message, code } = cause as Error & { readonly code?: unknown };
  return NOT_OFFERED.test(message) || (typeof code === 'string' && NOT_TRUSTED.test(code));
};

/** A statement, or a connection, has failed; anything else that is thrown in between is of whoever asks. */
export class DatabaseFailure extends Error {
  override readonly name = 'DatabaseFailure';
  readonly kind: FailureKind;
  readonly sqlState: string | undefined;
  /** Nothing has left this process. */
  readonly isUnsent: boolean;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'the database failed', { cause });
    this.sqlState = cause instanceof pg.DatabaseError ? cause.code : undefined;
    this.kind = isRefusal(cause) ? 'refused' : kindOf(this.sqlState);
    this.isUnsent = cause instanceof Error && NOT_SENT.test(cause.message);
  }

  /** The server has said itself that nothing of it is kept, as where its disk is full, or it is a standby. */
  get isTakenBack(): boolean {
    return this.sqlState !== undefined && !LEAVES_OPEN_CLASSES.has(this.sqlState.slice(0, 2));
  }

  /** Whether it only follows from an earlier one of the same flight. */
  get isConsequence(): boolean {
    return this.sqlState === IN_FAILED_TRANSACTION;
  }
}

/** What callers are told: a store that cannot be had now, unless somebody has made a mistake. The words are for the log. */
export const failureForCallers = (failure: unknown): unknown => {
  if (!(failure instanceof DatabaseFailure) || failure.kind === 'mistake') return failure;
  return new StoreUnavailable(wordsFor(failure), { cause: failure });
};

const wordsFor = ({ kind, sqlState = '' }: DatabaseFailure): string => {
  if (kind === 'foreign')
    return (
      'the database lacks a table or a column that this version of Assent needs: run `assent migrate --plan` to see ' +
      'what is missing, then `assent migrate`, or start the version that made this schema'
    );
  return NOT_PREPARED_HERE.has(sqlState)
    ? 'the pooler before the database mixes up prepared statements: set its max_prepared_statements to 200'
    : 'the database cannot be used';
};

/** What whoever opens the database is told: one that refuses is not waited for, since only people can change that. */
export const failureAtStart = (failure: unknown): unknown => {
  const { cause = failure } = failure instanceof StoreUnavailable ? failure : {};
  return cause instanceof DatabaseFailure && cause.kind === 'refused' ? cause : failureForCallers(failure);
};
