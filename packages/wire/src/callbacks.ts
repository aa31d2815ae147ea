import { callbackCatalogue, type SentCallback, type SubmittedCallback } from '@assent/engine';
import { isJsonObject } from './json.ts';

/** More callbacks than any step has (performance.md rule 16). */
export const MOST_CALLBACKS = 50;

/** One entry of `output` or `input`; a value that JSON has no text for is left out. Names are words of our own catalogue. */
const entry = (name: string, value: unknown): string => {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? `{"name":"${name}"}` : `{"name":"${name}","value":${text}}`;
};

const writeCallback = ({ type, output, input, pageId }: SentCallback, position: number): string => {
  let outputs = '';
  for (const { name, wire } of callbackCatalogue.get(type)?.outputs ?? []) {
    const value = output[name];
    outputs += `${outputs === '' ? '' : ','}${entry(name, wire === 'string' ? String(value) : value)}`;
  }
  let inputs = '';
  for (const suffix in input) {
    inputs += `${inputs === '' ? '' : ','}${entry(`IDToken${position + 1}${suffix}`, input[suffix])}`;
  }
  return (
    `{"type":${JSON.stringify(type)},"output":[${outputs}]` +
    `${input === undefined ? '' : `,"input":[${inputs}]`}${pageId === undefined ? '' : `,"_id":${pageId}`}}`
  );
};

/**
 * Callbacks as AM's REST spells them (spec: journeys-rest §3.1), as JSON: `output` is always an array, a read-only callback has
 * no `input`, and inputs are named by the 1-based position in the whole step.
 */
export const writeCallbacks = (callbacks: readonly SentCallback[]): string => {
  let text = '';
  for (let at = 0; at < callbacks.length; at += 1) {
    text += `${at === 0 ? '' : ','}${writeCallback(callbacks[at] as SentCallback, at)}`;
  }
  return `[${text}]`;
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
