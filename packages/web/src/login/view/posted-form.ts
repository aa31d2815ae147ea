import type { TextSeal } from '@assent/wire';
import { isLanguage, type Language } from '../../kit/language/language.ts';
import { newDeviceIdentifier } from '../device/device-profile.ts';
import { answersInPlaceOfApp } from '../step/app-step.ts';
import { missingAnswers } from '../step/missing-answers.ts';
import { fieldName, type PostedStep, type Press, presses } from '../step/posted-step.tsx';
import { typedRecoveryCode } from '../step/recovery-script.ts';
import { isExit, screenOfStep } from '../step/screen-of-step.ts';
import { type Answers, type AnswerValue, type Callback, ofType, readStep } from '../step/step.ts';

/** Fields of a form by name. */
export type Fields = Readonly<Record<string, string>>;

/** What a form asks for, or what is wrong with it in a sentence that names the field. */
export type PostedForm =
  | {
      readonly kind: 'press';
      readonly press: Press;
      readonly from: PostedStep | undefined;
      readonly language?: Language;
    }
  | { readonly kind: 'refused'; readonly reason: string };

const needsStep: ReadonlySet<Press> = new Set(['answer', 'check', 'go-on']);

/** Reads the form of a page of ours. Its step is parsed only where `open` finds the seal of this server on it (SEC-94). */
export const readPostedForm = (fields: Fields, open: TextSeal['open']): PostedForm => {
  const press = presses.find((known) => known === (fields.press ?? 'answer'));
  if (press === undefined) return refused('press', `is none of ${presses.join(', ')}`);
  const from = fields.step === undefined ? undefined : readPostedStep(open(fields.step));
  if (fields.step !== undefined && from === undefined) return refused('step', 'is no step of a page of ours');
  if (from === undefined && needsStep.has(press)) return refused('step', 'is missing: it says what is answered');
  const { language } = fields;
  if (press !== 'language') return { kind: 'press', press, from };
  if (language === undefined || !isLanguage(language)) return refused('language', 'is none that this page speaks');
  return { kind: 'press', press, from, language };
};

const refused = (field: string, what: string): PostedForm => ({
  kind: 'refused',
  reason: `The field ${field} ${what}. Open the page again and send its form.`,
});

const readPostedStep = (text: string | undefined): PostedStep | undefined => {
  if (text === undefined) return undefined;
  try {
    const given = JSON.parse(text) as Partial<Record<keyof PostedStep, unknown>> | null;
    const step = readStep(given?.step);
    if (given === null || step === undefined) return undefined;
    const { first, username, language } = given;
    return {
      step,
      first: first === true,
      username: typeof username === 'string' ? username : '',
      ...(typeof language === 'string' && isLanguage(language) && { language }),
    };
  } catch {
    return undefined;
  }
};

/** The answers that a form has for its step, and what is missing in them where no way out was chosen. */
export const answersOfForm = (
  { step, first }: PostedStep,
  fields: Fields,
): { readonly answers: Answers; readonly missing: Readonly<Record<number, string>> } => {
  const isRecovery = screenOfStep(step, { first }).kind === 'recovery';
  const answers: Record<number, AnswerValue | readonly AnswerValue[]> = { ...answersInPlaceOfApp(step) };
  step.callbacks.forEach((callback, position) => {
    const answer = answerTo(callback, position, fields);
    if (answer !== undefined)
      answers[position] = isRecovery && typeof answer === 'string' ? typedRecoveryCode(answer) : answer;
  });
  const [confirmation] = ofType(step, 'ConfirmationCallback');
  const choice = Number(fields.choice ?? Number.NaN);
  const isChoice = confirmation !== undefined && Number.isInteger(choice);
  if (isChoice) answers[confirmation.position] = choice;
  const isElsewhere = step.callbacks.some(
    ({ type }, position) => type === 'SelectIdPCallback' && answers[position] !== undefined,
  );
  // A way out needs no answers.
  const isWayOut = isElsewhere || (isChoice && (choice > 0 || isExit(confirmation)));
  return { answers, missing: isWayOut ? {} : missingAnswers(step, answers) };
};

/** Ticks, which a form leaves out where there is none. */
const ticked: ReadonlySet<string> = new Set([
  'BooleanAttributeInputCallback',
  'ConsentMappingCallback',
  'TermsAndConditionsCallback',
]);

const answerTo = (
  { type }: Callback,
  position: number,
  fields: Fields,
): AnswerValue | readonly AnswerValue[] | undefined => {
  const value = fields[fieldName(position)];
  if (ticked.has(type)) return value !== undefined;
  if (type === 'DeviceProfileCallback') return JSON.stringify({ identifier: newDeviceIdentifier() });
  if (type === 'ChoiceCallback') return value === undefined ? undefined : Number(value);
  if (type === 'KbaCreateCallback') {
    const question = fields[fieldName(position, 0)] || fields[fieldName(position, 'own')];
    const answer = fields[fieldName(position, 1)];
    return question === undefined && answer === undefined ? undefined : [question ?? '', answer ?? ''];
  }
  return value;
};
