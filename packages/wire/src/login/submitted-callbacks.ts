import type { SubmittedCallback } from '@assent/engine/host';
import { isJsonObject } from '../json.ts';

/** More callbacks than any step has (performance.md rule 16). */
export const MAX_CALLBACKS = 50;

const INPUT_NAME = /^IDToken\d{1,3}/;

/** What a client sent back, or why it cannot be read. Output, ids and names beyond the suffix are not looked at. */
export const parseCallbacks = (callbacks: unknown): readonly SubmittedCallback[] | { readonly reason: string } => {
  if (!Array.isArray(callbacks)) return { reason: 'callbacks is not an array.' };
  if (callbacks.length > MAX_CALLBACKS) return { reason: `callbacks has more than ${MAX_CALLBACKS} entries.` };
  const parsed: SubmittedCallback[] = [];
  for (const callback of callbacks) {
    // One mobile SDK leaves an empty object where it leaves a callback out.
    if (isJsonObject(callback) && Object.keys(callback).length === 0) continue;
    if (!isJsonObject(callback) || typeof callback.type !== 'string') return { reason: 'A callback has no type.' };
    const input: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    const given = callback.input;
    for (const sent of Array.isArray(given) ? given : []) {
      if (isJsonObject(sent) && typeof sent.name === 'string' && INPUT_NAME.test(sent.name)) {
        const part = sent.name.replace(INPUT_NAME, '');
        // The first counts: what a client adds behind it cannot take its place (A079).
        if (!(part in input)) input[part] = sent.value;
      }
    }
    parsed.push({ type: callback.type, input });
  }
  return parsed;
};
