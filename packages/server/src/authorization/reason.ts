import { decodeHeaderText } from '@assent/nodes';
import { isJsonObject } from '@assent/wire';
import { type Answer, badRequest, type Call, header } from '../http/call.ts';

/** Where a call says why that has no body, or one that is the record itself; what is not ASCII goes as encoded words (RFC 2047). */
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

/** `always` where a requirement asks for a reason (SEC-54), else where the realm does. */
export type ReasonNeed = 'always' | 'where the realm asks';

/**
 * Why a caller lays hands on what is somebody else's, for the row of the trail in the same commit (SEC-54): `reason` in the body of an action,
 * the header `X-Assent-Reason` elsewhere. An answer where it is missing, or is none.
 */
export const reasonOf = (call: Call, need: ReasonNeed): Reason | Answer => {
  const isAction = call.request.method === 'POST';
  const sent = call.request.headersDistinct[REASON_HEADER] ?? [];
  if (!isAction && sent.length > 1) return badRequest('The header X-Assent-Reason was sent twice; send it once.');
  const inHeader = header(call.request, REASON_HEADER);
  const given: unknown = isAction
    ? isJsonObject(call.body)
      ? call.body.reason
      : undefined
    : inHeader && decodeHeaderText(inHeader);
  if (given === undefined || given === '') {
    if (need !== 'always' && call.realm?.reasonsRequired !== true) return {};
    return badRequest(
      isAction ? 'The body needs a reason.' : 'The call needs a reason, in the header X-Assent-Reason.',
      'reason',
    );
  }
  if (typeof given !== 'string') return badRequest('The reason must be a text.', 'reason');
  const problem = reasonProblem(given);
  return problem === undefined ? { reason: given } : badRequest(problem, 'reason');
};
