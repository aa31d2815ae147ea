import type { Callback, Step } from '../step/step.ts';

/** What the control of one callback gets. Controls keep their own value; the form reads them when it is sent. */
export interface ControlProps {
  readonly callback: Callback;
  readonly position: number;
  readonly step: Step;
  readonly first: boolean;
  readonly busy: boolean;
  /** What is wrong with the value. */
  readonly error: string | undefined;
  readonly username: string;
  /** Sends the form with this answer to the callback: for controls that are buttons. */
  answer(value: string): void;
}
