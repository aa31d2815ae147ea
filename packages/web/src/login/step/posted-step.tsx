import type { Language } from '../../kit/language/language.ts';
import type { Step } from './step.ts';

/** Id of the form by which a browser without our script sends what is answered. @see ux.md §2.9 */
export const stepForm = 'step';

/** What a form brings back of the step that it answers, sealed by the server. */
export interface PostedStep {
  readonly step: Step;
  readonly first: boolean;
  /** The name that was typed before. */
  readonly username: string;
  /** What was chosen on the page: its address may still ask for another one. */
  readonly language?: Language | undefined;
}

/** The name of the field that answers a callback, or a part of its answer. */
export const fieldName = (position: number, part?: number | 'own'): string =>
  part === undefined ? `answer-${position}` : `answer-${position}-${part}`;

/** What a button of the page asks for; `answer` is what a form without such a button asks for, too. */
export const presses = ['answer', 'over', 'another', 'check', 'go-on', 'language'] as const;
export type Press = (typeof presses)[number];

/** Says so as a button of the form. */
export const pressed = { form: stepForm, name: 'press' } as const;

/**
 * The step, as its form brings it back. It is there only where the server has rendered the page: a script keeps the step itself.
 * It stands last, so that the script finds everything else in its place and moves nothing, which would take the cursor away.
 */
export const PostedField = ({ posted }: { readonly posted: string | undefined }) =>
  posted === undefined ? null : <input type="hidden" name="step" value={posted} />;
