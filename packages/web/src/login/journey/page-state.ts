import type { Screen } from '../step/screen-of-step.ts';
import type { Step } from '../step/step.ts';

/** Why a page stopped. @see ux.md §2.6 */
export type End =
  | 'locked'
  | 'failed'
  /** As `failed`, for a user who is signed in and stays so. */
  | 'unfinished'
  | 'request'
  | 'denied'
  | 'number'
  | 'no-answer'
  | 'withdrawn'
  | 'codes'
  | 'setup'
  | 'setup-refused'
  | 'setup-failed'
  | 'no-passkey'
  | 'away'
  | 'no-journey'
  | 'fault'
  | 'gone';

/** What is wrong with the answer that was just sent; `message` is the server's own text, if it has one. */
export interface Problem {
  readonly kind: 'credentials' | 'answer';
  readonly message: string | undefined;
}

/** A step of the journey on the screen. */
export interface StepState {
  readonly kind: 'step';
  readonly step: Step;
  readonly screen: Screen;
  /** Grows when another screen appears: then focus moves and fields are new. */
  readonly serial: number;
  readonly first: boolean;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  /** When the request to the phone runs out, by the clock of the journey; `undefined` if the server does not tell. */
  readonly until: number | undefined;
  /** When the same request may be sent again; absent where it may not. */
  readonly resendFrom?: number | undefined;
  /** It has run out: nothing is sent before somebody asks for a new one. @see ux.md §0.3 */
  readonly ranOut: boolean;
  /** A new request has taken the place of the one that was on the screen. */
  readonly renewed: boolean;
  /** What was missing in the answers that a form has sent to the server, by position. A script keeps such answers back. */
  readonly errors?: Readonly<Record<number, string>>;
}

/** Where the page stops. */
export interface EndState {
  readonly kind: 'end';
  readonly end: End;
  readonly message: string | undefined;
  readonly reference: string | undefined;
  readonly failureUrl: string | undefined;
  /** The phone that was meant. */
  readonly device: string | undefined;
  /** The browser has a session that the failed journey has not ended. */
  readonly isSignedIn?: boolean;
}

/** What the page shows. */
export type PageState =
  | { readonly kind: 'loading' }
  | StepState
  | { readonly kind: 'signed-in'; readonly name: string | undefined; readonly successUrl: string | undefined }
  | { readonly kind: 'success'; readonly successUrl: string | undefined }
  | EndState;

/** The page at an end: nothing more than its reason is known unless it is `told`. */
export const ended = (end: End, told: Partial<Omit<EndState, 'kind' | 'end'>> = {}): EndState => ({
  kind: 'end',
  end,
  message: undefined,
  reference: undefined,
  failureUrl: undefined,
  device: undefined,
  ...told,
});

/** How the connection is; all but `fine` is told to the person. */
export type Connection =
  | { readonly kind: 'fine' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'busy'; readonly for: number };

/** What the server has rendered: the page goes on from there instead of asking for it again. */
export interface RenderedState {
  readonly state: PageState;
  readonly connection: Connection;
  /** The name that was typed; empty before that. */
  readonly username: string;
}
