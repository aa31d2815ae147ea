import { ofType } from '../step/step.ts';
import type { Call } from './journey-call.ts';
import { type EndState, ended, type Problem, type StepState } from './page-state.ts';
import type { Answer } from './server-answer.ts';

/** Texts that say no more than that it failed; ours say it better, and in the page's language. @see journeys-rest.md §1.8 */
const plainFailures = /^(?:Login failure|Authentication Failed\.?|Invalid Password(?:!!)?|Unauthorized)?$/;

/** Ends that read otherwise to a user who has a session: nothing of these journeys ended it. */
const leavesSession = /^(?:failed|codes|no-passkey|setup)/;

/** The end of a failed journey, once the page has asked whether the browser has a session. */
export const knowingSession = async (end: EndState, hasSession: () => Promise<boolean>): Promise<EndState> => {
  if (!leavesSession.test(end.end) || !(await hasSession())) return end;
  return { ...end, end: end.end === 'failed' ? 'unfinished' : end.end, isSignedIn: true };
};

/**
 * What a failed journey is to the person who was at it, by the screen that they had `before`: a wrong password is tried
 * again at once, everything else is an end with its reason. @see ux.md §2.6
 */
export const afterFailure = (
  call: Call,
  { message, locked, failureUrl, phone }: Answer & { readonly kind: 'failure' },
  before: StepState | undefined,
): EndState | { readonly kind: 'again'; readonly problem: Problem } => {
  const own = plainFailures.test(message) ? undefined : message;
  if (locked) return ended('locked', { failureUrl });
  if (call.kind === 'submit' && before?.first === true && ofType(before.step, 'PasswordCallback').length > 0) {
    return { kind: 'again', problem: { kind: 'credentials', message: own } };
  }
  const kind = before?.screen.kind;
  if (call.kind === 'poll' && phone !== undefined && own === undefined) {
    return ended(phone.end === 'expired' ? 'no-answer' : phone.end, { failureUrl, device: phone.device });
  }
  const told = { message: own, failureUrl };
  if (call.kind === 'poll' && (kind === 'number' || kind === 'wait')) return ended('request', told);
  if (kind === 'recovery') return ended('codes', told);
  if (call.kind === 'poll' && kind === 'setup') return ended('setup', told);
  // A user who makes a passkey is often signed in: the passkey failed, and not the sign-in.
  if (before?.step.passkey?.kind === 'create') return ended('no-passkey', told);
  return ended('failed', told);
};
