import { type RecoveryCodes, readRecoveryScript } from './recovery-script.ts';
import { linksOfScript } from './script-text.ts';
import { initialOf, isMessage, isScript, ofType, type Placed, type Step, textOf, textsOf } from './step.ts';

/** What the page shows for a step, with what that screen needs. */
export type Screen =
  | { readonly kind: 'codes'; readonly recovery: RecoveryCodes }
  | { readonly kind: 'setup'; readonly uri: string; readonly exit: Placed | undefined }
  | { readonly kind: 'number'; readonly number: string; readonly exit: Placed | undefined }
  | { readonly kind: 'wait'; readonly exit: Placed | undefined }
  | { readonly kind: 'paused'; readonly millis: number; readonly exit: Placed | undefined }
  | { readonly kind: 'passkey'; readonly outcome: Placed; readonly exit: Placed | undefined }
  | { readonly kind: 'passkey-offer'; readonly confirmation: Placed; readonly goOnIn: number }
  | { readonly kind: 'mail' }
  | {
      readonly kind: 'get-app';
      readonly links: readonly { href: string; label: string }[];
      readonly confirmation: Placed | undefined;
    }
  | { readonly kind: 'options'; readonly confirmation: Placed }
  | { readonly kind: 'device'; readonly profile: Placed }
  | { readonly kind: 'credentials' }
  | { readonly kind: 'recovery'; readonly field: Placed }
  | { readonly kind: 'form' };

/** Steps that show nothing by themselves. */
const silent: ReadonlySet<string> = new Set(['HiddenValueCallback', 'MetadataCallback']);

/**
 * Which screen a step gets: the first rule that fits. Nothing here looks at words of a language, so that an operator may word
 * every node. @see ux.md §2.2
 */
export const screenOfStep = (step: Step, place: { readonly first: boolean }): Screen => {
  const scripts = step.callbacks.filter(isScript).map((it) => textOf(it, 'message'));
  const hidden = ofType(step, 'HiddenValueCallback');
  const confirmations = ofType(step, 'ConfirmationCallback');
  const exit = confirmations[0];

  const recovery = scripts.map(readRecoveryScript).find((it) => it !== undefined);
  if (recovery !== undefined) return { kind: 'codes', recovery };

  const uri = hidden
    .map(({ callback }) => textOf(callback, 'value'))
    .find((it) => /^(pushauth|otpauth|mfauth):\/\//.test(it));
  if (uri !== undefined) return { kind: 'setup', uri, exit };

  // Own types that are no wait for somebody: a field to fill in beside a poll stays a form.
  const asks = step.callbacks.filter((it) => !silent.has(it.type) && !isMessage(it) && !isScript(it));
  const only = (...types: string[]): boolean => asks.length > 0 && asks.every((it) => types.includes(it.type));

  if (ofType(step, 'PollingWaitCallback').length > 0 && only('PollingWaitCallback', 'ConfirmationCallback')) {
    if (step.phone?.pausedFor !== undefined) return { kind: 'paused', millis: step.phone.pausedFor, exit };
    const number = hidden.find(({ callback }) => textOf(callback, 'id') === 'pushChallengeNumber');
    const digits = number === undefined ? '' : textOf(number.callback, 'value').trim();
    return /^\d{1,8}$/.test(digits) ? { kind: 'number', number: digits, exit } : { kind: 'wait', exit };
  }

  const outcome = passkeyOutcomeOf(step);
  if (outcome !== undefined && (asks.length === 0 || only('ConfirmationCallback'))) {
    return { kind: 'passkey', outcome, exit };
  }
  if (ofType(step, 'SuspendedTextOutputCallback').length > 0) return { kind: 'mail' };

  if (only('ConfirmationCallback') || asks.length === 0) {
    const links = scripts.flatMap(linksOfScript);
    if (links.length > 0 && confirmations.length <= 1) return { kind: 'get-app', links, confirmation: exit };
  }
  if (exit !== undefined && only('ConfirmationCallback') && confirmations.length === 1) {
    if (step.passkeyOffer !== undefined) return { kind: 'passkey-offer', confirmation: exit, ...step.passkeyOffer };
    if (textsOf(exit.callback, 'options').length >= 2) return { kind: 'options', confirmation: exit };
  }
  const profile = ofType(step, 'DeviceProfileCallback')[0];
  if (profile !== undefined && asks.length === 1) return { kind: 'device', profile };

  const [name] = ofType(step, 'NameCallback');
  if (name !== undefined && asks.length === 2 && ofType(step, 'PasswordCallback').length === 1)
    return { kind: 'credentials' };
  if (!place.first && name !== undefined && asks.length === 1 && outcome === undefined)
    return { kind: 'recovery', field: name };
  return { kind: 'form' };
};

/** How long a polling step wants us to wait, in milliseconds; `undefined` if it does not poll. */
export const pollDelayOf = (step: Step): number | undefined => {
  const [poll] = ofType(step, 'PollingWaitCallback');
  // Where nothing was sent, nobody will answer.
  if (poll === undefined || step.phone?.pausedFor !== undefined) return undefined;
  // A step that also asks for typing is sent when somebody presses the button, never under their hands.
  if (
    step.callbacks.some(
      (it) => it.input !== undefined && !['HiddenValueCallback', 'ConfirmationCallback'].includes(it.type),
    )
  )
    return undefined;
  const delay = Number(textOf(poll.callback, 'waitTime'));
  return Number.isFinite(delay) && delay > 0 ? Math.min(Math.max(delay, 250), 60_000) : 2_000;
};

/** Whether a Confirmation is an exit beside a wait rather than a question: its input says "nothing chosen". @see journeys-rest.md §3.5 */
export const isExit = ({ callback }: Placed): boolean => Number(initialOf(callback)) === 100;

/** Where what a passkey has come to is to be put, in a step that asks for one, by itself or beside fields: every client knows it by its id. @see spec: webauthn §3 */
export const passkeyOutcomeOf = (step: Step): Placed | undefined =>
  ofType(step, 'HiddenValueCallback').find(({ callback }) => textOf(callback, 'id') === 'webAuthnOutcome');
