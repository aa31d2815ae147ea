import { callbackCatalogue, type SentCallback, type SubmittedCallback } from '@assent/engine';
import { isJsonObject, type JsonObject } from './json.ts';

/** More callbacks than any step has (performance.md rule 16). */
export const MOST_CALLBACKS = 50;

/**
 * A callback as AM's REST spells it (spec: journeys-rest §3.1): `output` is always an array, a read-only callback has no
 * `input`, and inputs are named by the 1-based position in the whole step.
 */
export const formatCallback = (sent: SentCallback, position: number): JsonObject => {
  const outputs = callbackCatalogue.get(sent.type)?.outputs ?? [];
  return {
    type: sent.type,
    output: outputs.map(({ name, wire }) => ({
      name,
      value: wire === 'string' ? String(sent.output[name]) : sent.output[name],
    })),
    ...(sent.input && {
      input: Object.entries(sent.input).map(([suffix, value]) => ({ name: `IDToken${position + 1}${suffix}`, value })),
    }),
    ...(sent.pageId !== undefined && { _id: sent.pageId }),
  };
};

const INPUT_NAME = /^IDToken\d{1,3}/;

/** What a client sent back, or why it cannot be read. Output, ids and names beyond the suffix are not looked at. */
export const parseCallbacks = (callbacks: unknown): readonly SubmittedCallback[] | { readonly why: string } => {
  if (!Array.isArray(callbacks)) return { why: 'callbacks is not an array.' };
  if (callbacks.length > MOST_CALLBACKS) return { why: `callbacks has more than ${MOST_CALLBACKS} entries.` };
  const parsed: SubmittedCallback[] = [];
  for (const callback of callbacks) {
    if (!isJsonObject(callback) || typeof callback.type !== 'string') return { why: 'A callback has no type.' };
    const input: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    const given = callback.input;
    for (const entry of Array.isArray(given) ? given : []) {
      if (isJsonObject(entry) && typeof entry.name === 'string' && INPUT_NAME.test(entry.name)) {
        const part = entry.name.replace(INPUT_NAME, '');
        // The first counts: what a client adds behind it cannot take its place (A079).
        if (!(part in input)) input[part] = entry.value;
      }
    }
    parsed.push({ type: callback.type, input });
  }
  return parsed;
};
