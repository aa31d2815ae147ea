import { say } from '../texts/say.ts';
import { type Answers, outputOf, type Step, textOf } from './step.ts';

/** Types whose field may not be left empty: their nodes would only ask again. */
const required: ReadonlySet<string> = new Set([
  'NameCallback',
  'PasswordCallback',
  'ValidatedCreateUsernameCallback',
  'ValidatedCreatePasswordCallback',
]);

/** What a form may not be sent without, in words, by the position of what is to be answered. */
export const missingAnswers = (step: Step, answers: Answers): Readonly<Record<number, string>> =>
  Object.fromEntries(
    step.callbacks.flatMap((callback, position) => {
      const answer = answers[position];
      if (Array.isArray(answer)) return answer.every(isFilled) ? [] : [[position, say('policyRequired')]];
      if (callback.type === 'TermsAndConditionsCallback' && answer !== true) return [[position, say('termsNeeded')]];
      const isNeeded = required.has(callback.type) || outputOf(callback, 'required') === true;
      return isNeeded && answer !== undefined && !isFilled(answer)
        ? [[position, say('required', { field: textOf(callback, 'prompt') })]]
        : [];
    }),
  );

const isFilled = (value: unknown): boolean => typeof value !== 'string' || value.trim() !== '';
