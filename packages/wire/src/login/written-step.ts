import type { Presentation, SentCallback } from '@assent/engine';
import { JsonText } from '../json.ts';
import { writeCallbacks } from './written-callbacks.ts';

const BEFORE_AUTH_ID = '{"authId":"';
const BEFORE_CALLBACKS = '","callbacks":';
const END = '}';

/** A step as it goes out, with whichever authId. */
export class WrittenStep {
  /** As JSON, without white space. */
  readonly callbacks: string;
  readonly presentation: Presentation;
  /** What of it only our own pages get; undefined where that is nothing. */
  readonly forPages: Readonly<Record<string, unknown>> | undefined;
  readonly #rest: string;

  constructor(callbacks: string, { presentation, forPages }: Pick<WrittenStep, 'presentation' | 'forPages'>) {
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
    return new JsonText(`${BEFORE_AUTH_ID}${authId}${BEFORE_CALLBACKS}${this.callbacks}${rest}`);
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
