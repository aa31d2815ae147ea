import { JourneyError } from '@assent/engine';
import type { JourneyErrorCode, JourneyErrorDetail } from '@assent/engine/host';
import { formatJourneyError } from './errors.ts';

interface Row<C extends JourneyErrorCode> {
  readonly when: string;
  /** What a client's answer is shown for. */
  readonly sample: JourneyErrorDetail[C];
}

const node = { nodeType: 'PushWaitNode', nodeId: 'a0', failureUrl: '' };

/** When each error of a journey occurs, for the reference; the compiler demands a row per code. */
const ROWS: { readonly [C in JourneyErrorCode]: Row<C> } = {
  LOGIN_FAILED: { when: 'The journey reached Failure.', sample: { failureUrl: '' } },
  NODE_FAILED: { when: 'A node could not do its work.', sample: { ...node, reason: 'the documented text' } },
  NODE_INPUT_MISSING: {
    when: 'A node was reached without an input that it needs.',
    sample: { ...node, key: 'username' },
  },
  ACCOUNT_UNUSABLE: {
    when: 'The journey succeeded, but the account is locked or inactive; an unknown one gives the answer of LOGIN_FAILED.',
    sample: { reason: 'inactive', failureUrl: '' },
  },
  JOURNEY_EXPIRED: {
    when: 'The authId is past its time, was used already, belongs to another realm or browser, or its journey has ended.',
    sample: { reason: 'used' },
  },
  SUSPENSION_GONE: {
    when: 'The `suspendedId` of a link is past its time, was used already, belongs to another realm, was mailed to an address that its user no longer has, or was never one.',
    sample: { reason: 'used' },
  },
  BACK_CHANNEL_GONE: {
    when: 'The transaction that `authIndexValue` names is past its time or over, belongs to another realm, or was never one.',
    sample: { reason: 'over' },
  },
  AUTH_ID_MALFORMED: { when: 'The authId is not a token of this server.', sample: { reason: 'not a compact JWS' } },
  AUTH_ID_FORGED: { when: 'The signature of the authId is wrong.', sample: {} },
  CALLBACK_COUNT: { when: 'More or fewer callbacks came back than were sent.', sample: { expected: 2, received: 1 } },
  CALLBACK_TYPE: {
    when: 'A callback of another type stands at that position.',
    sample: { position: 0, expected: 'NameCallback', received: 'PasswordCallback' },
  },
  CALLBACK_VALUE: {
    when: 'A value is of another type, longer than its callback takes, or no option that was offered.',
    sample: { position: 0, type: 'ConfirmationCallback', reason: 'There is no option 7.' },
  },
  INDEX_TYPE_UNKNOWN: {
    when: 'The query has another `authIndexType` than `service`, `transaction` or `composite_advice`.',
    sample: { indexType: 'module' },
  },
  AUTH_LEVEL_UNKNOWN: {
    when: 'An advice asks for an authentication level, and `authLevelJourneys` of the realm lists no level that is high enough.',
    sample: { level: 20 },
  },
  TREE_NOT_FOUND: {
    when: 'There is no such tree, it is disabled, or it may only run inside another one.',
    sample: { tree: 'Nowhere', reason: 'There is no such tree.' },
  },
  REALM_UNKNOWN: { when: 'There is no such realm, or it is not active.', sample: { realm: '/nowhere' } },
  REQUEST_INVALID: {
    when: 'The body cannot be read; the message says why.',
    sample: { reason: 'authId is not a string.' },
  },
  TOO_MANY_BEGUN: {
    when: 'From one address many journeys were begun and not finished; `Retry-After` says when to try again.',
    sample: { retryAfterSeconds: 1 },
  },
  OVERLOADED: {
    when: 'A bounded queue is full; `Retry-After` says when to try again.',
    sample: { retryAfterSeconds: 1 },
  },
};

/** One row per error code, in the order of their declaration. */
export const journeyErrorAnswers = (): readonly {
  readonly code: JourneyErrorCode;
  readonly when: string;
  readonly status: number;
  readonly message: string;
}[] =>
  (Object.keys(ROWS) as JourneyErrorCode[]).map((code) => {
    const { when, sample } = ROWS[code];
    const { code: status, message } = formatJourneyError(new JourneyError(code, sample as never));
    return { code, when, status, message };
  });
