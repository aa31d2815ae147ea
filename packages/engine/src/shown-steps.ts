import type { SentCallback } from './callbacks/callback.ts';
import type { Presentation } from './node-definition.ts';
import { sameMembers } from './same-json.ts';

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

/** Steps are asked for again and again, by polls above all; a flood of others only empties what is remembered. */
const MOST_REMEMBERED = 512;
const remembered = new Map<string, ShownStep>();
/** What each node showed last, and its text where it was written: most show everybody the same. */
const lastShown = new Map<string, { step: ShownStep; text: string | undefined }>();

const remember = <V>(memory: Map<string, V>, key: string, value: V): V => {
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  memory.set(key, value);
  return value;
};

const lastOf = (nodeId: string, shown: ShownStep) => {
  const last = lastShown.get(nodeId);
  return last !== undefined &&
    sameMembers(last.step.sent, shown.sent) &&
    sameMembers(last.step.presentation, shown.presentation)
    ? last
    : remember(lastShown, nodeId, { step: shown, text: undefined });
};

/** The same step, as the objects that the node showed before where it shows the same again. */
export const sharedStep = (nodeId: string, shown: ShownStep): ShownStep => lastOf(nodeId, shown).step;

/** The JSON text of a step that a node shows; none is made where the node showed the same before. */
export const writeShownStep = (nodeId: string, shown: ShownStep): WrittenStep => {
  const last = lastOf(nodeId, shown);
  if (last.text === undefined) {
    last.text = JSON.stringify({ sent: shown.sent, presentation: shown.presentation });
    last.step = remembered.get(last.text) ?? remember(remembered, last.text, shown);
  }
  return { text: last.text, step: last.step };
};

/** The step of a text; the same text gives the same objects, which nobody changes, for as long as they are remembered. */
export const readShownStep = (text: string): ShownStep =>
  remembered.get(text) ?? remember(remembered, text, JSON.parse(text) as ShownStep);
