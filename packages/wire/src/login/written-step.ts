import type { Presentation, SentCallback } from '@assent/engine';
import type { SubmittedCallback } from '@assent/engine/host';
import { JsonText } from '../json.ts';
import { type WrittenCallbacks, writeCallbacks } from './written-callbacks.ts';

const BEFORE_AUTH_ID = '{"authId":"';
const BEFORE_CALLBACKS = '","callbacks":';
/** What a body ends with that sends back no more than it must. */
const END = '}';

/** A body that needs no parser: the step that was shown with its authId, and what a client has put in. */
export class EchoedStep {
  readonly kind = 'continue';
  readonly authId: string;
  readonly callbacks: readonly SubmittedCallback[];

  constructor(authId: string, callbacks: readonly SubmittedCallback[]) {
    this.authId = authId;
    this.callbacks = callbacks;
  }
}

/** A step as it goes out, with whichever authId. */
export class WrittenStep {
  readonly callbacks: WrittenCallbacks;
  readonly presentation: Presentation;
  /** What of it only our own pages get; undefined where that is nothing. */
  readonly forPages: Readonly<Record<string, unknown>> | undefined;
  readonly #rest: string;

  constructor(callbacks: WrittenCallbacks, { presentation, forPages }: Pick<WrittenStep, 'presentation' | 'forPages'>) {
    const { stage, header, description } = presentation;
    this.callbacks = callbacks;
    this.presentation = presentation;
    this.forPages = forPages;
    this.#rest = membersBehind({
      stage: stage || undefined,
      header: header || undefined,
      description: description || undefined,
    });
  }

  /** The answer; `assent` is what our own pages get besides. An authId is a compact JWS, which needs no escapes. */
  answer(authId: string, assent?: object): JsonText {
    const rest = assent === undefined ? this.#rest : `${this.#rest.slice(0, -1)}${membersBehind({ assent })}`;
    return new JsonText(`${BEFORE_AUTH_ID}${authId}${BEFORE_CALLBACKS}${this.callbacks.text}${rest}`);
  }

  /** What was put in, from a body that sends all of the step back, or no more than its callbacks, from there on. */
  echoIn(body: string, from: number): readonly SubmittedCallback[] | undefined {
    const echo = this.callbacks.echoIn(body, from);
    if (echo === undefined) return undefined;
    const { callbacks, end } = echo;
    const length = body.length - end;
    const isWhole =
      (length === END.length && body.endsWith(END)) || (length === this.#rest.length && body.endsWith(this.#rest));
    return isWhole ? callbacks : undefined;
  }
}

/** Further members of an object, and its end. */
const membersBehind = (members: object): string => {
  const text = JSON.stringify(members);
  return text === '{}' ? END : `,${text.slice(1)}`;
};

const forPagesOf = (callbacks: readonly SentCallback[]): WrittenStep['forPages'] => {
  const members = callbacks.flatMap(({ forPages }) => forPages ?? []);
  return members.length === 0 ? undefined : Object.assign({}, ...members);
};

/** Of steps that are still shown somewhere. */
const writtenSteps = new WeakMap<readonly SentCallback[], WrittenStep>();

/**
 * Writes a step; `stage`, `header` and `description` only where they say something (spec: journeys-rest §1.5). The engine
 * gives the same callbacks where a node shows the same again, so that they are written once.
 */
export const writeStep = (callbacks: readonly SentCallback[], presentation: Presentation): WrittenStep => {
  let step = writtenSteps.get(callbacks);
  if (step?.presentation !== presentation) {
    step = new WrittenStep(step?.callbacks ?? writeCallbacks(callbacks), {
      presentation,
      forPages: step?.forPages ?? forPagesOf(callbacks),
    });
    writtenSteps.set(callbacks, step);
  }
  return step;
};

/** An authId, and the step that went out with it where that is known. */
export interface ShownWith {
  readonly authId: string;
  readonly shown: WrittenStep | undefined;
}

/**
 * Reads a body that is the text of a step that was shown, letter by letter, but for plain values of its inputs. That is what
 * nearly all clients send, and strict JSON (SEC-65) by what it is made of. Undefined for every other body.
 */
export const readEchoedStep = (
  body: string,
  recall: (authId: string) => ShownWith | undefined,
): EchoedStep | undefined => {
  if (!body.startsWith(BEFORE_AUTH_ID)) return undefined;
  const end = body.indexOf('"', BEFORE_AUTH_ID.length);
  if (!body.startsWith(BEFORE_CALLBACKS, end)) return undefined;
  const known = recall(body.slice(BEFORE_AUTH_ID.length, end));
  const callbacks = known?.shown?.echoIn(body, end + BEFORE_CALLBACKS.length);
  return known && callbacks && new EchoedStep(known.authId, callbacks);
};
