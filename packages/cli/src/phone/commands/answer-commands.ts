import type { DenyReason } from '@assent/push/protocol';
import type { ExitCode } from '../../command/exit-code.ts';
import { numberFor } from '../messages/answers.ts';
import { markShown } from '../server/relay-calls.ts';
import type { Session } from '../terminal/phone-session.ts';
import { findRequest, type RequestOptions } from './find-request.ts';
import { answer, NEVER, show } from './show-request.ts';

// `assent phone approve` and `deny`: one request, one answer.

export async function approve(
  session: Session,
  options: RequestOptions & { readonly number?: string },
): Promise<ExitCode> {
  const { io } = session;
  const request = await findRequest(session, options);
  if (request.pushType === 'challenge' && options.number === undefined && io.isTty && !session.isJson) {
    await markShown(io, request);
    return show(session, request, { calledOff: NEVER, interrupted: NEVER });
  }
  const number = numberFor(request, options.number);
  return answer(session, request, number === undefined ? { kind: 'approve' } : { kind: 'approve', number });
}

export async function deny(
  session: Session,
  options: RequestOptions & { readonly reason: DenyReason },
): Promise<ExitCode> {
  return answer(session, await findRequest(session, options), { kind: 'deny', reason: options.reason });
}
