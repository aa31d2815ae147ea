/** Whether this browser can be rung while the page is closed, and whether it may. */
export type RingState = 'impossible' | 'not-asked' | 'denied' | 'possible';

/** Web Push as the phone needs it. */
export interface Ringer {
  state(): RingState;
  /** The subscription as JSON text, made where there is none; undefined where the browser or its owner says no. */
  subscribe(): Promise<string | undefined>;
  unsubscribe(): Promise<void>;
}
