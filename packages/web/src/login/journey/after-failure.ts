import { ofType } from '../step/step.ts';
import type { Call } from './journey-call.ts';
import { type EndState, ended, type Problem, type StepState } from './page-state.ts';
import type { Answer } from './server-answer.ts';

/** Texts that say no more than that it failed; ours say it better, and in the page's language. @see journeys-rest.md §1.8 */
const plainFailures: ReadonlySet<string> = new Set([
  '',
  'Login failure',
  'Authentication Failed',
  'Authentication Failed.',
  'Invalid Password',
  'Invalid Password!!',
  'Unauthorized',
]);

/**
 * What a failed journey is to the person who was at it, by the screen that they had `before`: a wrong password is tried
 * again at once, everything else is an end with its reason. @see ux.md §2.6
 */
export const afterFailure = (
  call: Call,
  { message, locked, failureUrl, phone }: Answer & { readonly kind: 'failure' },
  before: StepState | undefined,
): EndState | { readonly kind: 'again'; readonly problem: Problem } => {
  const own = plainFailures.has(message) ? undefined : message;
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
  // Whoever was to make one may well be signed in: what failed is the passkey.
  if (before?.step.passkey?.kind === 'create') return ended('no-passkey', told);
  return ended('failed', told);
};
