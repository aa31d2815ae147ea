import type { PushTrace, TracedStep } from './push-traces.ts';

const WORDS: Readonly<Record<TracedStep['step'], string>> = {
  queued: 'The request was committed, and is to be sent.',
  fetchable: 'The request was committed, and waits for the phone to fetch it.',
  takenOver: 'Another instance has taken the message over.',
  deferred: 'The provider cannot take it now; it is tried again.',
  sent: 'The provider has accepted the message.',
  failed: 'The message was not delivered.',
  unreachable: 'The message was not sent: the address of the phone is dead.',
  addressDead: 'The provider refused the address of the phone as dead.',
  shown: 'The phone has fetched and shown the request.',
  approved: 'The phone has approved it.',
  denied: 'The phone has denied it.',
  consumed: 'The sign-in has taken the answer.',
  expired: 'Nobody answered in time.',
  closed: 'The request was closed without an answer.',
};

const CLOSED: Readonly<Record<string, string>> = {
  withdrawn: 'The request was withdrawn: another phone has answered.',
  superseded: 'The request was withdrawn: a newer sign-in from the same place has taken its place.',
  suppressed: 'Nothing was sent: too many requests were sent or refused.',
  removed: 'The request was withdrawn: the phone was removed.',
  exit: 'The sign-in was cancelled in the browser.',
  attempts: 'The request was closed: the phone has proven itself with a wrong key five times.',
  undelivered: 'The request was closed: no phone could be sent to.',
};

/** What happened, in one sentence. */
export const stepInWords = ({ step, cause = '' }: TracedStep): string => {
  if (step === 'closed') return CLOSED[cause] ?? WORDS.closed;
  return cause === '' ? WORDS[step] : `${WORDS[step].slice(0, -1)} (${cause}).`;
};

/** What to do about a cause of a failure: words of ours, of which each has one way to go on. */
const REMEDIES: Readonly<Record<string, string>> = {
  NoTransport: 'The realm has no service for phones of this kind: assent doctor names the setting.',
  BreakerOpen: 'The provider is down and left alone for half a minute: assent doctor asks whether it is back.',
  TooLate: 'The message waited too long for an instance to send it: look whether all instances run.',
};

/** The next thing to try, for whoever is asked why nothing has arrived. */
export const whatToDo = ({ steps }: Pick<PushTrace, 'steps'>): string => {
  const has = (...wanted: readonly TracedStep['step'][]) => steps.some(({ step }) => wanted.includes(step));
  if (has('consumed')) return 'Nothing: the answer arrived, and the sign-in has taken it.';
  if (has('denied')) return 'Ask the user whether they have denied it, or given another number.';
  if (has('approved')) return 'The answer arrived: let the user look at the browser that waits, or sign in again.';
  if (has('unreachable', 'addressDead')) {
    return 'The provider refused the address: the phone must open the app once. Then sign in again.';
  }
  const failed = steps.findLast(({ step }) => step === 'failed');
  if (failed !== undefined) {
    return (
      REMEDIES[failed.cause ?? ''] ??
      'The provider refused the message: assent doctor asks the provider, and names the setting.'
    );
  }
  if (has('closed')) return 'Sign in again, and answer the newest request.';
  if (has('shown')) return 'The phone has shown it: let the user open the app and look there.';
  if (has('sent')) {
    return 'The provider has it: let the user look whether the phone is online, and allows notifications of the app.';
  }
  if (has('fetchable')) return 'The phone fetches its requests: let the user open it.';
  return 'Wait a moment and ask again; if nothing changes, run assent doctor.';
};
