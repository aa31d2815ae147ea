import type { Ceremony } from '../step/step.ts';
import { credentialAnswer, type GivenCredential } from './credential-answer.ts';
import { type PasskeyProblem, problemOf, UNSUPPORTED } from './passkey-problem.ts';
import { creationOptions, requestOptions } from './public-key-options.ts';

/** What asking has come to; `value` is what `webAuthnOutcome` is to say of it (spec: webauthn §4). */
export type PasskeyEnd =
  | { readonly kind: 'answered'; readonly value: string }
  /** We have ended it ourselves: somebody went another way. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'problem'; readonly problem: PasskeyProblem; readonly value: string };

/** The browser counts the time as well, and a little differently. */
const CLOCKS_DIFFER_MILLIS = 500;

/** The one request of this page (WA-27). */
let open: { readonly controller: AbortController; readonly settled: Promise<unknown> } | undefined;

/** Ends what is asked for now. */
export const endPasskeyRequest = (): void => open?.controller.abort();

/** Whether the browser offers passkeys where a name is filled in. */
export const canFillIn = async (): Promise<boolean> => {
  try {
    return await PublicKeyCredential.isConditionalMediationAvailable();
  } catch {
    return false;
  }
};

/**
 * Asks the browser for a passkey by its own question or, `conditional`, without one: among what it fills in, or to be made by the browser alone.
 * Ends what was asked for before; never throws.
 */
export const askForPasskey = async (ceremony: Ceremony, { conditional = false } = {}): Promise<PasskeyEnd> => {
  if (typeof PublicKeyCredential === 'undefined') {
    return { kind: 'problem', problem: 'unsupported', value: UNSUPPORTED };
  }
  const controller = new AbortController();
  const before = open;
  before?.controller.abort();
  let began = performance.now();
  const asked = (before?.settled ?? Promise.resolve())
    .then(() => (conditional ? undefined : untilInFront(controller.signal)))
    .then(() => {
      began = performance.now();
      return request(ceremony, conditional, controller.signal);
    });
  const mine = { controller, settled: asked.catch(() => undefined) };
  open = mine;
  addEventListener('pagehide', () => controller.abort(), { signal: controller.signal });
  try {
    const credential = await asked;
    if (controller.signal.aborted) return { kind: 'ended' };
    return { kind: 'answered', value: credentialAnswer(credential, nameOf(credential)) };
  } catch (error) {
    if (controller.signal.aborted) return { kind: 'ended' };
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const { timeout } = ceremony.options;
    const isTimeUp = typeof timeout === 'number' && performance.now() - began >= timeout - CLOCKS_DIFFER_MILLIS;
    const problem = problemOf(name, { kind: ceremony.kind, isTimeUp });
    if (problem === undefined) return { kind: 'ended' };
    return { kind: 'problem', problem, value: `ERROR::${name}:${message}` };
  } finally {
    if (open === mine) open = undefined;
    controller.abort();
  }
};

/**
 * Waits until the page is visible and has the focus: browsers refuse a question for a passkey in a background tab, as if the user had
 * closed it. Ends with the request.
 */
const untilInFront = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (signal.aborted || (document.visibilityState === 'visible' && document.hasFocus())) {
        waiting.abort();
        resolve();
      }
    };
    const waiting = new AbortController();
    addEventListener('focus', look, { signal: waiting.signal });
    document.addEventListener('visibilitychange', look, { signal: waiting.signal });
    signal.addEventListener('abort', look, { signal: waiting.signal });
    look();
  });

const request = async (ceremony: Ceremony, conditional: boolean, signal: AbortSignal): Promise<GivenCredential> => {
  signal.throwIfAborted();
  const how = { signal, ...(conditional && { mediation: 'conditional' as const }) };
  const { credentials } = navigator;
  const credential =
    ceremony.kind === 'create'
      ? await credentials.create({ publicKey: creationOptions(ceremony.options), ...how })
      : await credentials.get({ publicKey: requestOptions(ceremony.options), ...how });
  if (credential === null) throw new DOMException('No passkey was given.', 'UnknownError');
  return credential as PublicKeyCredential & GivenCredential;
};

/** One that stays with this device is called by its system; what a key or another phone is called nobody knows here. */
const nameOf = ({ authenticatorAttachment }: GivenCredential): string | undefined => {
  if (authenticatorAttachment !== 'platform') return undefined;
  const { userAgent } = navigator;
  return (/Android|iPhone|iPad|Windows|CrOS/.exec(userAgent) ?? /Mac|Linux/.exec(userAgent))?.[0];
};
