/** Why a journey reached Failure, where a node says so. Our own pages have a text for each; no other client is told. */
export type FailureReason = 'device-limit';

/** What can go wrong with a journey, and the facts that the log needs about each. The reference page is made from it. */
export interface JourneyErrorDetail {
  /** The journey reached Failure; `message` and `members` are what a node wants the client to read. */
  LOGIN_FAILED: {
    failureUrl: string;
    message?: string;
    members?: Readonly<Record<string, unknown>>;
    failureReason?: FailureReason;
  };
  /** The authId is expired, superseded, foreign or already used. */
  JOURNEY_EXPIRED: { reason: string };
  /** The link of a suspended journey is expired, used already, went to an address that its user no longer has, or never was one. */
  SUSPENSION_GONE: { reason: string };
  /** The back channel is over, out of time, another realm's, or never was one. */
  BACK_CHANNEL_GONE: { reason: string };
  AUTH_ID_MALFORMED: { reason: string };
  AUTH_ID_FORGED: Record<string, never>;
  CALLBACK_COUNT: { expected: number; received: number };
  CALLBACK_TYPE: { position: number; expected: string; received: string };
  /** `longest` says how many characters the value may have, where it has more. */
  CALLBACK_VALUE: { position: number; type: string; reason: string; longest?: number };
  INDEX_TYPE_UNKNOWN: { indexType: string };
  /** No journey of the realm reaches the authentication level that an advice asks for. */
  AUTH_LEVEL_UNKNOWN: { level: number };
  TREE_NOT_FOUND: { tree: string; reason: string };
  REALM_UNKNOWN: { realm: string };
  REQUEST_INVALID: { reason: string };
  /** A node could not do its work; `reason` is the documented text. */
  NODE_FAILED: { nodeType: string; nodeId: string; reason: string; failureUrl: string };
  NODE_INPUT_MISSING: { nodeType: string; nodeId: string; key: string; failureUrl: string };
  /** The account may not sign in although the journey succeeded. */
  ACCOUNT_UNUSABLE: { reason: 'inactive' | 'locked' | 'unknown'; failureUrl: string; message?: string };
  /** So many journeys were begun from one source and not finished that no other begins there for a while. */
  TOO_MANY_BEGUN: { retryAfterSeconds: number };
  /** A unit of work lost against others too often, or a bounded queue is full. */
  OVERLOADED: { retryAfterSeconds: number };
}

export type JourneyErrorCode = keyof JourneyErrorDetail;

/** The one error of the engine. Its message is for the log; what a client reads is chosen by `wire`, by code. */
export class JourneyError<C extends JourneyErrorCode = JourneyErrorCode> extends Error {
  override readonly name = 'JourneyError';
  readonly code: C;
  readonly detail: JourneyErrorDetail[C];

  constructor(code: C, detail: JourneyErrorDetail[C], options?: ErrorOptions) {
    super(`${code} ${JSON.stringify(detail)}`, options);
    this.code = code;
    this.detail = detail;
  }

  is<D extends JourneyErrorCode>(code: D): this is JourneyError<D> {
    return (this.code as JourneyErrorCode) === code;
  }
}

/** Thrown by a node through `fail`: the journey ends in error and the log has `reason`, the documented text. */
export class NodeFailure extends Error {
  override readonly name = 'NodeFailure';
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/** Why an authId moves nothing any more; clients are told no more than that the journey has expired. */
export const expired = (reason: string): JourneyError => new JourneyError('JOURNEY_EXPIRED', { reason });

/** Something that a port stands on cannot be had now, such as the store. The step is not consumed: the client may retry. */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
}

/** Ends a preview before a node that would act; it never leaves the engine. */
export class NotPreviewed extends Unavailable {
  override readonly name = 'NotPreviewed';
}
