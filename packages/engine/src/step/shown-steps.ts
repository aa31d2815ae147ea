import type { SentCallback } from '../callbacks/callback.ts';
import { BoundedCache, bytesOfText } from '../model/bounded-cache.ts';
import type { Presentation } from '../node/action.ts';
import { sameMembers } from '../state/same-json.ts';

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
const remembered = new BoundedCache<ShownStep>(8 * 1_024 * 1_024);
/** What each node showed last: most show everybody the same. */
const lastShown = new BoundedCache<WrittenStep>(8 * 1_024 * 1_024);

const remember = (text: string, step: ShownStep): ShownStep => {
  remembered.put(text, step, bytesOfText(text));
  return step;
};

const lastOf = (nodeId: string, shown: ShownStep): WrittenStep => {
  const last = lastShown.get(nodeId);
  if (
    last !== undefined &&
    sameMembers(last.step.sent, shown.sent) &&
    sameMembers(last.step.presentation, shown.presentation)
  ) {
    return last;
  }
  const text = JSON.stringify({ sent: shown.sent, presentation: shown.presentation });
  const written = { text, step: remembered.get(text) ?? remember(text, shown) };
  lastShown.put(nodeId, written, bytesOfText(text));
  return written;
};

/** The same step, as the objects that the node showed before where it shows the same again. */
export const sharedStep = (nodeId: string, shown: ShownStep): ShownStep => lastOf(nodeId, shown).step;

/** The JSON text of a step that a node shows; none is made where the node showed the same before. */
export const writeShownStep = (nodeId: string, shown: ShownStep): WrittenStep => lastOf(nodeId, shown);

/** The step of a text; the same text gives the same objects, which nobody changes, for as long as they are remembered. */
export const readShownStep = (text: string): ShownStep =>
  remembered.get(text) ?? remember(text, JSON.parse(text) as ShownStep);
