import type { Problem } from '../journey.ts';
import type { Screen } from '../screen-of-step.ts';
import type { Answers, Step } from '../step.ts';

/** What every screen gets. */
export interface ScreenProps<Kind extends Screen['kind'] = Screen['kind']> {
  readonly step: Step;
  readonly screen: Extract<Screen, { readonly kind: Kind }>;
  readonly first: boolean;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly username: string;
  readonly realm: string;
  /** Address of the phone in the browser, where the server has one. */
  readonly phone: string | undefined;
  /** When the request to the phone runs out, on the clock of `performance.now()`. */
  readonly until: number | undefined;
  /** A new request has just taken the place of one that ran out. */
  readonly renewed: boolean;
  submit(answers: Answers): void;
  /** The screen has become another one by itself: title and focus are to follow. */
  turned(): void;
}
