import type { QrCode } from '@assent/wire';
import type { ResendAnswer } from '../journey/journey-client.ts';
import type { Problem } from '../journey/page-state.ts';
import type { Screen } from '../step/screen-of-step.ts';
import type { Answers, Step } from '../step/step.ts';

/** What every screen gets. */
export interface ScreenProps<Kind extends Screen['kind'] = Screen['kind']> {
  readonly step: Step;
  readonly screen: Extract<Screen, { readonly kind: Kind }>;
  readonly first: boolean;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly username: string;
  /** What was missing in the answers that a form has sent, by position. */
  readonly errors: Readonly<Record<number, string>>;
  /** The sealed step that its form is to bring back; only where the server renders the screen. */
  readonly posted: string | undefined;
  readonly realm: string;
  /** Address of the phone in the browser, where the server has one. */
  readonly phone: string | undefined;
  /** The setup code as a picture; only where the server renders the screen. */
  readonly qr: QrCode | undefined;
  /** When the request to the phone runs out, on the clock of `performance.now()`. */
  readonly until: number | undefined;
  /** When the same request may be sent again, on the same clock; absent where it may not. */
  readonly resendFrom: number | undefined;
  /** A new request has just taken the place of one that ran out. */
  readonly renewed: boolean;
  submit(answers: Answers): void;
  sendAgain(): Promise<ResendAnswer['kind']>;
  /** The screen has become another one by itself: title and focus are to follow. */
  turned(): void;
}
