import { LRUCache } from 'lru-cache';
import type { SentCallback } from '../callbacks/callback.ts';
import type { Presentation } from '../node/action.ts';

/** What a step showed. */
export interface ShownStep {
  readonly sent: readonly SentCallback[];
  readonly presentation: Presentation;
}

export interface WrittenStep {
  /** On one line. */
  readonly text: string;
  /** The step that {@link readShownStep} gives for the text. */
  readonly step: ShownStep;
}

const BYTES_OF_CHARACTER = 2;

/**
 * Steps by their text, bounded by bytes (REL-14): most nodes show everybody the same, and a poll asks for one step again and
 * again. What is sent of a step is written once for each of these objects. Without this cache each request parses and writes
 * its step again.
 */
const steps = new LRUCache<string, ShownStep>({
  maxSize: 16 * 1_024 * 1_024,
  sizeCalculation: (_step, text) => BYTES_OF_CHARACTER * 3 * text.length,
});

/** Nobody is shown the same again, so that it would only take the place of what others are shown. */
const isOfOneVisit = ({ sent }: ShownStep): boolean => sent.some(({ forPages }) => forPages !== undefined);

/** The step of a text; the same text gives the same objects, which nobody changes, for as long as they are cached. */
export const readShownStep = (text: string): ShownStep => {
  let step = steps.get(text);
  if (step === undefined) {
    step = JSON.parse(text) as ShownStep;
    if (!isOfOneVisit(step)) steps.set(text, step);
  }
  return step;
};

export const writeShownStep = ({ sent, presentation }: ShownStep): WrittenStep => {
  const text = JSON.stringify({ sent, presentation });
  return { text, step: readShownStep(text) };
};
