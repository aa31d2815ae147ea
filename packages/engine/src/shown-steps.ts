import type { SentCallback } from './callbacks/callback.ts';
import type { Presentation } from './node-definition.ts';

/** What a step showed. */
export interface ShownStep {
  readonly sent: readonly SentCallback[];
  readonly presentation: Presentation;
}

/** Steps are asked for again and again, by polls above all; a flood of others only empties what is remembered. */
const MOST_REMEMBERED = 512;
const remembered = new Map<string, ShownStep>();

const remember = (text: string, step: ShownStep): ShownStep => {
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(text, step);
  return step;
};

/** JSON text of a step, on one line, and the step that {@link readShownStep} gives for it. */
export const writeShownStep = ({
  sent,
  presentation,
}: ShownStep): { readonly text: string; readonly step: ShownStep } => {
  const text = JSON.stringify({ sent, presentation });
  return { text, step: remembered.get(text) ?? remember(text, { sent, presentation }) };
};

/** The step of a text; the same text gives the same objects, which nobody changes, for as long as they are remembered. */
export const readShownStep = (text: string): ShownStep =>
  remembered.get(text) ?? remember(text, JSON.parse(text) as ShownStep);
