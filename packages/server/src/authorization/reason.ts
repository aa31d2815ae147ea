import { isUtf8 } from 'node:buffer';
import { decodeHeaderText } from '@assent/nodes';
import { isJsonObject } from '@assent/wire';
import { type Answer, badRequest, type Call, header } from '../http/call.ts';
import { isAnswer } from './administration.ts';

/** Where any call may say why; beside it an action may in its body, which the clients of AM leave no room in. */
const REASON_HEADER = 'x-assent-reason';

/** The longest reason, in characters. */
const MAX_REASON = 200;

/** What is wrong with a reason; undefined where nothing is. */
export const reasonProblem = (reason: string): string | undefined =>
  reason.trim() !== '' && reason.length <= MAX_REASON && !/[\p{Cc}\p{Cf}]/u.test(reason)
    ? undefined
    : `The reason must have 1 to ${MAX_REASON} characters in one line, such as the number of the request; it is kept, so put no name into it.`;

/** What the row of the trail tells of why something was done. */
export interface Reason {
  readonly reason?: string;
}

/** `always` to erase a user, else where the realm asks (`reasonsRequired`). */
export type ReasonNeed = 'always' | 'where the realm asks';

/**
 * Why a caller lays hands on what is somebody else's, for the row of the trail in the same commit (SEC-54): in the header `X-Assent-Reason`, or as
 * `reason` in the body of an action. An answer where it is missing, or is none.
 */
export const reasonOf = (call: Call, need: ReasonNeed): Reason | Answer => {
  if ((call.request.headersDistinct[REASON_HEADER] ?? []).length > 1) {
    return badRequest('The header X-Assent-Reason was sent twice; send it once.');
  }
  const isAction = call.request.method === 'POST';
  const inHeader = readHeader(header(call.request, REASON_HEADER));
  const inBody: unknown = isAction && isJsonObject(call.body) ? call.body.reason : undefined;
  const given = [inHeader, inBody].filter((reason) => reason !== undefined && reason !== '');
  const [reason] = given;
  if (reason === undefined) {
    if (need !== 'always' && !call.realm.reasonsRequired) return {};
    return badRequest(
      isAction
        ? 'The call needs a reason, as "reason" in the body or in the header X-Assent-Reason.'
        : 'The call needs a reason, in the header X-Assent-Reason.',
      'reason',
    );
  }
  if (given.some((it) => it !== reason)) {
    return badRequest('The body and the header X-Assent-Reason give different reasons; send one.', 'reason');
  }
  if (typeof reason !== 'string') return badRequest('The reason must be a text.', 'reason');
  const problem = reasonProblem(reason);
  return problem === undefined ? { reason } : badRequest(problem, 'reason');
};

/** What the row of the trail says where a factor was taken away without a reason. */
const NO_REASON = 'no reason given';

/**
 * Why a factor of somebody else is taken away, for every route that does it. Clients that were written for AM send no reason: the removal
 * succeeds unless the realm asks for one, and the row of the trail says that none was given.
 */
export const reasonOfRemoval = (call: Call): Required<Reason> | Answer => {
  const given = reasonOf(call, 'where the realm asks');
  return isAnswer(given) ? given : { reason: given.reason ?? NO_REASON };
};

/** Encoded words (RFC 2047), or what a shell sends as it was typed: UTF-8, which arrives as a character for each byte. */
const readHeader = (value: string | undefined): string | undefined => {
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, 'latin1');
  return decodeHeaderText(isUtf8(bytes) ? bytes.toString('utf8') : value);
};
