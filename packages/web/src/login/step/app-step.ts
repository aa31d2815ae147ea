import type { Answers, Callback, Step } from './step.ts';

/** Types that an app on a phone answers, which keeps keys; a page has none. */
const ofApps: ReadonlySet<string> = new Set(['DeviceBindingCallback', 'DeviceSigningVerifierCallback']);

const isForApp = ({ type }: Pick<Callback, 'type'>): boolean => ofApps.has(type);

/** What a page answers to them: that it cannot, which is a way of its own in many journeys. @see spec: webauthn §7 */
export const answersInPlaceOfApp = (step: Step): Answers =>
  Object.fromEntries(
    step.callbacks.flatMap((callback, position) => {
      const at = isForApp(callback) ? (callback.input ?? []).findIndex(({ name }) => name.endsWith('clientError')) : -1;
      // What stands before it goes back as it came.
      return at < 0 ? [] : [[position, Object.assign([] as string[], { [at]: 'Unsupported' })]];
    }),
  );
