import type { ResendsLeft, Step } from '../step/step.ts';
import type { StepState } from './page-state.ts';

/** When the request may be sent again, by our own clock: a wrong time of the computer changes nothing. */
export const resendFrom = (now: number, resend: ResendsLeft | undefined): number | undefined =>
  resend && now + resend.in;

/** When the request to the phone runs out, and when it may be sent again. */
export const timesOf = (now: number, { phone: awaited }: Step): Pick<StepState, 'until' | 'resendFrom'> => ({
  until: awaited && now + awaited.left,
  resendFrom: resendFrom(now, awaited?.resend),
});
