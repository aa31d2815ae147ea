import { pollDelayOf, screenOfStep } from '../step/screen-of-step.ts';
import { type Answers, answersStill, isShownAlike, type Step, sameQuestions, sameTypes } from '../step/step.ts';
import type { Call } from './journey-call.ts';
import type { Problem, StepState } from './page-state.ts';

/** A step that has come, as it is to be shown. */
export interface Arrival {
  readonly state: StepState;
  /** What was pressed meanwhile is an answer to this step, too, and goes out now. */
  readonly sendsQueued: boolean;
  /** Nothing on the screen changes; but the authId may be a new one. */
  readonly isUnchanged: boolean;
}

/** How a step that answers `call` takes the place of the one `before`. Time is the caller's to add. */
export const arrivalOf = (
  call: Call,
  step: Step,
  {
    before,
    queued,
    serial,
  }: {
    readonly before: StepState | undefined;
    readonly queued: Answers | undefined;
    readonly serial: number;
  },
): Arrival => {
  const again = call.kind === 'submit' && before !== undefined && sameQuestions(before.step, step);
  const reworded = call.kind === 'reword' && before !== undefined && sameTypes(before.step, step);
  const first =
    call.kind === 'start' ||
    (call.kind === 'resume' && call.first) ||
    (before?.first === true && (reworded || sameQuestions(before.step, step)));
  const screen = screenOfStep(step, { first });

  const ranOut = before?.ranOut === true && !reworded;
  const quiet =
    (call.kind === 'poll' || reworded) && !ranOut && before !== undefined && before.screen.kind === screen.kind;
  const problem: Problem | undefined =
    call.kind === 'start'
      ? call.problem
      : again && pollDelayOf(step) === undefined
        ? { kind: 'answer', message: undefined }
        : reworded
          ? before.problem
          : undefined;

  // An exit pressed meant the question that was on the screen; to another question it is no answer.
  // In another language the same questions have other words, so there the types have to do.
  const sendsQueued = queued !== undefined && quiet && (reworded || answersStill(queued, before.step, step));
  const isUnchanged = quiet && !sendsQueued && !before.busy && isShownAlike(before.step, step);
  const state: StepState = {
    kind: 'step',
    step,
    // An unchanged poll renders nothing.
    screen: isUnchanged ? before.screen : screen,
    serial: quiet ? serial : serial + 1,
    first,
    busy: sendsQueued,
    problem,
    until: undefined,
    resendFrom: undefined,
    ranOut: reworded && before.ranOut,
    renewed: ranOut && call.kind === 'poll' && before?.screen.kind === screen.kind,
  };
  return { state, sendsQueued, isUnchanged };
};
