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
/** What each node showed last: most show everybody the same. */
const lastShown = new Map<string, WrittenStep>();

const remember = <V>(memory: Map<string, V>, key: string, value: V): V => {
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  memory.set(key, value);
  return value;
};

/** The JSON text of a step that a node shows; none is made where the node showed the same before. */
export const writeShownStep = (nodeId: string, { sent, presentation }: ShownStep): WrittenStep => {
  const last = lastShown.get(nodeId);
  if (last !== undefined && sameMembers(last.step.sent, sent) && sameMembers(last.step.presentation, presentation))
    return last;
  const text = JSON.stringify({ sent, presentation });
  const step = remembered.get(text) ?? remember(remembered, text, { sent, presentation });
  return remember(lastShown, nodeId, { text, step });
};

/** The step of a text; the same text gives the same objects, which nobody changes, for as long as they are remembered. */
export const readShownStep = (text: string): ShownStep =>
  remembered.get(text) ?? remember(remembered, text, JSON.parse(text) as ShownStep);
