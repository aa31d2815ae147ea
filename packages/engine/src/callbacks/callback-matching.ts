import { JourneyError } from '../model/errors.ts';
import type { CallbackAnswer, SentCallback } from './callback.ts';
import { callbackCatalogue, SCRIPT_MESSAGE, textOutputCallback } from './catalogue.ts';

/** A callback as a client sent it back: only the type and the input values are believed (SEC-40). */
export interface SubmittedCallback {
  readonly type: string;
  /** By suffix after `IDToken<n>`; the main input has the suffix ''. */
  readonly input: Readonly<Record<string, unknown>>;
}

const NO_VALUES: CallbackAnswer = Object.freeze({});

/** A text that holds a script for browsers. It takes no answer. */
const isScript = ({ type, output }: SentCallback): boolean =>
  type === textOutputCallback.type && output.messageType === SCRIPT_MESSAGE;

/**
 * Matches by position and type, and checks each value; nothing that the client says of the output is read.
 * The mobile SDKs cannot run scripts and leave all of them out of what they post, so a submit has either all scripts or none.
 */
export const matchCallbacks = (
  sent: readonly SentCallback[],
  submitted: readonly SubmittedCallback[],
): readonly CallbackAnswer[] => {
  const hasAll = submitted.length === sent.length;
  const expected = hasAll ? sent : sent.filter((callback) => !isScript(callback));
  if (submitted.length !== expected.length) {
    throw new JourneyError('CALLBACK_COUNT', { expected: sent.length, received: submitted.length });
  }
  const answers = checkedAnswers(expected, submitted);
  let next = 0;
  return hasAll ? answers : sent.map((callback) => (isScript(callback) ? undefined : answers[next++]) ?? NO_VALUES);
};

const checkedAnswers = (
  expected: readonly SentCallback[],
  submitted: readonly SubmittedCallback[],
): readonly CallbackAnswer[] =>
  expected.map((callback, position) => {
    const received = submitted[position];
    if (received?.type !== callback.type) {
      throw new JourneyError('CALLBACK_TYPE', {
        position,
        expected: callback.type,
        received: String(received?.type).slice(0, 64),
      });
    }
    return checkedAnswer(callback, received, position);
  });

const checkedAnswer = (callback: SentCallback, received: SubmittedCallback, position: number): CallbackAnswer => {
  const answer = Object.create(null) as Record<string, unknown>;
  for (const [suffix, schema] of callbackCatalogue.get(callback.type)?.inputs ?? []) {
    const given = Object.hasOwn(received.input, suffix) ? received.input[suffix] : undefined;
    const own = callback.input?.[suffix];
    // What we have put in ourselves, such as an attribute of the user, is no longer than what is stored already.
    if (typeof own === 'string' && given === own) {
      answer[suffix] = own;
      continue;
    }
    const value = schema.safeParse(given ?? (suffix === '' ? undefined : own));
    if (!value.success) {
      const [issue] = value.error.issues;
      const reason = issue?.message ?? 'not accepted';
      const longest = issue?.code === 'too_big' && issue.origin === 'string' ? Number(issue.maximum) : undefined;
      throw new JourneyError('CALLBACK_VALUE', {
        position,
        type: callback.type,
        reason,
        ...(longest !== undefined && { longest }),
      });
    }
    answer[suffix] = value.data;
  }
  const options = callback.output.options;
  if (callback.type === 'ConfirmationCallback' && Array.isArray(options)) {
    const index = answer[''] as number;
    // The initial value stands for "not pressed"; anything else must be a button that was shown.
    if (index !== callback.input?.[''] && (index < 0 || index >= options.length)) {
      throw new JourneyError('CALLBACK_VALUE', {
        position,
        type: callback.type,
        reason: `There is no option ${index}.`,
      });
    }
  }
  return answer;
};
